-- What is said about a case by staff.

-- name: case_say
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 kind text  $4 case uuid  $5 text text  $6 now timestamptz
-- $7 actor uuid  $8 digest bytea  $9 may_confidential bool  $10 what text (reply or note)  $11 attachments uuid[]
WITH prior AS (
    SELECT request_digest FROM case_message WHERE id = $1
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $4 AND c.org_id = $2 AND c.kind = $3 FOR UPDATE
),
claimed AS (
    SELECT a.id FROM attachment a
    WHERE a.id = ANY ($11) AND a.org_id = $2 AND a.case_id IS NULL AND a.scan <> 'infected'
    FOR UPDATE
),
judged AS (
    SELECT o.c, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (o.c).is_confidential AND NOT $9 THEN 'forbidden'
        WHEN $10 = 'reply' AND (o.c).closed_at IS NOT NULL THEN 'state_conflict'
        WHEN cardinality($11) > 0 AND (SELECT count(*) FROM claimed) <> cardinality($11) THEN 'unknown_attachment'
        END AS problem
    FROM old o
),
made AS (
    INSERT INTO case_message AS m (id, case_id, at, kind, text, author_id, channel, request_digest, delivery, delivered_at)
    SELECT $1, (j.c).id, $6, $10, $5, $7, CASE WHEN $10 = 'reply' THEN (j.c).channel END, $8,
        CASE WHEN $10 = 'reply' THEN delivery_begins((j.c).channel) END, CASE WHEN $10 = 'reply' THEN $6 END
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING m
),
taken AS (
    UPDATE attachment a SET case_id = (m.m).case_id, message_id = (m.m).id FROM made m WHERE a.id = ANY ($11)
),
touched AS (
    UPDATE casefile c SET row_version = c.row_version + 1, updated_at = $6,
        first_response_at = CASE WHEN $10 = 'reply' THEN coalesce(c.first_response_at, $6) ELSE c.first_response_at END
    FROM made m WHERE c.id = (m.m).case_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, $3 || CASE $10 WHEN 'reply' THEN '.replied' ELSE '.noted' END, $3, (m.m).case_id, 'staff', $7,
        $10 = 'reply', '{}', $8
    FROM made m
)
SELECT coalesce(j.problem, CASE WHEN n.id IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state) END AS _detail,
    n.id, n.case_id, n.at AS "at on_jalali", n.kind, n.text, n.channel, n.author_id,
    delivery_told(n) AS delivery
FROM judged j
LEFT JOIN (SELECT (m.m).* FROM made m UNION ALL SELECT m.* FROM case_message m WHERE m.id = $1) n ON true;
