-- Reminders: on the morning of a working day each unit is told how many of its cases fall due by the end of the next one.
-- What a working day is, reminders.c knows. The ladder's own steps ahead of the due day are the business of escalate.sql.

-- name: reminders_pass
-- lane: write
-- The first organisation that was not looked at today, with its calendar; org_id NULL: there is none.
WITH instant AS MATERIALIZED (
    SELECT t.now, (t.now AT TIME ZONE 'Asia/Tehran' - interval '7 hours')::date AS day
    FROM (SELECT clock_timestamp() + shift AS now FROM clock) t
),
waiting AS (
    SELECT o.id FROM organisation o LEFT JOIN reminder_seen s ON s.org_id = o.id
    WHERE o.retired_at IS NULL AND coalesce(s.day < (SELECT day FROM instant), true)
    ORDER BY o.id
    LIMIT 1
)
SELECT 0::int8 AS done, (i.day + 1 + time '07:00') AT TIME ZONE 'Asia/Tehran' AS next_at, i.now, w.id AS org_id, i.day,
    CASE WHEN w.id IS NOT NULL THEN calendar_document(w.id) END AS calendar
FROM instant i LEFT JOIN waiting w ON true;

-- name: reminders_tell
-- lane: write
-- $1 org uuid  $2 day date  $3 due_by date (NULL: the day is not worked)
-- Of several workers one marks the day, and tells. Units are reminded through the roles that the ladder tells ahead of time.
WITH marked AS (
    INSERT INTO reminder_seen AS s (org_id, day) VALUES ($1, $2)
    ON CONFLICT (org_id) DO UPDATE SET day = excluded.day WHERE s.day < excluded.day
    RETURNING s.org_id
),
due AS (
    SELECT c.unit_code, count(*) AS cases
    FROM marked m JOIN case_clock k ON k.org_id = m.org_id AND k.is_open JOIN casefile c ON c.id = k.case_id
    WHERE k.is_running AND k.due_on > $2 AND k.due_on <= $3
    GROUP BY c.unit_code
),
told AS (
    INSERT INTO notification (id, org_id, kind, role, unit_code, at, data)
    SELECT once_id(concat_ws(':', 'reminder', $1, d.unit_code, r.role, $2)), $1, 'reminder', r.role, d.unit_code,
        ($2 + time '07:00') AT TIME ZONE 'Asia/Tehran', jsonb_build_object('cases', d.cases, 'due_by', $3)
    FROM due d CROSS JOIN (SELECT DISTINCT e.role FROM escalation_step e WHERE e.org_id = $1 AND e.offset_days < 0) r
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT count(*) AS done FROM told;
