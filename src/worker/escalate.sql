-- The worker's passes over cases that wait for an answer, and over those that have one.

-- name: escalate_pass
-- lane: write
-- Every step that is past and was not taken yet, one event and one notification each, whose id is that of case, level and
-- version of the deadline. A step that the ladder of today has no more tells the last role of it. Clocks alone are read,
-- locked and changed, few at a time, because an answer waits for its clock: where one is on its way the clock is locked, and
-- where it has come the clock has no next step. One that somebody wrote between the look and the lock is marked by the next pass. Behind a full batch lies nothing older than the last of it.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS MATERIALIZED (
    SELECT k.ctid AS place, k.case_id, k.org_id, k.kind, k.deadline_version, k.steps, k.steps_done, k.next_step_at,
        width_bucket((SELECT now FROM instant), k.steps) AS level
    FROM case_clock k
    WHERE k.next_step_at <= (SELECT now FROM instant)
    ORDER BY k.next_step_at
    LIMIT 2000
    FOR UPDATE OF k SKIP LOCKED
),
ladder AS MATERIALIZED (
    SELECT e.org_id, array_agg(e.role ORDER BY e.offset_days) AS roles FROM escalation_step e GROUP BY e.org_id
),
taken AS MATERIALIZED (
    SELECT once_id('escalation:' || d.case_id || ':' || s.level || ':' || d.deadline_version) AS id, d.case_id, d.org_id,
        d.kind, d.deadline_version, s.level, d.steps[s.level] AS due_at,
        coalesce(l.roles[least(s.level, cardinality(l.roles))], 'head') AS role
    FROM due d
    CROSS JOIN LATERAL generate_series(d.steps_done + 1, d.level) s(level)
    LEFT JOIN ladder l ON l.org_id = d.org_id
),
told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    SELECT t.id, t.org_id, i.now + t.level * interval '1 microsecond', 'case.escalated', t.kind, t.case_id, 'system', true,
        jsonb_build_object('level', t.level, 'role', t.role, 'deadline_version', t.deadline_version)
    FROM taken t CROSS JOIN instant i
    ON CONFLICT (id) DO NOTHING
),
noted AS (
    INSERT INTO notification (id, org_id, case_id, kind, role, at)
    SELECT t.id, t.org_id, t.case_id, 'escalation', t.role, t.due_at FROM taken t
    ON CONFLICT DO NOTHING
),
marked AS (
    UPDATE case_clock k SET steps_done = d.level
    FROM due d WHERE k.ctid = d.place
),
ahead AS (
    SELECT k.next_step_at AS at FROM case_clock k
    WHERE k.next_step_at IS NOT NULL AND (SELECT count(*) FROM due) < 2000 AND k.case_id NOT IN (SELECT case_id FROM due)
    ORDER BY k.next_step_at
    LIMIT 1
)
SELECT count(*) AS done, coalesce((SELECT at FROM ahead), CASE WHEN count(*) = 2000 THEN max(d.next_step_at) END) AS next_at,
    (SELECT now FROM instant) AS now
FROM due d;

-- name: close_pass
-- lane: write
-- Answered cases that nobody took up again within the working days of the policy.
WITH instant AS MATERIALIZED (
    SELECT t.now, (t.now AT TIME ZONE 'Asia/Tehran')::date AS today
    FROM (SELECT clock_timestamp() + shift AS now FROM clock) t
),
due AS MATERIALIZED (
    SELECT c.id FROM casefile c
    WHERE c.closes_on < (SELECT today FROM instant) AND c.state = 'answered'
    ORDER BY c.closes_on
    LIMIT 1000
    FOR UPDATE OF c SKIP LOCKED
),
marked AS (
    UPDATE casefile c SET state = 'closed', closed_at = i.now, closes_on = NULL, updated_at = i.now,
        row_version = c.row_version + 1
    FROM instant i WHERE c.id = ANY (ARRAY(SELECT id FROM due))
    RETURNING c.id, c.org_id, c.kind, c.round
),
told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    SELECT once_id('closed:' || m.id || ':' || m.round), m.org_id, i.now, 'case.closed', m.kind, m.id, 'system', true,
        jsonb_build_object('round', m.round)
    FROM marked m CROSS JOIN instant i
    ON CONFLICT (id) DO NOTHING
),
ahead AS (
    SELECT ((c.closes_on + 1)::timestamp AT TIME ZONE 'Asia/Tehran') AS at FROM casefile c
    WHERE c.closes_on IS NOT NULL AND c.state = 'answered' AND c.id NOT IN (SELECT id FROM marked)
    ORDER BY c.closes_on
    LIMIT 1
)
SELECT (SELECT count(*) FROM marked) AS done, (SELECT at FROM ahead) AS next_at, i.now FROM instant i;
