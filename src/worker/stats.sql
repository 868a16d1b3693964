-- The worker's pass over changes that the figures have not taken in (migrations/*_stats.sql).

-- name: stats_pass
-- lane: write
-- $1 most int4
-- Readers add what is not folded themselves, so this need not be quick: once a second in busy hours, and a look whether
-- there is anything every five seconds. Of several workers one folds at a time: the cells are the same for all, and a
-- long pass would only make the others wait. How long it took tells how many the next pass may take (stats.c).
WITH waiting AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM stat_case_change) OR EXISTS (SELECT FROM stat_comment_change) AS is_any
),
folded AS MATERIALIZED (
    SELECT w.is_any, CASE WHEN NOT w.is_any THEN 0
        WHEN pg_try_advisory_xact_lock(hashtext('mosharekat stats')) THEN stat_fold($1) ELSE 0 END AS n
    FROM waiting w
),
instant AS MATERIALIZED (
    SELECT f.n, f.is_any, (extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)::int8 AS took_ms,
        clock_timestamp() + c.shift AS now
    FROM folded f CROSS JOIN clock c
)
SELECT CASE WHEN i.n >= $1 THEN i.n ELSE 0 END AS done, i.took_ms,
    i.now + CASE WHEN i.is_any THEN interval '1 second' ELSE '5 seconds' END AS next_at, i.now
FROM instant i;
