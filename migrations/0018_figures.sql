-- How figures are read: cells (stats) and what is not folded into them yet, in groups, and what of it the public is told.

-- How often is what so, in groups by one column (NULL: in one group, ''), among what the other parameters name (NULL:
-- all). Bounds instead of equalities, so that one plan serves whatever is asked. With `today` (in days since 2000-01-01)
-- open cases are told apart: open has those that are not overdue, overdue the others, none its day.
CREATE FUNCTION stat_counted(org uuid, of text, kind_is text, unit_is text, channel_is text, month_from int, month_to int,
    by text, today int DEFAULT NULL)
RETURNS TABLE (grp text, what text, value int, n bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
DECLARE
    top CONSTANT text := U&'\+10FFFF';
    at_level int := CASE WHEN kind_is IS NOT NULL OR by = 'kind' THEN 1 ELSE 0 END
        + CASE WHEN unit_is IS NOT NULL OR by = 'unit' THEN 2 ELSE 0 END
        + CASE WHEN channel_is IS NOT NULL OR by = 'channel' THEN 4 ELSE 0 END
        + CASE WHEN by = 'topic' THEN 8 ELSE 0 END
        + CASE WHEN month_from IS NOT NULL OR month_to IS NOT NULL OR by = 'month' THEN 16 ELSE 0 END;
BEGIN
    RETURN QUERY
    SELECT t.grp, o.what, o.value, sum(t.n)::bigint
    FROM (
        SELECT CASE by WHEN 'kind' THEN c.kind WHEN 'unit' THEN c.unit WHEN 'channel' THEN c.channel
                WHEN 'topic' THEN c.topic WHEN 'month' THEN c.month::text ELSE '' END AS grp,
            c.what, c.value, c.n
        FROM stat_cell c
        WHERE c.org_id = org AND c.source = of AND c.level = at_level
          AND c.kind BETWEEN coalesce(kind_is, '') AND coalesce(kind_is, top)
          AND c.unit BETWEEN coalesce(unit_is, '') AND coalesce(unit_is, top)
          AND c.channel BETWEEN coalesce(channel_is, '') AND coalesce(channel_is, top)
          AND c.month BETWEEN coalesce(month_from, 0) AND coalesce(month_to, 999912)
        UNION ALL -- what is not folded yet: first gathered, then taken apart
        SELECT p.grp, v.what, v.value, p.n * v.times
        FROM (SELECT CASE by WHEN 'kind' THEN c.kind WHEN 'unit' THEN c.unit WHEN 'channel' THEN c.channel
                    WHEN 'topic' THEN c.topic WHEN 'month' THEN c.month::text ELSE '' END AS grp,
                  c.state, c.due, c.is_late, c.answered_days, c.total_days, c.first_days, c.is_told, c.is_reopened, c.rating,
                  sum(c.n) AS n
              FROM stat_case_change c
              WHERE of = 'case' AND c.org_id = org
                AND (kind_is IS NULL OR c.kind = kind_is) AND (unit_is IS NULL OR c.unit = unit_is)
                AND (channel_is IS NULL OR c.channel = channel_is)
                AND c.month BETWEEN coalesce(month_from, 0) AND coalesce(month_to, 999912)
              GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
              HAVING sum(c.n) <> 0) p
        CROSS JOIN LATERAL stat_case_values(ROW(org, '', '', '', '', 0, p.state, p.due, p.is_late, p.answered_days,
            p.total_days, p.first_days, p.is_told, p.is_reopened, p.rating, NULL, 1)::stat_case_change) v
        UNION ALL
        SELECT CASE by WHEN 'unit' THEN p.unit WHEN 'topic' THEN p.topic WHEN 'month' THEN p.month::text ELSE '' END,
            p.what, p.value, p.n
        FROM stat_pending p
        WHERE of = 'comment' AND p.source = 'comment' AND p.org_id = org
          AND p.month BETWEEN coalesce(month_from, 0) AND coalesce(month_to, 999912)
    ) t
    CROSS JOIN LATERAL (SELECT
        CASE WHEN t.what = 'open' AND t.value BETWEEN 0 AND today - 1 THEN 'overdue' ELSE t.what END AS what,
        CASE WHEN t.what = 'open' AND today IS NOT NULL THEN 0 ELSE t.value END AS value) o
    GROUP BY 1, 2, 3
    HAVING sum(t.n) <> 0;
END $$;
COMMENT ON FUNCTION stat_counted IS 'How often is what so, in groups by one column.';

-- A group's figures. Groups under five, and what rests on fewer than five, are not told to the public.
CREATE FUNCTION stat_figures(org uuid, is_exact boolean, kind_is text, unit_is text, channel_is text, month_from int,
    month_to int, by text, today date)
RETURNS TABLE (is_total boolean, grp text, received bigint, is_shown boolean, figures jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH counted AS MATERIALIZED (
        SELECT * FROM stat_counted(org, 'case', kind_is, unit_is, channel_is, month_from, month_to, by,
            today - date '2000-01-01')
    ),
    both_sorts AS (
        SELECT false AS is_total, c.grp, c.what, c.value, c.n FROM counted c WHERE by IS NOT NULL
        UNION ALL
        SELECT true, '', c.what, c.value, sum(c.n) FROM counted c GROUP BY c.what, c.value
    ),
    sums AS (
        SELECT b.is_total, b.grp, sum(b.n) FILTER (WHERE b.what = 'received')::bigint AS received,
            sum(b.n) FILTER (WHERE b.what IN ('open', 'overdue'))::bigint AS open,
            sum(b.n) FILTER (WHERE b.what = 'overdue')::bigint AS overdue,
            sum(b.n) FILTER (WHERE b.what = 'answered')::bigint AS answered,
            sum(b.n) FILTER (WHERE b.what = 'in_time')::bigint AS in_time,
            sum(b.n) FILTER (WHERE b.what = 'late')::bigint AS late,
            sum(b.n) FILTER (WHERE b.what = 'ended')::bigint AS ended,
            sum(b.n) FILTER (WHERE b.what = 'reopened')::bigint AS reopened,
            sum(b.n) FILTER (WHERE b.what = 'rating')::bigint AS ratings,
            round(sum(b.n * b.value) FILTER (WHERE b.what = 'rating')
                / nullif(sum(b.n) FILTER (WHERE b.what = 'rating'), 0), 2) AS rating
        FROM both_sorts b GROUP BY b.is_total, b.grp
    ),
    spread AS (
        SELECT b.is_total, b.grp, h.name, b.value, sum(sum(b.n)) OVER w AS upto,
            sum(sum(b.n)) OVER (PARTITION BY b.is_total, b.grp, h.name) AS of_all
        FROM both_sorts b
        JOIN (VALUES ('answered', 'working_days'), ('answered', 'total_working_days'), ('total', 'total_working_days'),
                     ('first', 'first_response_days')) h(what, name) ON h.what = b.what
        GROUP BY b.is_total, b.grp, h.name, b.value
        WINDOW w AS (PARTITION BY b.is_total, b.grp, h.name ORDER BY b.value)
    ),
    quantiles AS (
        SELECT s.is_total, s.grp, s.name, max(s.of_all) AS of_all, min(s.value) FILTER (WHERE s.upto >= 0.5 * s.of_all) AS median,
            min(s.value) FILTER (WHERE s.upto >= 0.9 * s.of_all) AS p90
        FROM spread s GROUP BY s.is_total, s.grp, s.name
    ),
    times AS (
        SELECT q.is_total, q.grp, jsonb_object_agg(q.name, jsonb_build_object('median', q.median, 'p90', q.p90)) AS shown
        FROM quantiles q WHERE is_exact OR q.of_all >= 5
        GROUP BY q.is_total, q.grp
    )
    SELECT s.is_total, s.grp, s.received, is_exact OR s.received >= 5,
        jsonb_build_object('received', stat_told(s.received, is_exact), 'open', stat_told(s.open, is_exact),
            'overdue', stat_told(s.overdue, is_exact), 'answered', stat_told(s.answered, is_exact),
            'answered_in_time', stat_told(s.in_time, is_exact), 'answered_late', stat_told(s.late, is_exact),
            'ended_unanswered', stat_told(s.ended, is_exact), 'reopened', stat_told(s.reopened, is_exact),
            'working_days', t.shown -> 'working_days', 'total_working_days', t.shown -> 'total_working_days',
            'first_response_days', t.shown -> 'first_response_days',
            'rating', CASE WHEN is_exact AND s.ratings > 0 OR s.ratings >= 5 THEN jsonb_build_object(
                'average', CASE WHEN is_exact THEN s.rating ELSE round(s.rating, 1) END,
                'count', stat_told(s.ratings, is_exact)) END)
    FROM sums s LEFT JOIN times t ON t.is_total = s.is_total AND t.grp = s.grp
    WHERE s.received > 0
$$;
COMMENT ON FUNCTION stat_figures IS 'The figures of cases in groups by one column, and of all of them together.';
