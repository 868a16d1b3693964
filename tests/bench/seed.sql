-- What the bench runs on: 200 open drafts of Isfahan, 100 000 published comments, half of them on one hot draft.
INSERT INTO draft (id, org_id, number, kind, title, summary, state, version, public_version, round, opens_at, closes_at,
    promised, created_at, updated_at, published_at)
SELECT md5('draft' || n)::uuid, o.id, '1405-' || lpad(n::text, 7, '0'), 'directive',
    'دستورالعمل شمارهٔ ' || n || ' دربارهٔ فضای سبز', repeat('خلاصهٔ پیش‌نویس برای اظهارنظر همگان. ', 4), 'published', 1, 1, 1,
    now() - interval '1 day', now() + interval '300 days',
    '{"unit": "days", "length": 7, "promise": "I3", "least_closes_at": "2026-01-01T00:00:00Z"}',
    now() - interval '2 days', now() - interval '1 day', now() - interval '1 day'
FROM generate_series(1, 200) n, organisation o WHERE o.slug = 'isfahan';

INSERT INTO draft_version (draft_id, n, clauses, clause_ids, created_at, frozen_at)
SELECT md5('draft' || n)::uuid, 1, (SELECT json_agg(json_build_object('id', 'c' || k, 'heading', 'ماده ' || k,
        'text', repeat('شهرداری موظف است از فضای سبز نگهداری کند. ', 3))) FROM generate_series(1, 5) k),
    ARRAY['c1', 'c2', 'c3', 'c4', 'c5'],
    now() - interval '2 days', now() - interval '1 day'
FROM generate_series(1, 200) n;

INSERT INTO comment (id, org_id, draft_id, draft_version, clause_id, number, text, position, audience, state, is_late,
    received_at, updated_at, campaign_id, tracking_hash, request_digest)
SELECT gen_random_uuid(), o.id, md5('draft' || CASE WHEN n % 2 = 0 THEN 1 ELSE n % 200 + 1 END)::uuid, 1, 'c' || n % 5 + 1,
    '1405-' || lpad((1000 + n)::text, 7, '0'), 'نظر شمارهٔ ' || n || ': ' || repeat('این ماده باید روشن‌تر نوشته شود. ', 3),
    (ARRAY['for', 'against', 'neutral'])[n % 3 + 1], 'citizen', 'published', false,
    now() - interval '20 hours' + n * interval '100 ms', now(), md5('campaign' || n)::uuid,
    substr(sha256(n::text::bytea), 1, 16), sha256(n::text::bytea)
FROM generate_series(1, 100000) n, organisation o WHERE o.slug = 'isfahan';

UPDATE draft SET updated_at = updated_at; -- shows the versions to the public

-- One survey that everybody answers.
INSERT INTO survey (id, org_id, number, kind, title_fa, introduction_fa, mode, is_anonymised, state, opens_at, closes_at,
    created_at, updated_at, scheduled_at)
SELECT md5('survey')::uuid, id, '1405-0000000', 'visitor', 'نظرسنجی از ارباب رجوع', 'چند پرسش کوتاه', 'device', true, 'scheduled',
    now() - interval '1 day', now() + interval '300 days', now(), now(), now()
FROM organisation WHERE slug = 'isfahan';
INSERT INTO survey_version (survey_id, n, questions, created_at, frozen_at)
VALUES (md5('survey')::uuid, 1, '[{"id": "rating", "type": "rating", "title_fa": "امتیاز", "required": true},
    {"id": "reason", "type": "single", "title_fa": "چرا؟", "options": [{"id": "time", "title_fa": "زمان"},
        {"id": "manner", "title_fa": "برخورد"}], "show_if": {"question": "rating", "lte": 3}},
    {"id": "word", "type": "short_text", "title_fa": "در یک کلمه"}]', now(), now());

SELECT setval('case_number', 2000000);
VACUUM ANALYZE;
