-- Rewards: proposed by the committee's chair, decided by the approver, paid by the office. How a sum is split is computed in C
-- from what reward_basis reads; each write holds the suggestion's row (reward_lock) before it judges.

-- name: reward_list
-- lane: read
-- $1 org uuid  $2 suggestion uuid  $3 may_confidential bool
SELECT CASE WHEN c.is_confidential AND NOT $3 THEN 'forbidden' END AS _problem, s.*, s.id AS _cursor_id
FROM case_suggestion c
LEFT JOIN LATERAL (SELECT e.reward_id, min(e.at) AS at FROM reward_entry e WHERE e.suggestion_id = c.case_id
                   GROUP BY e.reward_id) r ON true
LEFT JOIN LATERAL reward_shown(r.reward_id) s ON true
WHERE c.case_id = $2 AND c.org_id = $1
ORDER BY r.at, r.reward_id;

-- name: reward_get
-- lane: read
-- $1 org uuid  $2 suggestion uuid  $3 reward uuid
SELECT s.* FROM reward_shown($3) s JOIN case_suggestion c ON c.case_id = s.suggestion_id
WHERE c.case_id = $2 AND c.org_id = $1;

-- name: reward_years
-- lane: read
-- $1 org uuid
SELECT y.* FROM reward_years($1) y ORDER BY y.year;

-- name: reward_basis
-- lane: read
-- $1 org uuid  $2 suggestion uuid  $3 reward uuid  $4 may_confidential bool
-- By which shares a sum is split, in the order of the lines: those of who suggested it, or those of a reward.
SELECT CASE WHEN c.is_confidential AND NOT $4 THEN 'forbidden' END AS _problem,
    coalesce((SELECT jsonb_agg(coalesce(l.share, 10000) ORDER BY l.line) FROM reward_lines($3) l),
        (SELECT jsonb_agg((p.value -> 'points')::int ORDER BY p.ordinality) FROM jsonb_array_elements(c.shares)
         WITH ORDINALITY p), '[]') AS shares,
    (SELECT sum(l.proposed)::bigint FROM reward_lines($3) l) AS proposed
FROM case_suggestion c WHERE c.case_id = $2 AND c.org_id = $1;

-- name: reward_propose
-- lane: write
-- $1 event uuid (also the reward)  $2 org uuid  $3 suggestion uuid  $4 body jsonb  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 shares jsonb  $9 parts jsonb (rials of each line)
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT c.state, s.shares, (SELECT (t.s).id FROM suggestion_sitting(s.case_id) t) AS session_id
    FROM casefile c JOIN case_suggestion s ON s.case_id = c.id WHERE c.id = $3 AND c.org_id = $2
    FOR NO KEY UPDATE OF c
),
judged AS (
    SELECT o.*, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN o.state NOT IN ('approved', 'planned', 'implementing', 'implemented') THEN 'state_conflict'
        WHEN o.shares = '[]' THEN 'anonymous_no_reward'
        WHEN (SELECT jsonb_agg((p.value -> 'points')::int ORDER BY p.ordinality) FROM jsonb_array_elements(o.shares)
              WITH ORDINALITY p) <> $8 THEN 'busy'
        WHEN ($4 ? 'amount') = ($4 ? 'benefit') THEN 'amount_or_benefit'
        WHEN ($4 ->> 'for' = 'participant') <> ($4 ? 'name') THEN 'participant_needed'
        END AS problem
    FROM old o
),
lines AS (
    SELECT p.ordinality::int - 1 AS line, CASE p.ordinality WHEN 1 THEN 'submitter' ELSE 'co_suggester' END AS beneficiary,
        p.value ->> 'name' AS name, NULL AS role, (p.value ->> 'points')::int AS share,
        ($9 ->> (p.ordinality::int - 1))::bigint AS amount
    FROM judged j CROSS JOIN jsonb_array_elements(j.shares) WITH ORDINALITY p WHERE $4 ->> 'for' = 'submitters'
    UNION ALL
    SELECT 0, 'participant', $4 ->> 'name', $4 ->> 'role', NULL, ($4 ->> 'amount')::bigint WHERE $4 ->> 'for' = 'participant'
),
made AS (
    INSERT INTO reward_entry AS e (id, org_id, suggestion_id, reward_id, line, kind, sign, amount, benefit, beneficiary, name,
        role, share, text, at, actor_id, session_id)
    SELECT gen_random_uuid(), $2, $3, $1, l.line, 'proposed', 1, CASE WHEN $4 ? 'amount' THEN l.amount END, $4 ->> 'benefit',
        l.beneficiary, l.name, l.role, l.share, $4 ->> 'text', $5, $6, j.session_id
    FROM judged j CROSS JOIN lines l WHERE j.problem IS NULL AND NOT j.is_replayed
    RETURNING e.line
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $5, 'suggestion.reward_proposed', 'suggestion', $3, 'staff', $6, false, jsonb_build_object('reward_id', $1), $7
    WHERE EXISTS (SELECT FROM made)
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, $1 AS reward,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state) END AS _detail
FROM judged j;

-- name: reward_decide
-- lane: write
-- $1 event uuid  $2 org uuid  $3 suggestion uuid  $4 reward uuid  $5 body jsonb  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 parts jsonb (rials of each line)
-- A refusal takes the proposal back.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
lines AS MATERIALIZED (
    SELECT l.*, ($9 ->> l.line)::bigint AS part FROM case_suggestion s
    CROSS JOIN LATERAL reward_lines_locked(s.case_id, $4) x
    CROSS JOIN LATERAL jsonb_to_record(x) AS l (line int, beneficiary text, name text, role text, share int, benefit text,
        proposed bigint, decided bigint, paid bigint)
    WHERE s.case_id = $3 AND s.org_id = $2
      AND EXISTS (SELECT FROM reward_entry e WHERE e.reward_id = $4 AND e.suggestion_id = $3)
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, ($5 ->> 'granted')::boolean AS is_granted,
        bool_or(l.beneficiary = 'submitter') AS is_authors, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN sum(l.proposed) = 0 THEN 'not_proposed'
        WHEN bool_or(l.decided > 0) THEN 'already_decided'
        WHEN bool_or(l.benefit IS NOT NULL) AND $5 ? 'amount' THEN 'amount_or_benefit'
        WHEN ($5 ->> 'granted')::boolean AND sum(l.part) > sum(l.proposed) THEN 'over_proposed'
        END AS problem
    FROM lines l HAVING count(*) > 0
),
origins AS (
    SELECT DISTINCT ON (e.line) e.line, e.id FROM reward_entry e
    WHERE e.reward_id = $4 AND e.kind = 'proposed' AND e.sign = 1
      AND NOT EXISTS (SELECT FROM reward_entry r WHERE r.reverses = e.id)
    ORDER BY e.line, e.at DESC
),
made AS (
    INSERT INTO reward_entry AS e (id, org_id, suggestion_id, reward_id, line, kind, sign, amount, benefit, beneficiary, name,
        role, share, refers_to, reverses, text, at, actor_id)
    SELECT gen_random_uuid(), $2, $3, $4, l.line, CASE WHEN j.is_granted THEN 'decided' ELSE 'proposed' END,
        CASE WHEN j.is_granted THEN 1 ELSE -1 END,
        CASE WHEN l.benefit IS NULL THEN CASE WHEN j.is_granted THEN l.part ELSE l.proposed END END, l.benefit, l.beneficiary,
        l.name, l.role, l.share, CASE WHEN j.is_granted THEN o.id END, CASE WHEN NOT j.is_granted THEN o.id END,
        $5 ->> 'text', $6, $7
    FROM judged j CROSS JOIN lines l JOIN origins o ON o.line = l.line WHERE j.problem IS NULL AND NOT j.is_replayed
    RETURNING e.line
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $6, CASE WHEN j.is_granted THEN 'suggestion.reward_decided' ELSE 'suggestion.reward_refused' END, 'suggestion', $3,
        'staff', $7, j.is_granted AND j.is_authors, jsonb_build_object('reward_id', $4), $8
    FROM judged j WHERE EXISTS (SELECT FROM made)
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, $4 AS reward FROM judged j;

-- name: reward_pay
-- lane: write
-- $1 event uuid (also of the entry)  $2 org uuid  $3 suggestion uuid  $4 reward uuid  $5 body jsonb  $6 now timestamptz
-- $7 actor uuid  $8 digest bytea  $9 may_confidential bool
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
lines AS MATERIALIZED (
    SELECT l.*, s.is_confidential FROM case_suggestion s
    CROSS JOIN LATERAL reward_lines_locked(s.case_id, $4) x
    CROSS JOIN LATERAL jsonb_to_record(x) AS l (line int, beneficiary text, name text, role text, share int, benefit text,
        proposed bigint, decided bigint, paid bigint)
    WHERE s.case_id = $3 AND s.org_id = $2 AND l.line = ($5 ->> 'line')::int
      AND EXISTS (SELECT FROM reward_entry e WHERE e.reward_id = $4 AND e.suggestion_id = $3)
),
judged AS (
    SELECT l.*, EXISTS (SELECT FROM prior) AS is_replayed,
        coalesce(($5 ->> 'amount')::bigint, l.decided - l.paid) AS part, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN l.is_confidential AND NOT $9 THEN 'forbidden'
        WHEN l.benefit IS NOT NULL AND $5 ? 'amount' THEN 'amount_or_benefit'
        WHEN l.decided = 0 THEN 'not_decided'
        WHEN l.paid >= l.decided OR l.paid + coalesce(($5 ->> 'amount')::bigint, 0) > l.decided THEN 'over_decided'
        END AS problem
    FROM lines l
),
origin AS (
    SELECT e.id FROM reward_entry e
    WHERE e.reward_id = $4 AND e.line = ($5 ->> 'line')::int AND e.kind = 'decided' AND e.sign = 1
      AND NOT EXISTS (SELECT FROM reward_entry r WHERE r.reverses = e.id)
    ORDER BY e.at DESC LIMIT 1
),
made AS (
    INSERT INTO reward_entry AS e (id, org_id, suggestion_id, reward_id, line, kind, sign, amount, benefit, beneficiary, name,
        role, share, refers_to, text, at, actor_id)
    SELECT $1, $2, $3, $4, j.line, 'paid', 1, CASE WHEN j.benefit IS NULL THEN j.part END, j.benefit, j.beneficiary, j.name,
        j.role, j.share, o.id, $5 ->> 'reference', $6, $7
    FROM judged j CROSS JOIN origin o WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING e.line
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $6, 'suggestion.reward_paid', 'suggestion', $3, 'staff', $7, j.beneficiary = 'submitter',
        jsonb_build_object('reward_id', $4), $8
    FROM judged j WHERE EXISTS (SELECT FROM made)
)
SELECT coalesce(j.problem, CASE WHEN NOT j.is_replayed AND NOT EXISTS (SELECT FROM made) THEN 'retry' END) AS _problem,
    j.is_replayed AS _replayed, $4 AS reward
FROM judged j;

-- name: reward_reverse
-- lane: write
-- $1 event uuid (also of the entry)  $2 org uuid  $3 suggestion uuid  $4 reward uuid  $5 entry uuid  $6 body jsonb
-- $7 now timestamptz  $8 actor uuid  $9 digest bytea  $10 kinds text[] (what the caller may take back)
-- $11 may_confidential bool
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
wanted AS (
    SELECT e, s.is_confidential FROM reward_entry e JOIN case_suggestion s ON s.case_id = e.suggestion_id
    WHERE e.id = $5 AND e.reward_id = $4 AND e.suggestion_id = $3 AND e.org_id = $2
),
lines AS MATERIALIZED (
    SELECT l.* FROM wanted w
    CROSS JOIN LATERAL reward_lines_locked($3, $4) x
    CROSS JOIN LATERAL jsonb_to_record(x) AS l (line int, proposed bigint, decided bigint, paid bigint)
    WHERE l.line = (w.e).line
),
judged AS (
    SELECT w.e, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $9 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN NOT (w.e).kind = ANY ($10) OR w.is_confidential AND NOT $11 THEN 'forbidden'
        WHEN (w.e).sign = -1 OR EXISTS (SELECT FROM reward_entry r WHERE r.reverses = $5) THEN 'already_reversed'
        WHEN (w.e).kind = 'decided' AND l.decided - coalesce((w.e).amount, 1) < l.paid
          OR (w.e).kind = 'proposed' AND l.proposed - coalesce((w.e).amount, 1) < l.decided THEN 'later_entries_stand'
        END AS problem
    FROM wanted w CROSS JOIN lines l
),
made AS (
    INSERT INTO reward_entry AS e (id, org_id, suggestion_id, reward_id, line, kind, sign, amount, benefit, beneficiary, name,
        role, share, refers_to, reverses, text, at, actor_id)
    SELECT $1, $2, $3, $4, (j.e).line, (j.e).kind, -1, (j.e).amount, (j.e).benefit, (j.e).beneficiary, (j.e).name, (j.e).role,
        (j.e).share, (j.e).refers_to, (j.e).id, $6 ->> 'reason', $7, $8
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING e.line
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $7, 'suggestion.reward_reversed', 'suggestion', $3, 'staff', $8, false,
        jsonb_build_object('reward_id', $4, 'entry_id', $5), $9
    WHERE EXISTS (SELECT FROM made)
)
SELECT coalesce(j.problem, CASE WHEN NOT j.is_replayed AND NOT EXISTS (SELECT FROM made) THEN 'retry' END) AS _problem,
    j.is_replayed AS _replayed, $4 AS reward
FROM judged j;
