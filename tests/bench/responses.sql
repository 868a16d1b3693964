-- What results are measured on: a survey that has ended, and COUNT responses to it that nobody has counted yet.
INSERT INTO survey (id, org_id, number, kind, title_fa, introduction_fa, mode, is_anonymised, state, opens_at, closes_at,
    created_at, updated_at, scheduled_at, published_at)
SELECT md5('results')::uuid, id, 'B-results', 'satisfaction', 'رضایت شهروندان', 'چند پرسش کوتاه', 'device', true,
    'results_published', t.begun, t.ended, t.begun, t.ended, t.begun, t.ended
FROM organisation, (SELECT now() - interval '20 days' AS begun, now() - interval '1 day' AS ended) t WHERE slug = 'isfahan';
INSERT INTO survey_version (survey_id, n, questions, created_at, frozen_at)
SELECT md5('results')::uuid, 1, json_agg(q.question || jsonb_build_object('title_fa', 'پرسش') || CASE
        WHEN q.question ->> 'type' IN ('single', 'multiple') THEN jsonb_build_object('options',
            (SELECT jsonb_agg(jsonb_build_object('id', 'o' || k, 'title_fa', 'گزینهٔ ' || k)) FROM generate_series(0, 5) k))
        ELSE '{}' END), now(), now()
FROM jsonb_array_elements('[{"id": "rating", "type": "rating", "required": true}, {"id": "nps", "type": "nps"},
    {"id": "age", "type": "single"}, {"id": "unit", "type": "single"}, {"id": "ways", "type": "multiple"},
    {"id": "word", "type": "short_text"}]') q(question);
INSERT INTO survey_response (survey_id, id, version, day, source, answers)
SELECT md5('results')::uuid, gen_random_uuid(), 1, current_date - 2, 'web', jsonb_build_object('rating', 1 + n % 5,
    'nps', n / 7 % 11, 'age', 'o' || n / 3 % 6, 'unit', 'o' || n / 11 % 6,
    'ways', ARRAY['o' || n / 5 % 3, 'o' || 3 + n / 13 % 3], 'word', 'صف طولانی بود ' || n)
FROM generate_series(1, COUNT) n;
VACUUM ANALYZE survey_response;
