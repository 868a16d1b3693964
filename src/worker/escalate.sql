-- The worker's passes over cases that wait for an answer, and over those that have one.

-- name: escalate_pass
-- lane: write
-- Every step that is past and was not taken yet, one event and one notification each, both under the name of case, level
-- and version of the deadline. A step that the ladder of today has no more tells the last role of it. What has
-- next_step_at though it is answered or ended loses it without a word.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS MATERIALIZED (
    SELECT c.id, c.org_id, c.kind, c.unit_code, c.deadline_version, c.steps, c.steps_done,
        CASE WHEN case_is_running(c) THEN width_bucket((SELECT now FROM instant), c.steps) ELSE c.steps_done END AS level
    FROM casefile c
    WHERE c.next_step_at <= (SELECT now FROM instant)
    ORDER BY c.next_step_at
    LIMIT 2000
    FOR UPDATE OF c SKIP LOCKED
),
ladder AS MATERIALIZED (
    SELECT e.org_id, array_agg(e.role ORDER BY e.offset_days) AS roles FROM escalation_step e GROUP BY e.org_id
),
taken AS MATERIALIZED (
    SELECT d.id, d.org_id, d.kind, d.unit_code, d.deadline_version, s.level, d.steps[s.level] AS due_at,
        coalesce(l.roles[least(s.level, cardinality(l.roles))], 'head') AS role,
        'escalation:' || d.id || ':' || s.level || ':' || d.deadline_version AS once
    FROM due d
    CROSS JOIN generate_series(d.steps_done + 1, d.level) s(level)
    LEFT JOIN ladder l ON l.org_id = d.org_id
),
told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data, once)
    SELECT md5(t.once)::uuid, t.org_id, i.now + t.level * interval '1 microsecond', 'case.escalated', t.kind, t.id,
        'system', true,
        jsonb_build_object('level', t.level, 'role', t.role, 'deadline_version', t.deadline_version), t.once
    FROM taken t CROSS JOIN instant i
    ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING
),
noted AS (
    INSERT INTO notification (org_id, case_id, kind, role, unit_code, at, once)
    SELECT t.org_id, t.id, 'escalation', t.role, t.unit_code, t.due_at, t.once FROM taken t
    ON CONFLICT (once) DO NOTHING
),
marked AS (
    UPDATE casefile c SET steps_done = greatest(d.steps_done, d.level),
        next_step_at = CASE WHEN case_is_running(c) THEN d.steps[greatest(d.steps_done, d.level) + 1] END
    FROM due d WHERE c.id = d.id
    RETURNING c.id
),
ahead AS (
    SELECT c.next_step_at AS at FROM casefile c
    WHERE c.next_step_at IS NOT NULL AND c.id NOT IN (SELECT id FROM marked)
    ORDER BY c.next_step_at
    LIMIT 1
)
SELECT (SELECT count(*) FROM marked) AS done, (SELECT at FROM ahead) AS next_at, i.now FROM instant i;

-- name: close_pass
-- lane: write
-- Answered cases that nobody took up again within the working days of the policy.
WITH instant AS MATERIALIZED (
    SELECT t.now, (t.now AT TIME ZONE 'Asia/Tehran')::date AS today
    FROM (SELECT clock_timestamp() + shift AS now FROM clock) t
),
due AS MATERIALIZED (
    SELECT c.id, c.state = 'answered' AND c.closed_at IS NULL AS closes
    FROM casefile c
    WHERE c.closes_on < (SELECT today FROM instant)
    ORDER BY c.closes_on
    LIMIT 1000
    FOR UPDATE OF c SKIP LOCKED
),
marked AS (
    UPDATE casefile c SET closes_on = NULL, state = CASE WHEN d.closes THEN 'closed' ELSE c.state END,
        closed_at = CASE WHEN d.closes THEN i.now ELSE c.closed_at END,
        updated_at = CASE WHEN d.closes THEN i.now ELSE c.updated_at END, row_version = c.row_version + d.closes::int
    FROM due d CROSS JOIN instant i WHERE c.id = d.id
    RETURNING c.id, c.org_id, c.kind, c.round, d.closes
),
told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data, once)
    SELECT md5(k.once)::uuid, m.org_id, i.now, 'case.closed', m.kind, m.id, 'system', true,
        jsonb_build_object('round', m.round), k.once
    FROM marked m CROSS JOIN instant i CROSS JOIN LATERAL (SELECT 'closed:' || m.id || ':' || m.round) k(once)
    WHERE m.closes
    ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING
),
ahead AS (
    SELECT ((c.closes_on + 1)::timestamp AT TIME ZONE 'Asia/Tehran') AS at FROM casefile c
    WHERE c.closes_on IS NOT NULL AND c.id NOT IN (SELECT id FROM marked)
    ORDER BY c.closes_on
    LIMIT 1
)
SELECT (SELECT count(*) FROM marked) AS done, (SELECT at FROM ahead) AS next_at, i.now FROM instant i;
