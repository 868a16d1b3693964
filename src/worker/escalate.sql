-- The worker's passes over cases that wait for an answer, and over those that have one.

-- name: escalate_pass
-- lane: write
-- Every step that is past and was not taken yet, one event and one notification each, both under the name of case, level
-- and version of the deadline. A step that the ladder of today has no more tells the last role of it. What has
-- next_step_at though it is answered or ended loses it without a word. Rows are found by an array of ids: a join with a
-- batch of unknown size would read the whole table.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS MATERIALIZED (
    SELECT c.id, c.org_id, c.kind, c.unit_code, c.deadline_version, c.steps, c.steps_done,
        case_level(c, (SELECT now FROM instant)) AS level
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
    SELECT d.id, d.org_id, d.kind, d.unit_code, d.deadline_version, s.level, s.at AS due_at,
        coalesce(l.roles[least(s.level::int, cardinality(l.roles))], 'head') AS role,
        'escalation:' || d.id || ':' || s.level || ':' || d.deadline_version AS once
    FROM due d
    CROSS JOIN unnest(d.steps) WITH ORDINALITY s(at, level)
    LEFT JOIN ladder l ON l.org_id = d.org_id
    WHERE s.level > d.steps_done AND s.level <= d.level
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
    UPDATE casefile c SET steps_done = greatest(c.steps_done, case_level(c, (SELECT now FROM instant))),
        next_step_at = CASE WHEN case_is_running(c)
            THEN c.steps[greatest(c.steps_done, case_level(c, (SELECT now FROM instant))) + 1] END
    WHERE c.id = ANY (ARRAY(SELECT id FROM due))
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
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data, once)
    SELECT md5(k.once)::uuid, m.org_id, i.now, 'case.closed', m.kind, m.id, 'system', true,
        jsonb_build_object('round', m.round), k.once
    FROM marked m CROSS JOIN instant i CROSS JOIN LATERAL (SELECT 'closed:' || m.id || ':' || m.round) k(once)
    ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING
),
ahead AS (
    SELECT ((c.closes_on + 1)::timestamp AT TIME ZONE 'Asia/Tehran') AS at FROM casefile c
    WHERE c.closes_on IS NOT NULL AND c.state = 'answered' AND c.id NOT IN (SELECT id FROM marked)
    ORDER BY c.closes_on
    LIMIT 1
)
SELECT (SELECT count(*) FROM marked) AS done, (SELECT at FROM ahead) AS next_at, i.now FROM instant i;
