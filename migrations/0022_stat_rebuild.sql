-- Figures counted anew: stat_truth is the sum that cells and what is not folded yet must make (0017), counted directly from
-- cases and comments, and stat_rebuild() puts right what differs from it.

CREATE VIEW stat_truth AS
SELECT c.org_id, 'case' AS source, f.kind, f.unit, f.channel, f.topic, f.month, v.what, v.value, v.times AS n
FROM casefile c LEFT JOIN case_clock k ON k.case_id = c.id CROSS JOIN LATERAL case_fact(c, k.due_on, k.due_at) f
CROSS JOIN LATERAL stat_case_values(ROW(f.org_id, f.kind, f.unit, f.channel, f.topic, f.month, f.state, f.due, f.is_late,
    f.answered_days, f.total_days, f.first_days, f.is_told, f.is_reopened, f.rating, NULL, 1)::stat_case_change) v
UNION ALL
SELECT c.org_id, 'comment', '', f.unit, '', f.topic, f.month, v.what, v.value, 1
FROM comment c CROSS JOIN LATERAL comment_fact(c) f
CROSS JOIN LATERAL stat_comment_values(ROW(f.org_id, f.unit, f.topic, f.month, f.is_published, f.is_disposed,
    1)::stat_comment_change) v;
COMMENT ON VIEW stat_truth IS 'The same counted directly from cases and comments.';

-- Brings the cells to what they must be: the truth less what is still to be folded. One snapshot sees both, and only
-- differences are added, so it may run beside everything else but itself. Returns how many cells were wrong.
CREATE FUNCTION stat_rebuild() RETURNS bigint
LANGUAGE sql VOLATILE SET work_mem = '128MB' AS $$
    WITH due AS NOT MATERIALIZED (
        SELECT * FROM stat_truth UNION ALL
        SELECT org_id, source, kind, unit, channel, topic, month, what, value, -n FROM stat_pending
    ),
    by_channel AS (
        SELECT d.org_id, d.source, d.kind, d.unit, d.channel, d.month, d.what, d.value, sum(d.n) AS n
        FROM due d GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ),
    by_topic AS (
        SELECT d.org_id, d.source, d.kind, d.unit, d.topic, d.month, d.what, d.value, sum(d.n) AS n
        FROM due d GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ),
    wanted AS (
        SELECT c.org_id, c.source, 23 - 16 * grouping(c.month) - grouping(c.channel, c.unit, c.kind) AS level,
            coalesce(c.kind, '') AS kind, coalesce(c.unit, '') AS unit, coalesce(c.channel, '') AS channel, '' AS topic,
            coalesce(c.month, 0) AS month, c.what, c.value, sum(c.n) AS n
        FROM by_channel c
        GROUP BY c.org_id, c.source, c.what, c.value, GROUPING SETS ((), (c.month)), CUBE (c.kind, c.unit, c.channel)
        UNION ALL
        SELECT t.org_id, t.source, 27 - 16 * grouping(t.month) - grouping(t.unit, t.kind), coalesce(t.kind, ''),
            coalesce(t.unit, ''), '', t.topic, coalesce(t.month, 0), t.what, t.value, sum(t.n)
        FROM by_topic t
        GROUP BY t.org_id, t.source, t.topic, t.what, t.value, GROUPING SETS ((), (t.month)), CUBE (t.kind, t.unit)
    ),
    wrong AS (
        SELECT d.org_id, d.source, d.level, d.kind, d.unit, d.channel, d.topic, d.month, d.what, d.value, sum(d.n) AS n
        FROM (SELECT * FROM wanted WHERE what <> 'missed' OR level = 1 UNION ALL
              SELECT org_id, source, level, kind, unit, channel, topic, month, what, value, -n FROM stat_cell) d
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        HAVING sum(d.n) <> 0
    ),
    mended AS (
        INSERT INTO stat_cell AS s (org_id, source, level, kind, unit, channel, topic, month, what, value, n)
        SELECT * FROM wrong ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        ON CONFLICT (org_id, source, level, kind, unit, channel, topic, month, what, value)
        DO UPDATE SET n = s.n + excluded.n
        RETURNING 1
    )
    SELECT count(*) FROM mended
$$;
COMMENT ON FUNCTION stat_rebuild IS 'Brings the cells to what a direct count says; returns how many were wrong.';

CREATE FUNCTION stat_rebuild_subjects() RETURNS bigint
LANGUAGE sql VOLATILE SET work_mem = '128MB' AS $$
    WITH due AS (
        SELECT d.org_id, d.kind, d.subject, sum(d.n) AS n, sum(d.n * (d.state IN ('answered', 'named_answered'))::int) AS answered
        FROM (SELECT f.org_id, f.kind, f.subject, f.state, 1 AS n FROM casefile c CROSS JOIN LATERAL case_fact(c, NULL, NULL) f
              UNION ALL SELECT org_id, kind, subject, state, -n FROM stat_case_change) d
        WHERE d.subject IS NOT NULL GROUP BY 1, 2, 3
    ),
    wrong AS (
        SELECT w.org_id, w.kind, w.words, min(w.subject) AS subject, sum(w.n) AS n, sum(w.answered) AS answered
        FROM (SELECT d.org_id, d.kind, fa_fingerprint(d.subject) AS words, d.subject, d.n, d.answered FROM due d
              UNION ALL SELECT org_id, kind, words, subject, -n, -answered FROM stat_subject) w
        GROUP BY 1, 2, 3 HAVING sum(w.n) <> 0 OR sum(w.answered) <> 0
    ),
    mended AS (
        INSERT INTO stat_subject AS s (org_id, kind, words, subject, n, answered)
        SELECT * FROM wrong ORDER BY 1, 2, 3
        ON CONFLICT (org_id, kind, words) DO UPDATE SET n = s.n + excluded.n, answered = s.answered + excluded.answered
        RETURNING 1
    )
    SELECT count(*) FROM mended
$$;
COMMENT ON FUNCTION stat_rebuild_subjects IS 'Brings the counts of subjects to what a direct count says; returns how many were wrong.';
