-- The worker's pass over the windows of drafts.

-- name: windows_pass
-- lane: write
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS (
    SELECT d, d.opened_told < d.round AND d.opens_at <= i.now AS opens, d.closed_told < d.round AND d.closes_at <= i.now AS closes
    FROM draft d CROSS JOIN instant i
    WHERE (d.opened_told < d.round AND d.opens_at <= i.now) OR (d.closed_told < d.round AND d.closes_at <= i.now)
    ORDER BY d.id
    LIMIT 200
    FOR UPDATE OF d SKIP LOCKED
),
told AS MATERIALIZED (
    SELECT count(draft_window_tell(u.d, w.what, i.now + w.after)) AS events
    FROM due u CROSS JOIN instant i
    CROSS JOIN (VALUES ('opened', interval '0'), ('closed', interval '1 microsecond')) w(what, after)
    WHERE CASE w.what WHEN 'opened' THEN u.opens ELSE u.closes END
),
marked AS (
    UPDATE draft d SET opened_told = CASE WHEN u.opens THEN d.round ELSE d.opened_told END,
        closed_told = CASE WHEN u.closes THEN d.round ELSE d.closed_told END
    FROM due u WHERE d.id = (u.d).id
    RETURNING d.id
),
ahead AS (
    SELECT min(least(CASE WHEN d.opened_told < d.round THEN d.opens_at END,
                     CASE WHEN d.closed_told < d.round THEN d.closes_at END)) AS at
    FROM draft d
    WHERE (d.opened_told < d.round OR d.closed_told < d.round) AND d.id NOT IN (SELECT id FROM marked)
)
SELECT (SELECT count(*) FROM marked) AS done, t.events, a.at AS next_at, i.now
FROM told t CROSS JOIN ahead a CROSS JOIN instant i;
