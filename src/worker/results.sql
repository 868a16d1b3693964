-- Results of surveys: responses are taken in by batches, and pages are made of what was counted (results.c).

-- name: results_pass
-- lane: write
-- One survey at a time, any that is due, so that a busy one does not hold up the others: a batch of it is taken in; where
-- none may be, pages may still have to be made. While people answer, a batch is a full one or two seconds' worth: pages
-- cost the same for few responses as for many.
WITH t AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
begun AS (
    INSERT INTO survey_result (survey_id)
    SELECT s.id FROM survey s CROSS JOIN t
    WHERE s.scheduled_at IS NOT NULL AND s.opens_at <= t.now
      AND NOT EXISTS (SELECT FROM survey_result r WHERE r.survey_id = s.id)
    ON CONFLICT DO NOTHING
    RETURNING survey_id
),
due AS MATERIALIZED (
    SELECT r.survey_id, n.step, r.rolled, r.shown,
        survey_state(s.state, s.opens_at, s.closes_at, t.now) NOT IN ('scheduled', 'running', 'paused') AS is_over
    FROM survey_result r JOIN survey s ON s.id = r.survey_id CROSS JOIN t
    CROSS JOIN LATERAL (SELECT survey_step(s, r, t.now, 5000) AS step) n
    WHERE s.state <> 'cancelled'
      AND (n.step = 5000 OR r.rolled > r.shown
           OR n.step > 0 AND (r.at IS NULL OR r.at <= t.now - interval '2 seconds')
           OR (NOT r.is_final AND survey_state(s.state, s.opens_at, s.closes_at, t.now) IN ('ended', 'results_published', 'archived')))
    ORDER BY random()
    LIMIT 1
    FOR UPDATE OF r SKIP LOCKED
),
rolled AS MATERIALIZED (
    SELECT d.*, CASE WHEN d.step > 0 THEN survey_roll(d.survey_id, d.step) ELSE 0 END AS taken FROM due d
)
SELECT (SELECT count(*) FROM begun) + coalesce(max(r.taken), 0)::int8 AS done,
    least((SELECT min(s.opens_at) FROM survey s WHERE s.state = 'scheduled' AND s.opens_at > t.now),
          (SELECT min(s.closes_at) FROM survey s WHERE s.state IN ('scheduled', 'paused') AND s.closes_at > t.now),
          t.now + CASE WHEN EXISTS (SELECT FROM survey_result m WHERE m.at > t.now - interval '2 seconds')
                       THEN interval '2 seconds'
                  WHEN EXISTS (SELECT FROM survey s WHERE s.state IN ('scheduled', 'paused') AND s.closes_at > t.now)
                  THEN interval '20 seconds' ELSE interval '60 seconds' END) AS next_at,
    t.now, (array_agg(r.survey_id))[1] AS survey_id, coalesce(bool_or(r.is_over), false) AS is_over,
    coalesce(max(r.taken) < 5000, false) AS is_caught_up
FROM t LEFT JOIN rolled r ON true
GROUP BY t.now;

-- name: results_tallies
-- lane: read
-- $1 survey uuid
-- All of one instant: what was counted, and up to which batch.
SELECT s.least_group, r.rolled,
    (SELECT json_agg(json_build_array(v.n, v.questions) ORDER BY v.n DESC)
     FROM survey_version v WHERE v.survey_id = s.id AND v.frozen_at IS NOT NULL) AS versions,
    (SELECT coalesce(json_agg(json_build_array(t.version, t.question, t.cell, t.by_question, t.by_cell, t.n)), '[]')
     FROM survey_tally t WHERE t.survey_id = s.id AND t.n <> 0) AS tallies
FROM survey s JOIN survey_result r ON r.survey_id = s.id
WHERE s.id = $1;

-- name: results_keep
-- lane: write
-- $1 survey uuid  $2 rolled int4  $3 by text[]  $4 bodies text[]  $5 is_final bool
-- Pages of an earlier count are not put in the place of later ones.
WITH t AS (
    SELECT clock_timestamp() + shift AS now FROM clock
),
kept AS (
    UPDATE survey_result r SET shown = $2, at = t.now, is_final = r.is_final OR $5
    FROM t WHERE r.survey_id = $1 AND r.rolled = $2
    RETURNING r.survey_id
),
gone AS (
    DELETE FROM survey_result_page p USING kept k WHERE p.survey_id = k.survey_id AND p.by_question <> ALL ($3)
),
pages AS (
    INSERT INTO survey_result_page (survey_id, by_question, body)
    SELECT k.survey_id, m.by_question, m.body::json FROM kept k CROSS JOIN unnest($3, $4) m(by_question, body)
    ON CONFLICT (survey_id, by_question) DO UPDATE SET body = excluded.body
)
SELECT count(*) AS kept FROM kept;
