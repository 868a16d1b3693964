-- The worker's pass over changes that the figures have not taken in (migrations/*_stats.sql).

-- name: stats_pass
-- lane: write
-- $1 most int4
-- Readers add what is not folded themselves, so this need not be quick: once a second in busy hours, and a look whether
-- there is anything every five seconds. How long it took tells how many the next pass may take (stats.c).
WITH folded AS MATERIALIZED (
    SELECT CASE WHEN EXISTS (SELECT FROM stat_case_change) OR EXISTS (SELECT FROM stat_comment_change)
        THEN stat_fold($1) ELSE 0 END AS n
),
instant AS MATERIALIZED (
    SELECT f.n, (extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)::int8 AS took_ms,
        clock_timestamp() + c.shift AS now
    FROM folded f CROSS JOIN clock c
)
SELECT CASE WHEN i.n >= $1 THEN i.n ELSE 0 END AS done, i.took_ms,
    i.now + CASE WHEN i.n > 0 THEN interval '1 second' ELSE '5 seconds' END AS next_at, i.now
FROM instant i;
