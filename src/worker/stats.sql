-- The worker's pass over changes that the figures have not taken in (migrations/*_stats.sql).

-- name: stats_pass
-- lane: write
-- Busy hours are folded once a second: more often would be work without a reader who gains by it.
SELECT CASE WHEN t.folded >= 20000 THEN t.folded ELSE 0 END AS done,
    CASE WHEN t.folded > 0 THEN t.now + interval '1 second' END AS next_at, t.now
FROM (SELECT stat_fold(20000) AS folded, clock_timestamp() + shift AS now FROM clock) t;
