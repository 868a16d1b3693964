-- Figures that people ask for. What is counted, and how, stands in migrations/*_stats.sql.

-- name: stats_get
-- lane: slow
-- $1 org uuid  $2 is_exact bool  $3 kind text  $4 unit text  $5 channel text  $6 from text  $7 to text  $8 group_by text
-- $9 today date
WITH months AS (
    SELECT replace($6, '-', '')::int AS first, replace($7, '-', '')::int AS last
),
figures AS MATERIALIZED (
    SELECT f.* FROM months m
    CROSS JOIN LATERAL stat_figures($1, $2, $3, $4, $5, m.first, m.last, $8, $9) f
),
shown AS (
    SELECT f.grp, f.received, f.figures, coalesce(u.name_fa, k.title_fa, v.title_fa) AS title_fa,
        coalesce(u.name_en, k.title_en, v.title_en) AS title_en
    FROM figures f
    LEFT JOIN unit u ON $8 = 'unit' AND u.org_id = $1 AND u.code = f.grp
    LEFT JOIN channel_kind k ON $8 = 'channel' AND k.code = f.grp
    LEFT JOIN service v ON $8 = 'topic' AND v.org_id = $1 AND v.code = f.grp
    WHERE NOT f.is_total AND f.is_shown
    ORDER BY CASE WHEN $8 = 'month' THEN 0 ELSE f.received END DESC, f.grp
    LIMIT 200
),
opinions AS MATERIALIZED (
    SELECT c.grp, c.n FROM months m
    CROSS JOIN LATERAL stat_counted($1, 'comment', NULL, NULL, NULL, m.first, m.last,
        CASE WHEN $8 = 'month' THEN 'month' ELSE 'topic' END) c
    WHERE c.what = 'received'
)
SELECT CASE WHEN $8 = 'topic' AND $5 IS NOT NULL THEN 'stats_too_fine' END AS _problem,
    $6 AS "from", $7 AS "to", $8 AS group_by, $2 AS exact,
    (SELECT f.figures FROM figures f WHERE f.is_total AND f.is_shown) AS total,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'key', CASE WHEN $8 = 'month' THEN jalali_month_text(s.grp::int) ELSE nullif(s.grp, '') END,
        'title_fa', s.title_fa, 'title_en', s.title_en) || s.figures
        ORDER BY CASE WHEN $8 = 'month' THEN 0 ELSE s.received END DESC, s.grp), '[]') FROM shown s) AS groups,
    (SELECT count(*)::int4 FROM figures f WHERE NOT f.is_total AND NOT f.is_shown) AS suppressed_groups,
    (SELECT jsonb_build_object('received', CASE WHEN $2 OR sum(o.n) >= 5 THEN stat_told(sum(o.n)::bigint, $2) END,
        'by', CASE WHEN $8 = 'month' THEN 'month' ELSE 'audience' END,
        'groups', coalesce(jsonb_agg(jsonb_build_object(
            'key', CASE WHEN $8 = 'month' THEN jalali_month_text(o.grp::int) ELSE nullif(o.grp, '') END,
            'received', stat_told(o.n, $2)) ORDER BY o.grp) FILTER (WHERE $2 OR o.n >= 5), '[]')) FROM opinions o) AS opinions;

-- name: promise_list
-- lane: slow
-- $1 org uuid  $2 now timestamptz
WITH counted AS MATERIALIZED (
    SELECT promise_counts($1, $2) AS counts
)
SELECT p.code, p.sentence, p.gloss, p.kind, p.measure, p.covers, k.verdict, k.good AS kept, k.of_all AS judged,
    coalesce(k.figures, '{}') AS figures, k.text_fa, k.text_en, k.since AS "since since_jalali",
    k.broken_at AS "last_broken_at last_broken_on_jalali", p.not_measurable
FROM counted c CROSS JOIN promise p CROSS JOIN LATERAL promise_kept(p, $2, c.counts) k
WHERE p.org_id = $1 AND p.retired_at IS NULL
ORDER BY p.position;

-- name: promise_get
-- lane: slow
-- $1 org uuid  $2 now timestamptz  $3 code text
WITH counted AS MATERIALIZED (
    SELECT promise_counts($1, $2) AS counts
)
SELECT p.code, p.sentence, p.gloss, p.kind, p.measure, p.covers, k.verdict, k.good AS kept, k.of_all AS judged,
    coalesce(k.figures, '{}') AS figures, k.text_fa, k.text_en, k.since AS "since since_jalali",
    k.broken_at AS "last_broken_at last_broken_on_jalali", p.not_measurable, promise_months(p, $2) AS months
FROM counted c CROSS JOIN promise p CROSS JOIN LATERAL promise_kept(p, $2, c.counts) k
WHERE p.org_id = $1 AND p.code = $3 AND p.retired_at IS NULL;
