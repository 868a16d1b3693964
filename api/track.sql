-- The citizen's door: everything by the hash of a tracking code.

-- name: track_get
-- lane: read
-- $1 hash bytea  $2 now timestamptz
SELECT 'comment' AS kind, c.id, c.number, c.state, c.received_at AS "received_at received_on_jalali", c.is_late AS late,
    c.text,
    CASE WHEN d.id IS NOT NULL THEN jsonb_build_object('id', d.id, 'org', o.slug, 'number', d.number, 'kind', d.kind,
        'title', d.title, 'state', draft_state(d.state, d.opens_at, d.closes_at, $2),
        'closes_at', json_instant(d.closes_at), 'closes_on_jalali', jalali_on(d.closes_at)) END AS draft,
    CASE WHEN s.id IS NOT NULL THEN jsonb_build_object('id', s.id, 'org', o.slug, 'kind', s.kind, 'code', s.code,
        'title', s.title) END AS subject,
    c.reason_code, c.reason,
    c.state <> 'withdrawn' AND CASE WHEN d.id IS NULL THEN c.confirmed_at IS NULL
        ELSE draft_state(d.state, d.opens_at, d.closes_at, $2) = 'open' END AS may_withdraw,
    c.state = 'rejected' AND c.objected_at IS NULL AS may_object,
    CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition END AS disposition,
    CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition_reason END AS disposition_reason,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('at', json_instant(e.at), 'on_jalali', jalali_on(e.at),
         'kind', e.kind) ORDER BY e.at, e.id), '[]')
     FROM event e WHERE e.subject_id = c.id AND e.is_public) AS timeline
FROM comment c LEFT JOIN draft d ON d.id = c.draft_id LEFT JOIN subject s ON s.id = c.subject_id
JOIN organisation o ON o.id = c.org_id
WHERE c.tracking_hash = $1;

-- name: track_withdraw
-- lane: write
-- $1 event uuid  $2 hash bytea  $3 now timestamptz  $4 digest bytea
-- What was said of a draft can be taken back while its window is open, of a subject until it is disposed of.
WITH old AS (
    SELECT c.id, c.org_id, c.state, c.draft_id, c.confirmed_at,
        draft_state(d.state, d.opens_at, d.closes_at, $3) AS draft_state, d.closes_at
    FROM comment c LEFT JOIN draft d ON d.id = c.draft_id
    WHERE c.tracking_hash = $2 FOR UPDATE OF c
),
judged AS (
    SELECT o.*, CASE WHEN o.state = 'withdrawn' THEN NULL
                     WHEN o.draft_id IS NULL THEN CASE WHEN o.confirmed_at IS NOT NULL THEN 'state_conflict' END
                     WHEN o.draft_state <> 'open' THEN 'window_closed' END AS problem
    FROM old o
),
made AS (
    UPDATE comment c SET state = 'withdrawn', row_version = c.row_version + 1, updated_at = $3
    FROM judged j WHERE c.id = j.id AND j.problem IS NULL AND j.state <> 'withdrawn'
    RETURNING c.id, c.org_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data, request_digest)
    SELECT $1, m.org_id, $3, 'comment.withdrawn', 'comment', m.id, 'public', true, '{}', $4 FROM made m
    ON CONFLICT (id) DO NOTHING
)
SELECT j.problem AS _problem, j.state = 'withdrawn' AS _replayed,
    CASE j.problem WHEN 'window_closed' THEN jsonb_build_object('closes_at', json_instant(j.closes_at))
        WHEN 'state_conflict' THEN jsonb_build_object('state', j.state) END AS _detail
FROM judged j;

-- name: track_object
-- lane: write
-- $1 event uuid  $2 hash bytea  $3 now timestamptz  $4 digest bytea  $5 text text
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM comment WHERE tracking_hash = $2
),
old AS (
    SELECT c.id, c.org_id, c.state, c.objected_at, c.row_version FROM comment c WHERE c.tracking_hash = $2 FOR UPDATE
),
judged AS (
    SELECT o.*, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $4 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (SELECT row_version FROM seen) <> o.row_version THEN 'retry'
        WHEN o.objected_at IS NOT NULL THEN 'already_objected'
        WHEN o.state <> 'rejected' THEN 'state_conflict' END AS problem
    FROM old o
),
made AS (
    UPDATE comment c SET state = 'pending', objection = $5, objected_at = $3, row_version = c.row_version + 1,
        updated_at = $3
    FROM judged j WHERE c.id = j.id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING c.id, c.org_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data, request_digest)
    SELECT $1, m.org_id, $3, 'comment.objected', 'comment', m.id, 'public', true, '{}', $4 FROM made m
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state) END AS _detail
FROM judged j;
