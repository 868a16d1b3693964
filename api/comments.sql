-- Comments: the public files and reads them, staff work through them. Moderation and dispositions stand in
-- moderation.sql.

-- name: comment_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 draft uuid  $4 body jsonb  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 tracking_hash bytea  $9 campaign uuid  $10 jalali_year int4  $11 is_trusted bool
-- The share lock orders this against a transition of the draft: no comment slips in behind a closing.
WITH prior AS (
    SELECT id, number, received_at, is_late, request_digest FROM comment WHERE id = $1
),
judged AS MATERIALIZED (
    SELECT d.id, d.public_version, d.opens_at, d.closes_at, s.state, s.state <> 'open' AS is_late, CASE
        WHEN s.state = 'scheduled' THEN 'window_not_open'
        WHEN s.state = 'withdrawn' THEN 'state_conflict'
        WHEN s.state <> 'open' AND NOT (d.accepts_late AND s.state IN ('closed', 'reviewing')) THEN 'window_closed'
        WHEN $4 ? 'clause_id' AND NOT EXISTS (
            SELECT FROM draft_version v WHERE v.draft_id = d.id AND v.n = d.public_version
            AND $4 ->> 'clause_id' = ANY (v.clause_ids)) THEN 'unknown_clause'
        END AS problem
    FROM draft d CROSS JOIN LATERAL (SELECT draft_state(d.state, d.opens_at, d.closes_at, $5) AS state) s
    WHERE d.id = $3 AND d.org_id = $2 AND d.public_version > 0 AND NOT EXISTS (SELECT FROM prior)
    FOR SHARE OF d
),
made AS (
    INSERT INTO comment (id, org_id, draft_id, draft_version, clause_id, number, text, position, audience, author_name,
        contact, state, is_late, received_at, updated_at, filed_by, campaign_id, tracking_hash, request_digest)
    SELECT $1, $2, j.id, j.public_version, $4 ->> 'clause_id', case_number_next($10), $4 ->> 'text',
        $4 ->> 'position', $4 ->> 'audience', $4 ->> 'author_name', $4 -> 'contact',
        CASE WHEN $11 THEN 'published' ELSE 'pending' END, j.is_late, $5, $5, $6, $9, $8, $7
    FROM judged j WHERE j.problem IS NULL
    ON CONFLICT (id) DO NOTHING
    RETURNING id, number, received_at, is_late
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $5, 'comment.received', 'comment', m.id, CASE WHEN $6 IS NULL THEN 'public' ELSE 'staff' END, $6,
        true, jsonb_build_object('draft_id', $3, 'state', CASE WHEN $11 THEN 'published' ELSE 'pending' END)
    FROM made m
)
SELECT CASE WHEN p.request_digest <> $7 THEN 'idempotency_mismatch' END AS _problem, NULL::jsonb AS _detail,
    true AS _replayed, false AS _public,
    p.id, p.number, p.received_at AS "received_at received_on_jalali", p.is_late AS late
FROM prior p
UNION ALL
SELECT coalesce(j.problem, CASE WHEN m.id IS NULL THEN 'retry' END),
    CASE j.problem
        WHEN 'window_not_open' THEN jsonb_build_object('opens_at', json_instant(j.opens_at))
        WHEN 'window_closed' THEN jsonb_build_object('closes_at', json_instant(j.closes_at))
        WHEN 'state_conflict' THEN jsonb_build_object('state', j.state) END,
    false, $11, m.id, m.number, m.received_at, m.is_late
FROM judged j LEFT JOIN made m ON true;

-- name: comment_list
-- lane: read
-- $1 org uuid  $2 draft uuid  $3 clause_id text  $4 position text  $5 cursor_at timestamptz  $6 cursor_id uuid
-- $7 limit int4  $8 count bool
SELECT s.*, c.received_at AS _cursor_at, c.id AS _cursor_id,
    CASE WHEN $8 THEN (SELECT count(*) FROM comment c
        WHERE c.draft_id = $2 AND c.state = 'published' AND ($3 IS NULL OR c.clause_id = $3)
          AND ($4 IS NULL OR c.position = $4)) END AS _total
FROM draft d
LEFT JOIN LATERAL (
    SELECT c.* FROM comment c
    WHERE c.draft_id = d.id AND c.state = 'published' AND ($3 IS NULL OR c.clause_id = $3)
      AND ($4 IS NULL OR c.position = $4)
      AND (c.received_at, c.id) < (coalesce($5, 'infinity'),
          coalesce($6, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY c.received_at DESC, c.id DESC
    LIMIT $7) c ON true
LEFT JOIN LATERAL comment_shown(c) s ON true
WHERE d.id = $2 AND d.org_id = $1 AND d.public_version > 0
ORDER BY c.received_at DESC, c.id DESC;

-- name: draft_outcome
-- lane: read
-- $1 org uuid  $2 draft uuid  $3 disposition text  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
-- $7 count bool
SELECT s.*, c.received_at AS _cursor_at, c.id AS _cursor_id,
    CASE WHEN $7 THEN (SELECT count(*) FROM comment c
        WHERE c.draft_id = $2 AND c.state = 'published'
          AND ($3 IS NULL OR (c.disposition = $3 AND c.confirmed_at IS NOT NULL))) END AS _total
FROM draft d
LEFT JOIN LATERAL (
    SELECT c.* FROM comment c
    WHERE c.draft_id = d.id AND c.state = 'published'
      AND ($3 IS NULL OR (c.disposition = $3 AND c.confirmed_at IS NOT NULL))
      AND (c.received_at, c.id) > (coalesce($4, '-infinity'),
          coalesce($5, '00000000-0000-0000-0000-000000000000'))
    ORDER BY c.received_at, c.id
    LIMIT $6) c ON true
LEFT JOIN LATERAL comment_shown(c) s ON true
WHERE d.id = $2 AND d.org_id = $1 AND d.public_version > 0
ORDER BY c.received_at, c.id;

-- name: draft_summary
-- lane: slow
-- $1 org uuid  $2 draft uuid
WITH counts AS (
    SELECT c.state, c.position, c.audience, CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition END AS disposition,
        c.is_late, count(*) AS n
    FROM comment c WHERE c.draft_id = $2 GROUP BY 1, 2, 3, 4, 5
)
SELECT d.id AS draft_id, (SELECT coalesce(sum(n), 0)::int8 FROM counts) AS received,
    (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM (SELECT state, sum(n) AS n FROM counts GROUP BY 1) x) AS states,
    (SELECT coalesce(jsonb_object_agg(position, n), '{}') FROM (SELECT position, sum(n) AS n FROM counts
        WHERE state = 'published' AND position IS NOT NULL GROUP BY 1) x) AS positions,
    (SELECT coalesce(jsonb_object_agg(audience, n), '{}') FROM (SELECT audience, sum(n) AS n FROM counts
        WHERE state = 'published' AND audience IS NOT NULL GROUP BY 1) x) AS audiences,
    (SELECT coalesce(jsonb_object_agg(disposition, n), '{}') FROM (SELECT disposition, sum(n) AS n FROM counts
        WHERE state = 'published' AND disposition IS NOT NULL GROUP BY 1) x) AS dispositions,
    (SELECT coalesce(sum(n), 0)::int8 FROM counts WHERE is_late) AS late
FROM draft d
WHERE d.id = $2 AND d.org_id = $1 AND d.public_version > 0;

-- name: comment_queue
-- lane: slow
-- $1 org uuid  $2 state text  $3 draft uuid  $4 campaign uuid  $5 late bool  $6 disposed bool  $7 disposition text
-- $8 updated_since timestamptz  $9 cursor_at timestamptz  $10 cursor_id uuid  $11 limit int4  $12 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT c FROM comment c
    WHERE c.org_id = $1 AND ($2 IS NULL OR c.state = $2) AND ($3 IS NULL OR c.draft_id = $3)
      AND ($4 IS NULL OR c.campaign_id = $4) AND ($5 IS NULL OR c.is_late = $5)
      AND ($6 IS NULL OR (c.confirmed_at IS NOT NULL) = $6) AND ($7 IS NULL OR c.disposition = $7)
      AND ($8 IS NULL OR c.updated_at >= $8))
SELECT s.*, (x.c).received_at AS _cursor_at, (x.c).id AS _cursor_id,
    CASE WHEN $12 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL comment_for_staff(x.c) s
WHERE ((x.c).received_at, (x.c).id) > (coalesce($9, '-infinity'),
    coalesce($10, '00000000-0000-0000-0000-000000000000'))
ORDER BY (x.c).received_at, (x.c).id
LIMIT $11;

-- name: comment_search
-- lane: slow
-- $1 org uuid  $2 state text  $3 draft uuid  $4 campaign uuid  $5 late bool  $6 disposed bool  $7 disposition text
-- $8 updated_since timestamptz  $9 cursor_at timestamptz  $10 cursor_id uuid  $11 limit int4  $12 count bool  $13 q text
WITH words AS MATERIALIZED (SELECT search_patterns($13) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT c FROM comment c
    WHERE c.org_id = $1 AND ($2 IS NULL OR c.state = $2) AND ($3 IS NULL OR c.draft_id = $3)
      AND ($4 IS NULL OR c.campaign_id = $4) AND ($5 IS NULL OR c.is_late = $5)
      AND ($6 IS NULL OR (c.confirmed_at IS NOT NULL) = $6) AND ($7 IS NULL OR c.disposition = $7)
      AND ($8 IS NULL OR c.updated_at >= $8)
      AND fa_norm(c.text) LIKE ALL ((SELECT patterns FROM words)::text[]))
SELECT s.*, (x.c).received_at AS _cursor_at, (x.c).id AS _cursor_id,
    CASE WHEN $12 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL comment_for_staff(x.c) s
WHERE ((x.c).received_at, (x.c).id) > (coalesce($9, '-infinity'),
    coalesce($10, '00000000-0000-0000-0000-000000000000'))
ORDER BY (x.c).received_at, (x.c).id
LIMIT $11;

-- name: comment_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 permitted jsonb
SELECT s.*, coalesce($3 -> c.state, '[]') AS allowed_transitions, c.row_version::text AS _etag
FROM comment c CROSS JOIN LATERAL comment_for_staff(c) s
WHERE c.id = $2 AND c.org_id = $1;

-- name: campaign_list
-- lane: slow
-- $1 org uuid  $2 draft uuid  $3 least int4
SELECT (
    SELECT coalesce(jsonb_agg(jsonb_build_object('campaign_id', g.campaign_id, 'comments', g.n,
        'without_disposition', g.undisposed, 'first_received_at', json_instant(g.first_at), 'sample', s.text)
        ORDER BY g.n DESC, g.campaign_id), '[]')
    FROM (SELECT campaign_id, count(*) AS n, min(received_at) AS first_at,
              count(*) FILTER (WHERE state = 'published' AND confirmed_at IS NULL) AS undisposed
          FROM comment WHERE draft_id = d.id GROUP BY campaign_id HAVING count(*) >= $3
          ORDER BY count(*) DESC, campaign_id LIMIT 100) g
    CROSS JOIN LATERAL (SELECT c.text FROM comment c WHERE c.draft_id = d.id AND c.campaign_id = g.campaign_id
                        ORDER BY c.received_at, c.id LIMIT 1) s) AS items
FROM draft d
WHERE d.id = $2 AND d.org_id = $1;
