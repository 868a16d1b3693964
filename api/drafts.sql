-- Drafts: reading and writing. Transitions stand in transitions.sql.
-- The public sees a draft once a version of it was published, or once it was exempted.

-- name: draft_list
-- lane: read
-- $1 org uuid  $2 now timestamptz  $3 is_staff bool  $4 state text  $5 kind text  $6 updated_since timestamptz
-- $7 cursor_at timestamptz  $8 cursor_id uuid  $9 limit int4  $10 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT d FROM draft d
    WHERE d.org_id = $1 AND ($3 OR d.public_version > 0 OR d.exemption_code IS NOT NULL)
      AND ($4 IS NULL OR draft_state(d.state, d.opens_at, d.closes_at, $2) = $4)
      AND ($5 IS NULL OR d.kind = $5)
      AND ($6 IS NULL OR d.updated_at >= $6))
SELECT s.*, (c.d).created_at AS _cursor_at, (c.d).id AS _cursor_id,
    CASE WHEN $10 THEN (SELECT count(*) FROM chosen) END AS _total,
    least((SELECT min(opens_at) FROM draft WHERE state = 'published' AND opens_at > $2),
          (SELECT min(closes_at) FROM draft WHERE state = 'published' AND closes_at > $2)) AS _until
FROM chosen c CROSS JOIN LATERAL draft_shown(c.d, $2) s
WHERE ((c.d).created_at, (c.d).id) < (coalesce($7, 'infinity'), coalesce($8, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (c.d).created_at DESC, (c.d).id DESC
LIMIT $9;

-- name: draft_search
-- lane: slow
-- $1 org uuid  $2 now timestamptz  $3 is_staff bool  $4 state text  $5 kind text  $6 updated_since timestamptz
-- $7 cursor_at timestamptz  $8 cursor_id uuid  $9 limit int4  $10 count bool  $11 q text
WITH words AS MATERIALIZED (SELECT search_patterns($11) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT d FROM draft d
    WHERE d.org_id = $1 AND ($3 OR d.public_version > 0 OR d.exemption_code IS NOT NULL)
      AND d.norm LIKE (SELECT patterns[1] FROM words) AND d.norm LIKE ALL ((SELECT patterns FROM words)::text[])
      AND ($4 IS NULL OR draft_state(d.state, d.opens_at, d.closes_at, $2) = $4)
      AND ($5 IS NULL OR d.kind = $5)
      AND ($6 IS NULL OR d.updated_at >= $6))
SELECT s.*, (c.d).created_at AS _cursor_at, (c.d).id AS _cursor_id,
    CASE WHEN $10 THEN (SELECT count(*) FROM chosen) END AS _total,
    least((SELECT min(opens_at) FROM draft WHERE state = 'published' AND opens_at > $2),
          (SELECT min(closes_at) FROM draft WHERE state = 'published' AND closes_at > $2)) AS _until
FROM chosen c CROSS JOIN LATERAL draft_shown(c.d, $2) s
WHERE ((c.d).created_at, (c.d).id) < (coalesce($7, 'infinity'), coalesce($8, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (c.d).created_at DESC, (c.d).id DESC
LIMIT $9;

-- name: draft_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 now timestamptz  $4 permitted jsonb
-- For staff: the newest version.
SELECT s.*, v.n AS shown_version, v.clauses, v.changelog, coalesce($4 -> d.state, '[]') AS allowed_transitions,
    draft_tag(d, $3) AS _etag
FROM draft d
CROSS JOIN LATERAL draft_shown(d, $3) s
LEFT JOIN draft_version v ON v.draft_id = d.id AND v.n = d.version
WHERE d.id = $2 AND d.org_id = $1;

-- name: draft_get_public
-- lane: read
-- $1 org uuid  $2 id uuid  $3 now timestamptz
SELECT p.body AS "*", draft_state(p.state, p.opens_at, p.closes_at, $3) AS state,
    p.opens_at AS "opens_at opens_on_jalali", p.closes_at AS "closes_at closes_on_jalali",
    p.published_at AS "published_at published_on_jalali", p.issued_at AS "issued_at issued_on_jalali",
    p.row_version || '-' || draft_state(p.state, p.opens_at, p.closes_at, $3) AS _etag,
    draft_turns_at(p.state, p.opens_at, p.closes_at, $3) AS _until
FROM draft_public p
WHERE p.draft_id = $2 AND p.org_id = $1;

-- name: draft_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
-- $7 jalali_year int4  $8 permitted jsonb
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
text AS (
    SELECT clauses_named($3 -> 'clauses', $1::text) AS clauses
),
judged AS (
    SELECT t.clauses, EXISTS (SELECT FROM prior) AS is_replayed,
        CASE WHEN (SELECT request_digest FROM prior) <> $6 THEN 'idempotency_mismatch'
             WHEN (SELECT count(*) <> count(DISTINCT c ->> 'id') FROM jsonb_array_elements(t.clauses) c)
             THEN 'duplicate_clause' END AS problem
    FROM text t
),
made AS (
    INSERT INTO draft AS d (id, org_id, number, kind, title, summary, accepts_late, state, created_at, created_by,
        updated_at)
    SELECT $1, $2, case_number_next($7), $3 ->> 'kind', $3 ->> 'title', $3 ->> 'summary',
        ($3 ->> 'accepts_late')::boolean, 'preparing', $4, $5, $4
    FROM judged WHERE problem IS NULL AND NOT is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING d
),
version AS (
    INSERT INTO draft_version (draft_id, n, clauses, clause_ids, created_at, created_by)
    SELECT (m.d).id, 1, j.clauses::text::json, clause_ids(j.clauses), $4, $5 FROM made m CROSS JOIN judged j
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, request_digest)
    SELECT $1, $2, $4, 'draft.created', 'draft', (m.d).id, 'staff', $5, false, $6 FROM made m
)
SELECT CASE WHEN j.problem IS NULL AND n.d IS NULL THEN 'retry' ELSE j.problem END AS _problem,
    j.is_replayed AS _replayed, draft_tag(n.d, $4) AS _etag,
    s.*, 1 AS shown_version, j.clauses, NULL::text AS changelog,
    coalesce($8 -> (n.d).state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT d FROM made UNION ALL SELECT d FROM draft d WHERE d.id = $1) n ON true
LEFT JOIN LATERAL draft_shown(n.d, $4) s ON true;

-- name: draft_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 permitted jsonb
WITH seen AS (
    SELECT row_version FROM draft WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT d FROM draft d WHERE d.id = $3 AND d.org_id = $2 FOR UPDATE
),
judged AS (
    SELECT o.d, CASE WHEN $4 ? 'clauses' THEN clauses_named($4 -> 'clauses', $1::text) ELSE v.clauses::jsonb END AS clauses,
        CASE WHEN (SELECT row_version FROM seen) <> (o.d).row_version THEN 'retry'
             WHEN (o.d).row_version::text <> ALL ($5) THEN 'precondition_failed'
             WHEN (o.d).state <> 'preparing' THEN 'version_frozen' END AS problem
    FROM old o LEFT JOIN draft_version v ON v.draft_id = (o.d).id AND v.n = (o.d).version
),
checked AS (
    SELECT j.d, j.clauses, coalesce(j.problem,
        CASE WHEN (SELECT count(*) <> count(DISTINCT c ->> 'id') FROM jsonb_array_elements(j.clauses) c)
             THEN 'duplicate_clause' END) AS problem
    FROM judged j
),
made AS (
    UPDATE draft made SET kind = coalesce($4 ->> 'kind', made.kind), title = coalesce($4 ->> 'title', made.title),
        summary = coalesce($4 ->> 'summary', made.summary),
        accepts_late = coalesce(($4 ->> 'accepts_late')::boolean, made.accepts_late),
        row_version = made.row_version + 1, updated_at = $6
    FROM checked c WHERE made.id = (c.d).id AND c.problem IS NULL
    RETURNING made AS d
),
version AS (
    UPDATE draft_version v SET clauses = c.clauses::text::json, clause_ids = clause_ids(c.clauses)
    FROM made m CROSS JOIN checked c
    WHERE v.draft_id = (m.d).id AND v.n = (m.d).version AND $4 ? 'clauses'
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'draft.changed', 'draft', (m.d).id, 'staff', $7, false,
        jsonb_build_object('members', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys($4) k))
    FROM made m
)
SELECT c.problem AS _problem, draft_tag(m.d, $6) AS _etag,
    s.*, (m.d).version AS shown_version, c.clauses, NULL::text AS changelog,
    coalesce($8 -> (m.d).state, '[]') AS allowed_transitions
FROM checked c LEFT JOIN made m ON true LEFT JOIN LATERAL draft_shown(m.d, $6) s ON true;
