-- Deadlines follow the calendar: what the worker counts anew, and how the result is applied. The counting is in C
-- (recompute.c), once for all cases that came on one day under one promise.

-- name: recompute_pass
-- lane: write
-- The first organisation whose calendar is not the one that its deadlines were computed by, with its open cases in
-- groups; org_id NULL: there is none, and nothing more was read than the calendars.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
stale AS MATERIALIZED (
    SELECT d.org_id, d.digest
    FROM calendar_digests() d LEFT JOIN calendar_seen s ON s.org_id = d.org_id
    WHERE s.digest IS DISTINCT FROM d.digest OR s.again_at <= (SELECT now FROM instant)
    ORDER BY d.org_id
    LIMIT 1
),
grouped AS (
    SELECT c.received_on, c.working_days, c.county, c.paused_days, c.due_on, c.steps, count(*) AS cases
    FROM casefile c
    WHERE c.org_id = (SELECT org_id FROM stale) AND c.answered_at IS NULL AND c.closed_at IS NULL
      AND c.due_on IS NOT NULL AND c.working_days IS NOT NULL
    GROUP BY c.received_on, c.working_days, c.county, c.paused_days, c.due_on, c.steps
)
SELECT 0::int8 AS done, (SELECT min(s.again_at) FROM calendar_seen s) AS next_at, i.now, s.org_id, s.digest,
    CASE WHEN s.org_id IS NOT NULL THEN json_build_object(
        'ladder', (SELECT coalesce(json_agg(e.offset_days ORDER BY e.offset_days), '[]')
                   FROM escalation_step e WHERE e.org_id = s.org_id),
        'calendar', calendar_document(s.org_id),
        'groups', (SELECT coalesce(json_agg(to_json(g)), '[]') FROM grouped g)) END AS basis
FROM instant i LEFT JOIN stale s ON true;

-- name: recompute_apply
-- lane: write
-- $1 org uuid  $2 digest text  $3 groups jsonb  $4 is_last bool (behind these groups nothing is left that moves)
-- A group is known by the due date and the steps that it had, so that a second worker with the same list finds nothing to
-- do. A batch is small, because whoever works on one of its cases waits for it. Rows are written in the order of their ids, as everybody locks several cases. The calendar is seen when all that
-- moves was moved. What becomes of steps already taken, the clock's trigger knows.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
aimed AS MATERIALIZED (
    SELECT t.* FROM (
        SELECT c.id, g.*
        FROM jsonb_to_recordset($3) g(received_on date, working_days int, county text, paused_days int, due_on date,
            steps timestamptz[], new_due_on date, new_due_at timestamptz, new_steps timestamptz[])
        JOIN casefile c ON c.received_on = g.received_on AND c.working_days = g.working_days AND c.due_on = g.due_on
            AND c.paused_days = g.paused_days AND c.county IS NOT DISTINCT FROM g.county AND c.steps = g.steps
        WHERE c.org_id = $1 AND c.answered_at IS NULL AND c.closed_at IS NULL
        LIMIT 2000) t
    ORDER BY t.id
),
moved AS (
    UPDATE casefile c SET due_on = a.new_due_on, due_at = a.new_due_at, steps = a.new_steps,
        deadline_version = c.deadline_version + 1, row_version = c.row_version + 1, updated_at = i.now
    FROM aimed a CROSS JOIN instant i
    WHERE c.id = a.id AND c.due_on = a.due_on AND c.steps = a.steps
      AND c.answered_at IS NULL AND c.closed_at IS NULL
    RETURNING c.id, c.kind, c.deadline_version, a.due_on, a.new_due_on
),
told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    SELECT gen_random_uuid(), $1, i.now, CASE WHEN m.due_on = m.new_due_on THEN 'case.steps_moved'
            ELSE 'case.deadline_moved' END, m.kind, m.id, 'system', m.due_on <> m.new_due_on,
        jsonb_build_object('from', m.due_on, 'to', m.new_due_on, 'deadline_version', m.deadline_version)
    FROM moved m CROSS JOIN instant i
),
seen AS (
    INSERT INTO calendar_seen AS s (org_id, digest, again_at)
    SELECT $1, $2, i.now + interval '30 seconds' FROM instant i
    WHERE $4 AND (SELECT count(*) FROM aimed) < 2000
    ON CONFLICT (org_id) DO UPDATE SET digest = excluded.digest,
        again_at = CASE WHEN s.digest <> excluded.digest THEN excluded.again_at END
)
SELECT (SELECT count(*) FROM moved) AS done, (SELECT count(*) FROM aimed) = 2000 AS is_full;
