-- Answered information requests as everybody may read them. Nothing of the case shows by itself: the officer words it.

-- name: publication_list
-- lane: read
-- $1 org uuid  $2 cursor_at timestamptz  $3 cursor_id uuid  $4 limit int4
SELECT l.*, p.published_at AS _cursor_at, p.case_id AS _cursor_id
FROM info_publication p JOIN casefile c ON c.id = p.case_id CROSS JOIN LATERAL info_published(p, c) l
WHERE p.org_id = $1
  AND (p.published_at, p.case_id) < (coalesce($2, 'infinity'), coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY p.published_at DESC, p.case_id DESC
LIMIT $4;

-- name: publication_get
-- lane: read
-- $1 org uuid  $2 id uuid
SELECT p.row_version::text AS _etag, l.*, p.question, p.answer
FROM info_publication p JOIN casefile c ON c.id = p.case_id CROSS JOIN LATERAL info_published(p, c) l
WHERE p.case_id = $2 AND p.org_id = $1;

-- name: publication_put
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 may_confidential bool
WITH old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 AND c.kind = 'info_request' FOR UPDATE
),
judged AS (
    SELECT o.c, CASE
        WHEN (o.c).is_confidential AND NOT $8 THEN 'forbidden'
        WHEN (o.c).answered_at IS NULL THEN 'state_conflict'
        WHEN $5 IS NOT NULL AND NOT EXISTS (SELECT FROM info_publication p WHERE p.case_id = $3 AND p.row_version::text = ANY ($5))
            THEN 'precondition_failed'
        END AS problem
    FROM old o
),
made AS (
    INSERT INTO info_publication AS p (case_id, org_id, state, title, question, answer, applicant, published_at, updated_at,
        published_by)
    SELECT $3, $2, (j.c).state, $4 ->> 'title', $4 ->> 'question', $4 ->> 'answer',
        CASE WHEN ($4 ->> 'show_name')::boolean THEN (j.c).person ->> 'name' END, $6, $6, $7
    FROM judged j WHERE j.problem IS NULL
    ON CONFLICT (case_id) DO UPDATE SET row_version = p.row_version + 1, state = excluded.state, title = excluded.title,
        question = excluded.question, answer = excluded.answer, applicant = excluded.applicant,
        updated_at = excluded.updated_at, published_by = excluded.published_by
    WHERE $5 IS NULL OR p.row_version::text = ANY ($5)
    RETURNING p
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'info_request.published', 'info_request', $3, 'staff', $7, true, '{}' FROM made
)
SELECT coalesce(j.problem, CASE WHEN m.p IS NULL THEN 'precondition_failed' END) AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state) END AS _detail,
    (m.p).row_version::text AS _etag, l.*, (m.p).question, (m.p).answer
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL info_published(m.p, j.c) l ON true;

-- name: publication_remove
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 if_match text[]  $5 now timestamptz  $6 actor uuid
WITH old AS (
    SELECT p.row_version FROM info_publication p WHERE p.case_id = $3 AND p.org_id = $2 FOR UPDATE
),
gone AS (
    DELETE FROM info_publication p USING old o WHERE p.case_id = $3 AND ($4 IS NULL OR o.row_version::text = ANY ($4))
    RETURNING p.case_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $5, 'info_request.unpublished', 'info_request', $3, 'staff', $6, true, '{}' FROM gone
)
SELECT CASE WHEN g.case_id IS NULL THEN 'precondition_failed' END AS _problem FROM old o LEFT JOIN gone g ON true;
