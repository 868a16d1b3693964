-- Replies on their way to citizens who did not come by the portal: what is still to be brought, and that it was.

-- name: delivery_list
-- lane: slow
-- $1 org uuid  $2 may_confidential bool  $3 state text  $4 channel text  $5 cursor_at timestamptz  $6 cursor_id uuid
-- $7 limit int4
SELECT m.id, m.case_id, c.kind, c.number, m.channel, c.person, m.text, m.at AS "at on_jalali", delivery_told(m) AS delivery,
    m.at AS _cursor_at, m.id AS _cursor_id
FROM case_message m JOIN casefile c ON c.id = m.case_id
WHERE m.delivery IN ('waiting', 'failed') AND c.org_id = $1 AND ($2 OR NOT c.is_confidential)
  AND ($3 IS NULL OR m.delivery = $3) AND ($4 IS NULL OR m.channel = $4)
  AND (m.at, m.id) > (coalesce($5, '-infinity'), coalesce($6, '00000000-0000-0000-0000-000000000000'))
ORDER BY m.at, m.id
LIMIT $7;

-- name: delivery_record
-- lane: write
-- $1 event uuid  $2 org uuid  $3 message uuid  $4 state text  $5 note text  $6 now timestamptz  $7 actor uuid
-- $8 may_confidential bool
-- What is delivered stays so. Who says the same again says nothing new.
WITH old AS (
    SELECT m, c.kind, c.is_confidential
    FROM case_message m JOIN casefile c ON c.id = m.case_id
    WHERE m.id = $3 AND c.org_id = $2 AND m.delivery IS NOT NULL
    FOR UPDATE OF m
),
judged AS (
    SELECT o.*, (o.m).delivery = $4 AND (o.m).delivery_note IS NOT DISTINCT FROM coalesce($5, (o.m).delivery_note) AS is_known,
        CASE WHEN o.is_confidential AND NOT $8 THEN 'forbidden'
             WHEN (o.m).delivery = 'delivered' AND $4 <> 'delivered' THEN 'state_conflict' END AS problem
    FROM old o
),
made AS (
    UPDATE case_message made SET delivery = $4, delivered_at = $6, delivery_note = $5
    FROM judged j WHERE made.id = (j.m).id AND j.problem IS NULL AND NOT j.is_known
    RETURNING made AS m
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, j.kind || CASE $4 WHEN 'delivered' THEN '.reply_delivered' ELSE '.delivery_failed' END, j.kind,
        (m.m).case_id, 'staff', $7, false, jsonb_build_object('message_id', $3, 'channel', (m.m).channel)
    FROM made m CROSS JOIN judged j
)
SELECT j.problem AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.m).delivery) END AS _detail,
    (n.m).id, (n.m).case_id, (n.m).at AS "at on_jalali", (n.m).kind, (n.m).text, (n.m).channel, (n.m).author_id,
    delivery_told(n.m) AS delivery
FROM judged j CROSS JOIN LATERAL (SELECT m FROM made UNION ALL SELECT j.m WHERE NOT EXISTS (SELECT FROM made)) n;
