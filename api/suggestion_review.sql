-- Suggestions before they are decided: opinions of experts, conflicts of interest, duplicates.

-- name: suggestion_opine
-- lane: write
-- $1 event uuid  $2 org uuid  $3 case uuid  $4 body jsonb  $5 now timestamptz  $6 actor uuid  $7 digest bytea
-- $8 is_recusal bool  $9 may_confidential bool
-- An expert says what they think, or that they have an interest in it and may not say.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM casefile WHERE id = $3
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 AND c.kind = 'suggestion' FOR UPDATE
),
judged AS (
    SELECT o.c, e.review_round, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (SELECT row_version FROM seen) <> (o.c).row_version THEN 'retry'
        WHEN (o.c).is_confidential AND NOT $9 THEN 'forbidden'
        WHEN (o.c).state <> 'expert_review' THEN 'state_conflict'
        WHEN e.key_id IS NULL THEN 'not_an_expert'
        WHEN e.recused_at IS NOT NULL THEN 'expert_recused'
        WHEN e.filed_at IS NOT NULL THEN 'opinion_given'
        END AS problem
    FROM old o JOIN case_suggestion s ON s.case_id = (o.c).id
    LEFT JOIN suggestion_expert e ON e.case_id = s.case_id AND e.review_round = s.review_round AND e.key_id = $6
),
made AS (
    UPDATE suggestion_expert e SET
        recused_at = CASE WHEN $8 THEN $5 END, recusal = CASE WHEN $8 THEN $4 ->> 'reason' END,
        filed_at = CASE WHEN NOT $8 THEN $5 END, opinion = $4 ->> 'text', recommendation = $4 ->> 'recommendation'
    FROM judged j
    WHERE e.case_id = (j.c).id AND e.review_round = j.review_round AND e.key_id = $6 AND j.problem IS NULL
      AND NOT j.is_replayed
    RETURNING e
),
touched AS (
    UPDATE casefile c SET row_version = c.row_version + 1, updated_at = $5 FROM made m WHERE c.id = (m.e).case_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $5, CASE WHEN $8 THEN 'suggestion.expert_recused' ELSE 'suggestion.opinion_filed' END, 'suggestion',
        (m.e).case_id, 'staff', $6, NOT $8, jsonb_build_object('review_round', (m.e).review_round), $7
    FROM made m
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state) END AS _detail,
    n.review_round, n.key_id, n.name, n.unit_code, n.assigned_at, n.recused_at, n.recusal, n.filed_at, n.recommendation,
    n.opinion
FROM judged j
LEFT JOIN (SELECT (m.e).* FROM made m
           UNION ALL
           SELECT e.* FROM suggestion_expert e JOIN event h ON h.id = $1
           WHERE e.case_id = $3 AND e.key_id = $6 AND e.review_round = (h.data ->> 'review_round')::int) n ON true;

-- name: suggestion_duplicate
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 known jsonb  $10 permitted jsonb  $11 may_confidential bool
-- The original gains the author as a supporter, and every support that this one has. Codes follow the original, also those
-- of suggestions that were found to be duplicates of this one before; so nobody comes to follow what is confidential.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT id, row_version FROM casefile WHERE id IN ($3, ($4 ->> 'of')::uuid)
),
both_cases AS MATERIALIZED (
    SELECT c FROM casefile c
    WHERE c.org_id = $2 AND c.kind = 'suggestion' AND c.id IN ($3, ($4 ->> 'of')::uuid)
    ORDER BY c.id
    FOR UPDATE
),
judged AS (
    SELECT b.c, s.c AS original, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN EXISTS (SELECT FROM seen x JOIN both_cases y ON (y.c).id = x.id WHERE (y.c).row_version <> x.row_version)
            THEN 'retry'
        WHEN (b.c).is_confidential AND NOT $11 THEN 'forbidden'
        WHEN case_version(b.c)::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT coalesce($9 -> (b.c).state ? 'duplicate', false) THEN 'state_conflict'
        WHEN NOT coalesce($10 -> (b.c).state ? 'duplicate', false) THEN 'forbidden'
        WHEN s.c IS NULL OR (s.c).id = $3 OR (s.c).state IN ('duplicate', 'withdrawn')
            OR (s.c).is_confidential AND NOT (b.c).is_confidential THEN 'no_original'
        END AS problem
    FROM both_cases b LEFT JOIN both_cases s ON (s.c).id = ($4 ->> 'of')::uuid
    WHERE (b.c).id = $3
),
made AS (
    UPDATE casefile made SET
        state = CASE WHEN made.id = (j.c).id THEN 'duplicate' ELSE made.state END,
        merged_into = CASE WHEN made.id <> (j.original).id THEN (j.original).id END,
        closed_at = CASE WHEN made.id = (j.c).id THEN $6 ELSE made.closed_at END,
        reason = CASE WHEN made.id = (j.c).id THEN $4 ->> 'reason' ELSE made.reason END,
        first_response_at = CASE WHEN made.id = (j.c).id THEN coalesce(made.first_response_at, $6)
                                 ELSE made.first_response_at END,
        row_version = made.row_version + 1, updated_at = $6
    FROM judged j
    WHERE (made.id IN ((j.c).id, (j.original).id) OR made.merged_into = (j.c).id) AND j.problem IS NULL
      AND NOT j.is_replayed
    RETURNING made AS d
),
supported AS (
    INSERT INTO suggestion_support (case_id, voter, is_active, is_counted, changed_at)
    SELECT (j.original).id, v.voter, true, false, $6
    FROM judged j CROSS JOIN LATERAL (
        SELECT p.voter FROM suggestion_support p WHERE p.case_id = (j.c).id AND p.is_active
        UNION
        SELECT uuid_send((j.c).id)) v
    WHERE EXISTS (SELECT FROM made)
    ON CONFLICT (case_id, voter) DO UPDATE SET is_active = true, changed_at = excluded.changed_at
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT CASE WHEN is_it THEN $1 ELSE gen_random_uuid() END, $2, $6,
        CASE WHEN is_it THEN 'suggestion.duplicate' ELSE 'suggestion.joined' END, 'suggestion', (m.d).id, 'staff', $7, is_it,
        CASE WHEN is_it THEN jsonb_build_object('of', (j.original).id) ELSE jsonb_build_object('duplicate', $3) END,
        CASE WHEN is_it THEN $8 END
    FROM made m CROSS JOIN judged j CROSS JOIN LATERAL (SELECT (m.d).id = $3 AS is_it) w
    WHERE (m.d).id IN ($3, (j.original).id)
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state,
        'allowed', coalesce($10 -> (j.c).state, '[]')) END AS _detail, (j.c).id
FROM judged j;
