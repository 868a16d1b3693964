-- What the figures say together: who hears what, how soon they answer, and what comes again and again (B10, B12).

-- name: analysis_get
-- lane: slow
-- $1 org uuid  $2 is_exact bool  $3 today date
-- Subjects follow when the worker folds changes; all else is exact at the instant. The public reads a subject once five
-- cases that have it were answered: what nobody of the house has read is not published, however often somebody files it.
-- One that names a number is nothing for the public at all: it may be somebody's.
WITH by_sort AS MATERIALIZED (
    SELECT s.name, f.grp, f.received, f.is_shown, f.figures
    FROM (VALUES ('topic'), ('unit'), ('channel'), ('month')) s(name)
    CROSS JOIN LATERAL stat_figures($1, $2, NULL, NULL, NULL, NULL, NULL, s.name, $3) f
    WHERE NOT f.is_total
),
sorts AS (
    SELECT b.name, count(*) FILTER (WHERE NOT b.is_shown)::int4 AS suppressed,
        coalesce(jsonb_agg(jsonb_build_object(
            'key', CASE WHEN b.name = 'month' THEN jalali_month_text(b.grp::int) ELSE nullif(b.grp, '') END,
            'title_fa', coalesce(u.name_fa, k.title_fa, v.title_fa), 'title_en', coalesce(u.name_en, k.title_en, v.title_en))
            || b.figures ORDER BY CASE WHEN b.name = 'month' THEN 0 ELSE b.received END DESC, b.grp)
            FILTER (WHERE b.is_shown AND b.place <= 50), '[]') AS groups
    FROM (SELECT b.*, row_number() OVER (PARTITION BY b.name ORDER BY CASE WHEN b.name = 'month' THEN b.grp::int ELSE b.received END DESC,
              b.grp) AS place
          FROM by_sort b) b
    LEFT JOIN unit u ON b.name = 'unit' AND u.org_id = $1 AND u.code = b.grp
    LEFT JOIN channel_kind k ON b.name = 'channel' AND k.code = b.grp
    LEFT JOIN service v ON b.name = 'topic' AND v.org_id = $1 AND v.code = b.grp
    GROUP BY b.name
),
commented AS (
    SELECT c.grp::uuid AS id, c.n FROM stat_counted($1, 'comment', NULL, NULL, NULL, NULL, NULL, 'unit') c
    WHERE c.what = 'published'
),
repeated AS (
    SELECT s.kind, s.subject, s.n FROM stat_subject s
    WHERE s.org_id = $1 AND s.n > 1 AND ($2 OR s.answered >= 5 AND s.words !~ '[0-9]{4}')
    ORDER BY s.n DESC, s.words
    LIMIT 20
)
SELECT $2 AS exact,
    coalesce((SELECT jsonb_object_agg(s.name || 's', s.groups) FROM sorts s), '{}')
        || CASE WHEN EXISTS (SELECT FROM sorts) THEN '{}'
           ELSE '{"topics": [], "units": [], "channels": [], "months": []}'::jsonb END AS received,
    coalesce((SELECT jsonb_object_agg(s.name || 's', s.suppressed) FROM sorts s),
        '{"topics": 0, "units": 0, "channels": 0, "months": 0}') AS suppressed_groups,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', r.kind, 'subject', r.subject, 'cases', stat_told(r.n, $2))
        ORDER BY r.n DESC, r.subject), '[]') FROM repeated r) AS repeated_subjects,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'number', x.number, 'title', x.title, 'comments', x.n)
        ORDER BY x.n DESC, x.number), '[]')
     FROM (SELECT d.id, d.number, d.title, c.n FROM commented c JOIN draft d ON d.id = c.id
           WHERE d.org_id = $1 AND d.public_version > 0 ORDER BY c.n DESC, d.number LIMIT 10) x) AS most_commented_drafts,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.case_id, 'number', x.number, 'title', x.title, 'supports', x.n)
        ORDER BY x.n DESC, x.number), '[]')
     FROM (SELECT s.case_id, c.number, s.title, suggestion_supports(s) AS n
           FROM (SELECT * FROM case_suggestion WHERE org_id = $1 AND public_at IS NOT NULL
                 ORDER BY supports DESC, case_id DESC LIMIT 50) s
           JOIN casefile c ON c.id = s.case_id
           ORDER BY 4 DESC, c.number LIMIT 10) x) AS most_supported_suggestions;
