-- Comments: the public files and reads them, staff work through them. Moderation and dispositions stand in
-- moderation.sql.

-- name: comment_create
-- lane: write
-- rows: many
-- $1 id uuid (also of its event)  $2 org uuid  $3 draft uuid  $4 body jsonb  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 tracking_hash bytea  $9 campaign uuid  $10 jalali_year int4  $11 is_trusted bool
-- The share lock orders this against a transition of the draft: no comment slips in behind a closing. Nearly all ids
-- are new, so an earlier comment of the same id is looked for only where none was made; OFFSET 0 keeps that a look-up
-- by key (with tables that look empty to the planner it would be a join over all comments).
WITH locked AS MATERIALIZED (
    SELECT id, org_id, state, opens_at, closes_at, accepts_late, public_version
    FROM draft WHERE id = ANY ($3) AND public_version > 0
    FOR SHARE
),
judged AS MATERIALIZED (
    SELECT m.n, m.id, m.org, m.draft, m.body, m.now, m.actor, m.digest, m.tracking_hash, m.campaign, m.year,
        m.is_trusted, d.public_version, d.opens_at, d.closes_at, s.state, CASE
            WHEN d.id IS NULL THEN 'not_found'
            WHEN s.state = 'scheduled' THEN 'window_not_open'
            WHEN s.state = 'withdrawn' THEN 'state_conflict'
            WHEN s.state <> 'open' AND NOT (d.accepts_late AND s.state IN ('closed', 'reviewing')) THEN 'window_closed'
            WHEN m.body ? 'clause_id' AND NOT EXISTS (
                SELECT FROM draft_version v WHERE v.draft_id = d.id AND v.n = d.public_version
                AND m.body ->> 'clause_id' = ANY (v.clause_ids)) THEN 'unknown_clause'
        END AS problem
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY
        AS m(id, org, draft, body, now, actor, digest, tracking_hash, campaign, year, is_trusted, n)
    LEFT JOIN locked d ON d.id = m.draft AND d.org_id = m.org
    CROSS JOIN LATERAL (SELECT draft_state(d.state, d.opens_at, d.closes_at, m.now) AS state) s
),
made AS (
    INSERT INTO comment (id, org_id, draft_id, draft_version, clause_id, number, text, position, audience, author_name,
        contact, state, is_late, received_at, updated_at, filed_by, campaign_id, tracking_hash, request_digest)
    SELECT id, org, draft, public_version, body ->> 'clause_id', case_number_next(year), body ->> 'text',
        body ->> 'position', body ->> 'audience', body ->> 'author_name', body -> 'contact',
        CASE WHEN is_trusted THEN 'published' ELSE 'pending' END, state <> 'open', now, now, actor, campaign,
        tracking_hash, digest
    FROM judged WHERE problem IS NULL
    ON CONFLICT (id) DO NOTHING
    RETURNING id, org_id, draft_id, number, state, received_at, filed_by, is_late
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT id, org_id, received_at, 'comment.received', 'comment', id,
        CASE WHEN filed_by IS NULL THEN 'public' ELSE 'staff' END, filed_by, true,
        jsonb_build_object('draft_id', draft_id, 'state', state)
    FROM made
)
SELECT CASE
        WHEN m.id IS NOT NULL THEN NULL
        WHEN p.id IS NULL THEN coalesce(j.problem, 'retry')
        WHEN p.request_digest <> j.digest THEN 'idempotency_mismatch' END AS _problem,
    CASE WHEN p.id IS NULL THEN CASE j.problem
        WHEN 'window_not_open' THEN jsonb_build_object('opens_at', json_instant(j.opens_at))
        WHEN 'window_closed' THEN jsonb_build_object('closes_at', json_instant(j.closes_at))
        WHEN 'state_conflict' THEN jsonb_build_object('state', j.state) END END AS _detail,
    p.id IS NOT NULL AS _replayed, p.id IS NULL AND j.is_trusted AS _public,
    j.id, coalesce(m.number, p.number) AS number,
    coalesce(m.received_at, p.received_at) AS "received_at received_on_jalali",
    coalesce(m.is_late, p.is_late) AS late
FROM judged j
LEFT JOIN made m ON m.id = j.id
LEFT JOIN LATERAL (
    SELECT c.id, c.number, c.received_at, c.is_late, c.request_digest
    FROM comment c WHERE c.id = CASE WHEN m.id IS NULL THEN j.id END OFFSET 0) p ON true
ORDER BY j.n;

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
-- $8 updated_since timestamptz  $9 cursor_at timestamptz  $10 cursor_id uuid  $11 limit int4  $12 count bool  $13 q text
-- $14 subject uuid
WITH words AS MATERIALIZED (SELECT search_patterns($13) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT c FROM comment c
    WHERE c.org_id = $1 AND ($2 IS NULL OR c.state = $2) AND ($3 IS NULL OR c.draft_id = $3)
      AND ($14 IS NULL OR c.subject_id = $14)
      AND ($4 IS NULL OR c.campaign_id = $4) AND ($5 IS NULL OR c.is_late = $5)
      AND ($6 IS NULL OR (c.confirmed_at IS NOT NULL) = $6) AND ($7 IS NULL OR c.disposition = $7)
      AND ($8 IS NULL OR c.updated_at >= $8)
      AND ($13 IS NULL OR fa_norm(c.text) LIKE ALL ((SELECT patterns FROM words)::text[])))
SELECT s.*, comment_about(x.c) AS about, (x.c).received_at AS _cursor_at, (x.c).id AS _cursor_id,
    CASE WHEN $12 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL comment_for_staff(x.c) s
WHERE ((x.c).received_at, (x.c).id) > (coalesce($9, '-infinity'),
    coalesce($10, '00000000-0000-0000-0000-000000000000'))
ORDER BY (x.c).received_at, (x.c).id
LIMIT $11;

-- name: comment_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 permitted jsonb
SELECT s.*, comment_about(c) AS about, coalesce($3 -> c.state, '[]') AS allowed_transitions,
    c.row_version::text AS _etag
FROM comment c CROSS JOIN LATERAL comment_for_staff(c) s
WHERE c.id = $2 AND c.org_id = $1;

-- name: campaign_list
-- lane: slow
-- $1 org uuid  $2 draft uuid  $3 least int4  $4 cursor_at timestamptz (how many comments, as seconds)  $5 cursor_id uuid
-- $6 limit int4
-- The largest first.
SELECT g.campaign_id, g.n AS comments, g.undisposed AS without_disposition,
    g.first_at AS "first_received_at first_received_on_jalali", s.text AS sample, to_timestamp(g.n) AS _cursor_at,
    g.campaign_id AS _cursor_id
FROM draft d
LEFT JOIN LATERAL (
    SELECT c.campaign_id, count(*) AS n, min(c.received_at) AS first_at,
        count(*) FILTER (WHERE c.state = 'published' AND c.confirmed_at IS NULL) AS undisposed
    FROM comment c WHERE c.draft_id = d.id
    GROUP BY c.campaign_id
    HAVING count(*) >= $3 AND (-count(*), c.campaign_id) > (coalesce(-extract(epoch FROM $4)::int8, '-9223372036854775807'::int8),
        coalesce($5, '00000000-0000-0000-0000-000000000000'))
    ORDER BY count(*) DESC, c.campaign_id
    LIMIT $6) g ON true
LEFT JOIN LATERAL (
    SELECT c.text FROM comment c WHERE c.draft_id = d.id AND c.campaign_id = g.campaign_id
    ORDER BY c.received_at, c.id LIMIT 1) s ON true
WHERE d.id = $2 AND d.org_id = $1
ORDER BY g.n DESC, g.campaign_id;
