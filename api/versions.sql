-- Versions of a draft's text, and what changed between two of them.

-- name: draft_version_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 n int4  $4 is_staff bool
SELECT v.draft_id, v.n, v.clauses, v.changelog, v.clause_map, v.created_at, v.frozen_at,
    v.n || CASE WHEN v.frozen_at IS NULL THEN '-' || d.row_version ELSE '-frozen' END AS _etag
FROM draft d JOIN draft_version v ON v.draft_id = d.id AND v.n = $3
WHERE d.id = $2 AND d.org_id = $1 AND ($4 OR v.frozen_at IS NOT NULL);

-- name: draft_diff
-- lane: slow
-- $1 org uuid  $2 id uuid  $3 from int4  $4 to int4  $5 is_staff bool
-- The writer's own map rules between neighbours; otherwise clauses are matched by id.
WITH pair AS (
    SELECT d.id, a.clauses::jsonb AS before, b.clauses::jsonb AS after, CASE WHEN $4 = $3 + 1 THEN b.clause_map END AS map
    FROM draft d
    JOIN draft_version a ON a.draft_id = d.id AND a.n = $3
    JOIN draft_version b ON b.draft_id = d.id AND b.n = $4
    WHERE d.id = $2 AND d.org_id = $1 AND ($5 OR (a.frozen_at IS NOT NULL AND b.frozen_at IS NOT NULL))
),
old AS (SELECT c ->> 'id' AS id, c, n FROM pair p, jsonb_array_elements(p.before) WITH ORDINALITY x(c, n)),
new AS (SELECT c ->> 'id' AS id, c, n FROM pair p, jsonb_array_elements(p.after) WITH ORDINALITY x(c, n)),
mapped AS (
    SELECT m ->> 'change' AS change, n.place,
        (SELECT coalesce(jsonb_agg(o.c ORDER BY o.n), '[]') FROM old o WHERE m -> 'from' ? o.id) AS before,
        n.after
    FROM pair p CROSS JOIN LATERAL jsonb_array_elements(p.map) m
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(n.c ORDER BY n.n), '[]') AS after, min(n.n) AS place
        FROM new n WHERE m -> 'to' ? n.id) n
),
matched AS (
    SELECT CASE WHEN o.id IS NULL THEN 'added' WHEN n.id IS NULL THEN 'removed'
                WHEN o.c = n.c THEN 'kept' ELSE 'changed' END AS change,
        coalesce(n.n, o.n) AS place,
        CASE WHEN o.id IS NULL THEN '[]' ELSE jsonb_build_array(o.c) END AS before,
        CASE WHEN n.id IS NULL THEN '[]' ELSE jsonb_build_array(n.c) END AS after
    FROM old o FULL JOIN new n ON n.id = o.id
)
SELECT p.id AS draft_id, $3 AS "from", $4 AS "to",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('change', c.change, 'before', c.before, 'after', c.after)
        ORDER BY c.place NULLS LAST), '[]')
     FROM (SELECT * FROM mapped WHERE p.map IS NOT NULL
           UNION ALL SELECT change, place, before, after FROM matched WHERE p.map IS NULL) c(change, place, before, after)
    ) AS changes
FROM pair p;

-- name: draft_version_create
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 permitted jsonb
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM draft WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT d FROM draft d WHERE d.id = $3 AND d.org_id = $2 FOR UPDATE
),
text AS (
    SELECT o.d, v.clauses::jsonb AS before, clauses_named($4 -> 'clauses', $1::text) AS after,
        coalesce($4 -> 'clause_map', '[]') AS map, EXISTS (SELECT FROM prior) AS is_replayed
    FROM old o LEFT JOIN draft_version v ON v.draft_id = (o.d).id AND v.n = (o.d).version -- none: a race, judged below
),
judged AS (
    SELECT t.*, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN t.is_replayed THEN NULL
        WHEN (SELECT row_version FROM seen) <> (t.d).row_version THEN 'retry'
        WHEN (t.d).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN (t.d).state NOT IN ('preparing', 'reviewing') THEN 'state_conflict'
        WHEN (SELECT count(*) <> count(DISTINCT c ->> 'id') FROM jsonb_array_elements(t.after) c)
            THEN 'duplicate_clause'
        WHEN (t.d).state = 'reviewing' AND NOT ($4 ? 'changelog' AND $4 ? 'clause_map') THEN 'clause_map_needed'
        WHEN $4 ? 'clause_map' AND NOT clause_map_fits(t.map, t.before, t.after) THEN 'clause_map_wrong'
        END AS problem
    FROM text t
),
version AS (
    INSERT INTO draft_version (draft_id, n, clauses, clause_ids, changelog, clause_map, created_at, created_by)
    SELECT (j.d).id, (j.d).version + 1, j.after::text::json, clause_ids(j.after), $4 ->> 'changelog', $4 -> 'clause_map', $6, $7
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    RETURNING n
),
made AS (
    UPDATE draft d SET version = v.n, row_version = d.row_version + 1, updated_at = $6
    FROM version v WHERE d.id = $3
    RETURNING d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, 'draft.version_created', 'draft', (m.d).id, 'staff', $7, false,
        jsonb_build_object('version', (m.d).version), $8
    FROM made m
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, draft_tag(n.d, $6) AS _etag,
    CASE WHEN j.problem = 'state_conflict'
        THEN jsonb_build_object('state', draft_state((j.d).state, (j.d).opens_at, (j.d).closes_at, $6),
            'allowed', coalesce($9 -> (j.d).state, '[]')) END AS _detail,
    s.*, (n.d).version AS shown_version, CASE WHEN j.is_replayed THEN j.before ELSE j.after END AS clauses,
    $4 ->> 'changelog' AS changelog, coalesce($9 -> (n.d).state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT d FROM made UNION ALL SELECT (j.d) FROM judged j WHERE j.is_replayed) n ON true
LEFT JOIN LATERAL draft_shown(n.d, $6) s ON true;
