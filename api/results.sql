-- Results of surveys: a page that the worker made (src/worker/results.sql), and how it came about.

-- name: survey_results
-- lane: read
-- $1 org uuid  $2 id uuid  $3 by text  $4 now timestamptz  $5 is_staff bool
SELECT CASE
        WHEN NOT v.is_public AND NOT $5 THEN 'results_not_published'
        WHEN p.body IS NULL AND $3 <> '' AND r.at IS NOT NULL THEN 'unknown_breakdown'
        WHEN p.body IS NULL THEN 'results_not_ready' END AS _problem,
    CASE WHEN NOT v.is_public AND NOT $5
         THEN jsonb_build_object('state', t.state, 'closes_at', json_instant(s.closes_at)) END AS _detail,
    s.id AS survey_id, s.number, s.kind, s.title_fa, s.title_en, t.state,
    s.opens_at AS "opens_at opens_on_jalali", s.closes_at AS "closes_at closes_on_jalali",
    r.at AS "counted_at counted_on_jalali", NOT r.is_final AS is_preliminary,
    jsonb_build_object('mode', s.mode, 'anonymised', s.is_anonymised, 'least_group', s.least_group,
        'discarded', (SELECT count(*) FROM survey_response d WHERE d.survey_id = s.id AND d.discarded_at IS NOT NULL),
        'discard_reasons', (SELECT coalesce(jsonb_agg(DISTINCT d.discard_reason), '[]') FROM survey_response d
                            WHERE d.survey_id = s.id AND d.discarded_at IS NOT NULL),
        'versions', (SELECT coalesce(jsonb_agg(jsonb_build_object('version', n.n, 'changelog', n.changelog,
                                'since', json_instant(n.frozen_at)) ORDER BY n.n), '[]')
                     FROM survey_version n WHERE n.survey_id = s.id AND n.frozen_at IS NOT NULL))
        || survey_declared(s.mode, s.is_anonymised) AS method,
    p.body AS "*", survey_turns_at(s.state, s.opens_at, s.closes_at, $4) AS _until
FROM survey s
CROSS JOIN LATERAL (SELECT survey_state(s.state, s.opens_at, s.closes_at, $4) AS state) t
CROSS JOIN LATERAL (SELECT t.state IN ('results_published', 'archived') AND s.published_at IS NOT NULL
                           OR s.results_visibility = 'live' AND t.state IN ('running', 'paused', 'ended') AS is_public) v
LEFT JOIN survey_result r ON r.survey_id = s.id
LEFT JOIN survey_result_page p ON p.survey_id = s.id AND p.by_question = $3
WHERE s.id = $2 AND s.org_id = $1 AND s.scheduled_at IS NOT NULL;
