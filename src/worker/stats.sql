-- The worker's pass over changes that the figures have not taken in (migrations/*_stats.sql).

-- name: stats_pass
-- lane: write
-- Readers add what is not folded themselves, so this need not be quick: once a second in busy hours, and a look whether
-- there is anything every five seconds.
SELECT CASE WHEN t.folded >= 20000 THEN t.folded ELSE 0 END AS done,
    t.now + CASE WHEN t.folded > 0 THEN interval '1 second' ELSE '5 seconds' END AS next_at, t.now
FROM (SELECT CASE WHEN EXISTS (SELECT FROM stat_case_change) OR EXISTS (SELECT FROM stat_comment_change)
          THEN stat_fold(20000) ELSE 0 END AS folded, clock_timestamp() + shift AS now FROM clock) t;
