-- Frequent questions. Their history is what the events of each change keep.

-- name: faq_list
-- lane: read
-- $1 org uuid  $2 topic text  $3 cursor_at timestamptz  $4 cursor_id uuid  $5 limit int4  $6 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT f FROM faq f WHERE f.org_id = $1 AND f.retired_at IS NULL AND ($2 IS NULL OR fa_norm(f.topic) = fa_norm($2)))
SELECT v.*, to_timestamp((c.f).position) AS _cursor_at, (c.f).id AS _cursor_id,
    CASE WHEN $6 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL faq_shown(c.f) v
WHERE (to_timestamp((c.f).position), (c.f).id) > (coalesce($3, '-infinity'),
    coalesce($4, '00000000-0000-0000-0000-000000000000'))
ORDER BY (c.f).position, (c.f).id
LIMIT $5;

-- name: faq_search
-- lane: slow
-- $1 org uuid  $2 topic text  $3 cursor_at timestamptz  $4 cursor_id uuid  $5 limit int4  $6 count bool  $7 q text
WITH words AS MATERIALIZED (SELECT search_patterns($7) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT f FROM faq f
    WHERE f.org_id = $1 AND f.retired_at IS NULL AND ($2 IS NULL OR fa_norm(f.topic) = fa_norm($2))
      AND f.norm LIKE ALL ((SELECT patterns FROM words)::text[]))
SELECT v.*, to_timestamp((c.f).position) AS _cursor_at, (c.f).id AS _cursor_id,
    CASE WHEN $6 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL faq_shown(c.f) v
WHERE (to_timestamp((c.f).position), (c.f).id) > (coalesce($3, '-infinity'),
    coalesce($4, '00000000-0000-0000-0000-000000000000'))
ORDER BY (c.f).position, (c.f).id
LIMIT $5;

-- name: faq_get
-- lane: read
-- $1 org uuid  $2 code text
SELECT v.*, f.row_version::text AS _etag, history_of(f.id) AS history
FROM faq f CROSS JOIN LATERAL faq_shown(f) v
WHERE f.org_id = $1 AND f.code = $2 AND f.retired_at IS NULL;

-- name: faq_create
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
        WHEN EXISTS (SELECT FROM faq f WHERE f.org_id = $2 AND f.code = $3 ->> 'code') THEN 'code_taken' END AS problem
),
made AS (
    INSERT INTO faq AS f (id, org_id, code, position, question, answer, topic, updated_on, origin, created_at, updated_at)
    SELECT $1, $2, r.code, coalesce(r.position, (SELECT max(p.position) + 1 FROM faq p WHERE p.org_id = $2), 1),
        r.question, r.answer, r.topic, $7, 'staff', $4, $4
    FROM judged j CROSS JOIN jsonb_populate_record(NULL::faq, $3) r
    WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING f
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $4, 'faq.created', 'faq', $1, 'staff', $5, true, $3, $6 FROM made
)
SELECT coalesce(j.problem, CASE WHEN n.f IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    (n.f).row_version::text AS _etag, v.*
FROM judged j
LEFT JOIN (SELECT f FROM made UNION ALL SELECT f FROM faq f WHERE f.id = $1) n ON true
LEFT JOIN LATERAL faq_shown(n.f) v ON true;

-- name: faq_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 today date
-- A change, be it an empty one, says that the answer was looked at today.
WITH old AS (
    SELECT f FROM faq f WHERE f.org_id = $2 AND f.code = $3 AND f.retired_at IS NULL FOR UPDATE
),
judged AS (
    SELECT o.f, CASE WHEN (o.f).row_version::text <> ALL ($5) THEN 'precondition_failed' END AS problem
    FROM old o
),
made AS (
    UPDATE faq made SET question = r.question, answer = r.answer, topic = r.topic, position = r.position,
        updated_on = $8, origin = 'staff', row_version = made.row_version + 1, updated_at = $6
    FROM judged j CROSS JOIN LATERAL jsonb_populate_record(j.f, $4) r
    WHERE made.id = (j.f).id AND j.problem IS NULL
    RETURNING made AS f
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'faq.changed', 'faq', (m.f).id, 'staff', $7, true, $4 FROM made m
)
SELECT j.problem AS _problem, (m.f).row_version::text AS _etag, v.*
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL faq_shown(m.f) v ON true;

-- name: faq_retire
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 if_match text[]  $5 now timestamptz  $6 actor uuid
WITH old AS (
    SELECT f.id, f.row_version FROM faq f WHERE f.org_id = $2 AND f.code = $3 AND f.retired_at IS NULL FOR UPDATE
),
judged AS (
    SELECT o.id, CASE WHEN o.row_version::text <> ALL ($4) THEN 'precondition_failed' END AS problem FROM old o
),
gone AS (
    UPDATE faq made SET retired_at = $5, origin = 'staff', row_version = made.row_version + 1, updated_at = $5
    FROM judged j WHERE made.id = j.id AND j.problem IS NULL
    RETURNING made.id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public)
    SELECT $1, $2, $5, 'faq.retired', 'faq', g.id, 'staff', $6, true FROM gone g
)
SELECT j.problem AS _problem FROM judged j;
