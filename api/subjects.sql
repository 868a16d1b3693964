-- Subjects in force (policies, processes, decisions, actions, services) and what people say about them. What staff do
-- with those comments is the same as with comments on drafts: comments.sql, moderation.sql.

-- name: subject_list
-- lane: read
-- $1 org uuid  $2 kind text  $3 in_force bool  $4 today date  $5 unit text  $6 cursor_at timestamptz  $7 cursor_id uuid
-- $8 limit int4  $9 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT s FROM subject s
    WHERE s.org_id = $1 AND ($2 IS NULL OR s.kind = $2) AND ($3 IS NULL OR subject_in_force(s, $4) = $3)
      AND ($5 IS NULL OR s.unit_code = $5))
SELECT v.*, (c.s).created_at AS _cursor_at, (c.s).id AS _cursor_id,
    CASE WHEN $9 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL subject_shown(c.s, $4) v
WHERE ((c.s).created_at, (c.s).id) < (coalesce($6, 'infinity'), coalesce($7, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (c.s).created_at DESC, (c.s).id DESC
LIMIT $8;

-- name: subject_search
-- lane: slow
-- $1 org uuid  $2 kind text  $3 in_force bool  $4 today date  $5 unit text  $6 cursor_at timestamptz  $7 cursor_id uuid
-- $8 limit int4  $9 count bool  $10 q text
WITH words AS MATERIALIZED (SELECT search_patterns($10) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT s FROM subject s
    WHERE s.org_id = $1 AND ($2 IS NULL OR s.kind = $2) AND ($3 IS NULL OR subject_in_force(s, $4) = $3)
      AND ($5 IS NULL OR s.unit_code = $5) AND s.norm LIKE ALL ((SELECT patterns FROM words)::text[]))
SELECT v.*, (c.s).created_at AS _cursor_at, (c.s).id AS _cursor_id,
    CASE WHEN $9 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL subject_shown(c.s, $4) v
WHERE ((c.s).created_at, (c.s).id) < (coalesce($6, 'infinity'), coalesce($7, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (c.s).created_at DESC, (c.s).id DESC
LIMIT $8;

-- name: subject_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 today date
SELECT v.*, s.row_version || CASE WHEN v.in_force THEN '-in-force' ELSE '' END AS _etag, history_of(s.id) AS history
FROM subject s CROSS JOIN LATERAL subject_shown(s, $3) v
WHERE s.id = $2 AND s.org_id = $1;

-- name: subject_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
-- $7 today date
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $6 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN NOT unit_is_there($2, $3 ->> 'unit_code') THEN 'unknown_unit'
        WHEN ($3 ->> 'in_force_to')::date < coalesce(($3 ->> 'in_force_from')::date, $7) THEN 'ends_before_it_begins'
        END AS problem
),
made AS (
    INSERT INTO subject AS s (id, org_id, kind, title, text, unit_code, in_force_from, in_force_to, source, created_at,
        updated_at)
    SELECT $1, $2, r.kind, r.title, r.text, r.unit_code, coalesce(r.in_force_from, $7), r.in_force_to, r.source, $4, $4
    FROM judged j CROSS JOIN jsonb_populate_record(NULL::subject, $3) r
    WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING s
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $4, 'subject.created', 'subject', $1, 'staff', $5, true, $3, $6 FROM made
)
SELECT coalesce(j.problem, CASE WHEN n.s IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    (n.s).row_version::text AS _etag, v.*
FROM judged j
LEFT JOIN (SELECT s FROM made UNION ALL SELECT s FROM subject s WHERE s.id = $1) n ON true
LEFT JOIN LATERAL subject_shown(n.s, $7) v ON true;

-- name: subject_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 today date
WITH old AS (
    SELECT s FROM subject s WHERE s.id = $3 AND s.org_id = $2 FOR UPDATE
),
judged AS (
    SELECT o.s, CASE
        WHEN (o.s).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN (o.s).kind = 'service' THEN 'subject_of_service'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN r.in_force_to < r.in_force_from THEN 'ends_before_it_begins' END AS problem
    FROM old o CROSS JOIN LATERAL jsonb_populate_record(o.s, $4) r
),
made AS (
    UPDATE subject made SET title = r.title, text = r.text, unit_code = r.unit_code, in_force_from = r.in_force_from,
        in_force_to = r.in_force_to, source = r.source, row_version = made.row_version + 1, updated_at = $6
    FROM judged j CROSS JOIN LATERAL jsonb_populate_record(j.s, $4) r
    WHERE made.id = (j.s).id AND j.problem IS NULL
    RETURNING made AS s
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'subject.changed', 'subject', (m.s).id, 'staff', $7, true, $4 FROM made m
)
SELECT j.problem AS _problem, (m.s).row_version::text AS _etag, v.*
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL subject_shown(m.s, $8) v ON true;

-- name: subject_comment_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 subject uuid  $4 body jsonb  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 tracking_hash bytea  $9 campaign uuid  $10 jalali_year int4  $11 is_trusted bool
-- The local day decides whether it is in force, so nothing needs to be locked.
WITH prior AS (
    SELECT c.number, c.received_at, c.request_digest FROM comment c WHERE c.id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, s.in_force_from, s.in_force_to, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN NOT subject_in_force(s, ($5 AT TIME ZONE 'Asia/Tehran')::date) THEN 'not_in_force' END AS problem
    FROM subject s WHERE s.id = $3 AND s.org_id = $2
),
made AS (
    INSERT INTO comment (id, org_id, subject_id, number, text, position, audience, author_name, contact, state, is_late,
        received_at, updated_at, filed_by, campaign_id, tracking_hash, request_digest)
    SELECT $1, $2, $3, case_number_next($10), $4 ->> 'text', $4 ->> 'position', $4 ->> 'audience', $4 ->> 'author_name',
        $4 -> 'contact', CASE WHEN $11 THEN 'published' ELSE 'pending' END, false, $5, $5, $6, $9, $8, $7
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING id, number, received_at, state
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $5, 'comment.received', 'comment', $1, CASE WHEN $6 IS NULL THEN 'public' ELSE 'staff' END, $6, true,
        jsonb_build_object('subject_id', $3, 'state', m.state)
    FROM made m
)
SELECT coalesce(j.problem, CASE WHEN n.number IS NULL THEN 'retry' END) AS _problem,
    CASE j.problem WHEN 'not_in_force'
        THEN jsonb_build_object('in_force_from', j.in_force_from, 'in_force_to', j.in_force_to) END AS _detail,
    j.is_replayed AS _replayed, NOT j.is_replayed AND $11 AS _public, $1 AS id, n.number,
    n.received_at AS "received_at received_on_jalali", false AS late
FROM judged j
LEFT JOIN (SELECT number, received_at FROM made UNION ALL SELECT number, received_at FROM prior) n ON true;

-- name: subject_comment_list
-- lane: read
-- $1 org uuid  $2 subject uuid  $3 position text  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
-- $7 count bool
SELECT v.*, c.received_at AS _cursor_at, c.id AS _cursor_id,
    CASE WHEN $7 THEN (SELECT count(*) FROM comment c
        WHERE c.subject_id = $2 AND c.state = 'published' AND ($3 IS NULL OR c.position = $3)) END AS _total
FROM subject s
LEFT JOIN LATERAL (
    SELECT c.* FROM comment c
    WHERE c.subject_id = s.id AND c.state = 'published' AND ($3 IS NULL OR c.position = $3)
      AND (c.received_at, c.id) < (coalesce($4, 'infinity'), coalesce($5, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY c.received_at DESC, c.id DESC
    LIMIT $6) c ON true
LEFT JOIN LATERAL comment_shown(c) v ON true
WHERE s.id = $2 AND s.org_id = $1
ORDER BY c.received_at DESC, c.id DESC;
