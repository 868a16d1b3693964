-- Suggestions: what they have besides other cases. Experts and duplicates stand in suggestion_review.sql, what the public
-- sees and does in suggestion_public.sql.

-- name: suggestion_receipt
-- lane: read
-- $1 id uuid
SELECT c.id, c.number, c.receipt_received_at AS "received_at received_on_jalali",
    c.receipt_due_on AS "due_on due_on_jalali", c.receipt_due_at AS due_at, c.person IS NOT NULL AS reward_possible
FROM casefile c WHERE c.id = $1;

-- name: suggestion_tell
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 case uuid  $4 text text  $5 now timestamptz  $6 actor uuid  $7 digest bytea
-- $8 may_confidential bool
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 AND c.kind = 'suggestion' FOR UPDATE
),
judged AS (
    SELECT o.c, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (o.c).is_confidential AND NOT $8 THEN 'forbidden'
        WHEN (o.c).state NOT IN ('approved', 'planned', 'implementing', 'implemented') THEN 'state_conflict'
        END AS problem
    FROM old o
),
made AS (
    INSERT INTO suggestion_progress AS p (id, case_id, at, state, text, author_id)
    SELECT $1, (j.c).id, $5, (j.c).state, $4, $6 FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING p
),
touched AS (
    UPDATE casefile c SET row_version = c.row_version + 1, updated_at = $5 FROM made m WHERE c.id = (m.p).case_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $5, 'suggestion.progressed', 'suggestion', (m.p).case_id, 'staff', $6, true, '{}', $7 FROM made m
)
SELECT coalesce(j.problem, CASE WHEN n.id IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state) END AS _detail,
    n.id, n.at AS "at on_jalali", n.state, n.text
FROM judged j
LEFT JOIN (SELECT (m.p).* FROM made m UNION ALL SELECT p.* FROM suggestion_progress p WHERE p.id = $1) n ON true;
