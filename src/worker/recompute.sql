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
    SELECT k.counted_from, k.counted_days, k.county, k.due_on, k.steps, count(*) AS cases
    FROM case_clock k
    WHERE k.org_id = (SELECT org_id FROM stale) AND k.is_open AND k.due_on IS NOT NULL
    GROUP BY k.counted_from, k.counted_days, k.county, k.due_on, k.steps
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
-- $1 org uuid  $2 groups jsonb  $3 behind text (tid, where the last page ended)
-- A page of the open clocks, in the order in which they lie in the table: those move that are of one of the groups. A group is
-- known by the due date and the steps that it had, so that a second worker with the same list finds nothing to do; where a
-- case was answered or its deadline set meanwhile, its clock says so. A page is small, because whoever works on one of its
-- cases waits for it. Clocks change their places as they are written, so one may be missed: the next look finds it. From the
-- first move on no calendar counts as seen, so that a change which is taken back at once is not taken for what was seen before.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
page AS MATERIALIZED (
    SELECT k.ctid AS place, k.counted_from, k.counted_days, k.county, k.due_on, k.steps, k.deadline_version
    FROM case_clock k
    WHERE k.ctid > $3::tid AND k.org_id = $1 AND k.is_open
    LIMIT 2000
),
aimed AS MATERIALIZED (
    SELECT p.place, p.deadline_version, p.due_on, g.new_due_on, g.new_due_at, g.new_steps
    FROM page p
    JOIN jsonb_to_recordset($2) g(counted_from date, counted_days int, county text, due_on date, steps timestamptz[],
            new_due_on date, new_due_at timestamptz, new_steps timestamptz[])
        ON g.counted_from = p.counted_from AND g.counted_days = p.counted_days AND g.due_on = p.due_on
            AND g.steps = p.steps AND g.county IS NOT DISTINCT FROM p.county
    ORDER BY p.place
),
moved AS (
    UPDATE case_clock k SET due_on = a.new_due_on, due_at = a.new_due_at, steps = a.new_steps,
        steps_done = case_steps_kept(k.steps_done, a.new_steps, i.now), deadline_version = k.deadline_version + 1, moved_at = i.now
    FROM aimed a CROSS JOIN instant i
    WHERE k.ctid = a.place AND k.deadline_version = a.deadline_version AND k.is_open
    RETURNING k.case_id, k.kind, k.deadline_version, a.due_on, a.new_due_on
),
unseen AS (
    UPDATE calendar_seen s SET digest = '' WHERE s.org_id = $1 AND s.digest <> '' AND EXISTS (SELECT FROM moved)
),
told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    SELECT gen_random_uuid(), $1, i.now, CASE WHEN m.due_on = m.new_due_on THEN 'case.steps_moved'
            ELSE 'case.deadline_moved' END, m.kind, m.case_id, 'system', m.due_on <> m.new_due_on,
        jsonb_build_object('from', m.due_on, 'to', m.new_due_on, 'deadline_version', m.deadline_version)
    FROM moved m CROSS JOIN instant i
),
counted AS MATERIALIZED (
    SELECT count(*) AS done, deadlines_counted(array_agg(m.case_id), array_agg(m.due_on), array_agg(m.new_due_on)) AS facts
    FROM moved m
)
SELECT c.done, c.facts, p.is_full, p.behind
FROM counted c CROSS JOIN (SELECT count(*) = 2000 AS is_full, max(place)::text AS behind FROM page) p;

-- name: recompute_seen
-- lane: write
-- $1 org uuid  $2 digest text
-- Nothing is left that moves.
INSERT INTO calendar_seen AS s (org_id, digest, again_at)
SELECT $1, $2, clock_timestamp() + c.shift + interval '30 seconds' FROM clock c
ON CONFLICT (org_id) DO UPDATE SET digest = excluded.digest,
    again_at = CASE WHEN s.digest <> excluded.digest THEN excluded.again_at END
RETURNING s.org_id;
