-- The worker's passes over surveys: the facts of the clock, and forgetting who took part.

-- name: survey_windows_pass
-- lane: write
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS (
    SELECT s, NOT s.opened_told AS opens, s.closes_at <= i.now AS ends
    FROM survey s CROSS JOIN instant i
    WHERE s.state IN ('scheduled', 'paused') AND NOT s.ended_told
      AND (s.closes_at <= i.now OR (NOT s.opened_told AND s.opens_at <= i.now))
    ORDER BY s.id
    LIMIT 200
    FOR UPDATE OF s SKIP LOCKED
),
told AS MATERIALIZED (
    SELECT count(survey_window_tell(u.s, w.what, i.now)) AS events
    FROM due u CROSS JOIN instant i CROSS JOIN (VALUES ('opened'), ('ended')) w(what)
    WHERE CASE w.what WHEN 'opened' THEN u.opens ELSE u.ends END
),
marked AS (
    UPDATE survey s SET opened_told = true, ended_told = u.ends
    FROM due u WHERE s.id = (u.s).id
    RETURNING s.id
),
ahead AS (
    SELECT min(CASE WHEN s.opened_told THEN s.closes_at ELSE s.opens_at END) AS at
    FROM survey s
    WHERE s.state IN ('scheduled', 'paused') AND NOT s.ended_told AND s.id NOT IN (SELECT id FROM marked)
)
SELECT (SELECT count(*) FROM marked) AS done, t.events, a.at AS next_at, i.now
FROM told t CROSS JOIN ahead a CROSS JOIN instant i;

-- name: survey_forget_pass
-- lane: write
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
)
SELECT survey_forget(i.now, 5000) AS done, i.now, (
    SELECT min(closes_at) + interval '10 minutes' FROM survey WHERE is_anonymised AND forgotten_at IS NULL
) AS next_at
FROM instant i;
