-- Staff and comments: moderation, and what is done with each.

-- name: comment_transition
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 known jsonb  $10 permitted jsonb  $11 reasons jsonb
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM comment WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT c FROM comment c WHERE c.id = $3 AND c.org_id = $2 FOR UPDATE
),
judged AS (
    SELECT o.c, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (SELECT row_version FROM seen) <> (o.c).row_version THEN 'retry'
        WHEN (o.c).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT coalesce($9 -> (o.c).state ? ($4 ->> 'to'), false) THEN 'state_conflict'
        WHEN NOT coalesce($10 -> (o.c).state ? ($4 ->> 'to'), false) THEN 'forbidden'
        WHEN coalesce($11 -> (o.c).state ? ($4 ->> 'to'), false) AND $4 ->> 'reason' IS NULL THEN 'reason_needed'
        END AS problem
    FROM old o
),
made AS (
    UPDATE comment made SET state = $4 ->> 'to', row_version = made.row_version + 1, updated_at = $6,
        reason_code = $4 ->> 'reason_code', reason = $4 ->> 'reason',
        public_text = CASE WHEN $4 ->> 'to' = 'published' THEN $4 ->> 'public_text' ELSE made.public_text END
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS c
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, 'comment.' || (m.c).state, 'comment', (m.c).id, 'staff', $7, true,
        jsonb_strip_nulls(jsonb_build_object('reason_code', (m.c).reason_code)), $8
    FROM made m
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, (n.c).row_version::text AS _etag,
    CASE j.problem WHEN 'state_conflict'
        THEN jsonb_build_object('state', (j.c).state, 'allowed', coalesce($10 -> (j.c).state, '[]')) END AS _detail,
    s.*, comment_about(n.c) AS about, coalesce($10 -> (n.c).state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT c FROM made UNION ALL SELECT j.c FROM judged j WHERE j.is_replayed) n ON true
LEFT JOIN LATERAL comment_for_staff(n.c) s ON true;

-- name: comment_dispose
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 confirms bool  $9 permitted jsonb
-- Comments on a draft wait for the end of its window; a subject in force has none.
WITH old AS (
    SELECT c FROM comment c WHERE c.id = $3 AND c.org_id = $2 FOR UPDATE
),
judged AS (
    SELECT o.c, CASE
        WHEN (o.c).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN (o.c).state <> 'published' THEN 'state_conflict'
        WHEN draft_state(d.state, d.opens_at, d.closes_at, $6) IN ('scheduled', 'open') THEN 'disposition_too_early'
        END AS problem, d.closes_at
    FROM old o LEFT JOIN draft d ON d.id = (o.c).draft_id
),
made AS (
    UPDATE comment made SET disposition = $4 ->> 'disposition', disposition_reason = $4 ->> 'reason', disposed_at = $6,
        disposed_by = $7, confirmed_at = CASE WHEN $8 THEN $6 END, row_version = made.row_version + 1, updated_at = $6
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL
    RETURNING made AS c
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, CASE WHEN $8 THEN 'comment.disposed' ELSE 'comment.disposition_proposed' END, 'comment',
        (m.c).id, 'staff', $7, $8, jsonb_build_object('disposition', (m.c).disposition)
    FROM made m
)
SELECT j.problem AS _problem, (m.c).row_version::text AS _etag, $8 AS _public,
    CASE j.problem
        WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state)
        WHEN 'disposition_too_early' THEN jsonb_build_object('closes_at', json_instant(j.closes_at)) END AS _detail,
    s.*, comment_about(m.c) AS about, coalesce($9 -> (m.c).state, '[]') AS allowed_transitions
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL comment_for_staff(m.c) s ON true;

-- name: campaign_dispose
-- lane: write
-- $1 event uuid  $2 org uuid  $3 draft uuid  $4 campaign uuid  $5 body jsonb  $6 now timestamptz  $7 actor uuid
-- $8 confirms bool
WITH target AS (
    SELECT d.id, d.closes_at, CASE WHEN draft_state(d.state, d.opens_at, d.closes_at, $6) IN ('scheduled', 'open')
        THEN 'disposition_too_early' END AS problem
    FROM draft d
    WHERE d.id = $3 AND d.org_id = $2
      AND EXISTS (SELECT FROM comment c WHERE c.draft_id = d.id AND c.campaign_id = $4)
),
made AS (
    UPDATE comment c SET disposition = $5 ->> 'disposition', disposition_reason = $5 ->> 'reason', disposed_at = $6,
        disposed_by = $7, confirmed_at = CASE WHEN $8 THEN $6 END, row_version = c.row_version + 1, updated_at = $6
    FROM target t
    WHERE c.draft_id = t.id AND c.campaign_id = $4 AND c.state = 'published' AND c.confirmed_at IS NULL
      AND t.problem IS NULL
    RETURNING c.id
),
each AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT gen_random_uuid(), $2, $6, CASE WHEN $8 THEN 'comment.disposed' ELSE 'comment.disposition_proposed' END,
        'comment', m.id, 'staff', $7, $8,
        jsonb_build_object('disposition', $5 -> 'disposition', 'campaign_id', $4)
    FROM made m
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'draft.campaign_disposed', 'draft', t.id, 'staff', $7, false,
        jsonb_build_object('campaign_id', $4, 'disposition', $5 -> 'disposition', 'comments', (SELECT count(*) FROM made))
    FROM target t WHERE t.problem IS NULL
)
SELECT t.problem AS _problem, $8 AS _public,
    CASE WHEN t.problem IS NOT NULL THEN jsonb_build_object('closes_at', json_instant(t.closes_at)) END AS _detail,
    $4 AS campaign_id, (SELECT count(*) FROM made) AS comments
FROM target t;
