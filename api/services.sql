-- The service desk: the catalogue of services, and what people think of each.

-- name: service_list
-- lane: read
-- $1 org uuid  $2 unit text  $3 cursor_at timestamptz  $4 cursor_id uuid  $5 limit int4  $6 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT s FROM service s
    WHERE s.org_id = $1 AND s.retired_at IS NULL AND ($2 IS NULL OR s.unit_code = $2))
SELECT v.*, to_timestamp((c.s).position) AS _cursor_at, (c.s).id AS _cursor_id,
    CASE WHEN $6 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL service_shown(c.s) v
WHERE (to_timestamp((c.s).position), (c.s).id) > (coalesce($3, '-infinity'),
    coalesce($4, '00000000-0000-0000-0000-000000000000'))
ORDER BY (c.s).position, (c.s).id
LIMIT $5;

-- name: service_search
-- lane: slow
-- $1 org uuid  $2 unit text  $3 cursor_at timestamptz  $4 cursor_id uuid  $5 limit int4  $6 count bool  $7 q text
WITH words AS MATERIALIZED (SELECT search_patterns($7) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT s FROM service s
    WHERE s.org_id = $1 AND s.retired_at IS NULL AND ($2 IS NULL OR s.unit_code = $2)
      AND s.norm LIKE ALL ((SELECT patterns FROM words)::text[]))
SELECT v.*, to_timestamp((c.s).position) AS _cursor_at, (c.s).id AS _cursor_id,
    CASE WHEN $6 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL service_shown(c.s) v
WHERE (to_timestamp((c.s).position), (c.s).id) > (coalesce($3, '-infinity'),
    coalesce($4, '00000000-0000-0000-0000-000000000000'))
ORDER BY (c.s).position, (c.s).id
LIMIT $5;

-- name: service_get
-- lane: slow
-- $1 org uuid  $2 code text  $3 is_exact bool  $4 now timestamptz
-- Counted at reading: nothing that many people write to at once has a counter. The public gets cases as /stats gives
-- them, to the nearest five, and groups under five not at all.
SELECT v.*, s.row_version || '-' || left(md5(b.feedback::text), 12) AS _etag, b.feedback
FROM service s CROSS JOIN LATERAL service_shown(s) v
CROSS JOIN LATERAL (
    SELECT coalesce(sum(g.n), 0)::int AS n, round(sum(g.rating * g.n)::numeric / sum(g.n), 2)::float8 AS mean,
        jsonb_object_agg(star, coalesce(g.n, 0)) AS stars
    FROM generate_series(1, 5) star LEFT JOIN (
        SELECT r.rating, count(*) AS n FROM service_rating r WHERE r.service_id = s.id GROUP BY 1) g ON g.rating = star) r
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE f.kind = 'suggestion') AS suggestions,
        count(*) FILTER (WHERE f.kind = 'complaint') AS complaints
    FROM casefile f WHERE f.org_id = s.org_id AND f.service_code = s.code) c
CROSS JOIN LATERAL (SELECT jsonb_build_object(
    'ratings', jsonb_build_object('count', r.n, 'mean', r.mean, 'stars', r.stars),
    'comments', (SELECT count(*) FROM comment x WHERE x.subject_id = s.id AND x.state = 'published'),
    'suggestions', count_told(c.suggestions, $3), 'complaints', count_told(c.complaints, $3),
    'surveys', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'title', x.title_fa,
            'state', survey_state(x.state, x.opens_at, x.closes_at, $4)) ORDER BY x.opens_at DESC, x.id), '[]')
        FROM (SELECT y.* FROM survey y WHERE y.org_id = s.org_id AND y.service_code = s.code
              AND y.state IN ('scheduled', 'paused', 'results_published', 'archived')
              ORDER BY y.opens_at DESC, y.id LIMIT 10) x)) AS feedback) b
WHERE s.org_id = $1 AND s.code = $2 AND s.retired_at IS NULL;

-- name: service_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $6 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN NOT unit_is_there($2, $3 ->> 'unit_code') THEN 'unknown_unit'
        WHEN EXISTS (SELECT FROM service s WHERE s.org_id = $2 AND s.code = $3 ->> 'code') THEN 'code_taken'
        END AS problem
),
made AS (
    INSERT INTO service AS s (id, org_id, code, position, title_fa, title_en, unit_code, keywords, documents, fee,
        duration, channel, address, origin, created_at, updated_at)
    SELECT $1, $2, r.code, coalesce(r.position, (SELECT max(p.position) + 1 FROM service p WHERE p.org_id = $2), 1),
        r.title_fa, r.title_en, r.unit_code, r.keywords, r.documents, r.fee, r.duration, r.channel, r.address, 'staff',
        $4, $4
    FROM judged j CROSS JOIN jsonb_populate_record(NULL::service, $3) r
    WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING s
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $4, 'service.created', 'service', $1, 'staff', $5, true, $3, $6 FROM made
)
SELECT coalesce(j.problem, CASE WHEN n.s IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    (n.s).row_version::text AS _etag, v.*
FROM judged j
LEFT JOIN (SELECT s FROM made UNION ALL SELECT s FROM service s WHERE s.id = $1) n ON true
LEFT JOIN LATERAL service_shown(n.s) v ON true;

-- name: service_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
WITH old AS (
    SELECT s FROM service s WHERE s.org_id = $2 AND s.code = $3 AND s.retired_at IS NULL FOR UPDATE
),
judged AS (
    SELECT o.s, CASE
        WHEN (o.s).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit' END AS problem
    FROM old o
),
made AS (
    UPDATE service made SET title_fa = r.title_fa, title_en = r.title_en, unit_code = r.unit_code, keywords = r.keywords,
        documents = r.documents, fee = r.fee, duration = r.duration, channel = r.channel, address = r.address,
        position = r.position, origin = 'staff', row_version = made.row_version + 1, updated_at = $6
    FROM judged j CROSS JOIN LATERAL jsonb_populate_record(j.s, $4) r
    WHERE made.id = (j.s).id AND j.problem IS NULL
    RETURNING made AS s
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'service.changed', 'service', (m.s).id, 'staff', $7, true, $4 FROM made m
)
SELECT j.problem AS _problem, (m.s).row_version::text AS _etag, v.*
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL service_shown(m.s) v ON true;

-- name: service_retire
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 if_match text[]  $5 now timestamptz  $6 actor uuid
WITH old AS (
    SELECT s.id, s.row_version FROM service s
    WHERE s.org_id = $2 AND s.code = $3 AND s.retired_at IS NULL FOR UPDATE
),
judged AS (
    SELECT o.id, CASE WHEN o.row_version::text <> ALL ($4) THEN 'precondition_failed' END AS problem FROM old o
),
gone AS (
    UPDATE service made SET retired_at = $5, origin = 'staff', row_version = made.row_version + 1, updated_at = $5
    FROM judged j WHERE made.id = j.id AND j.problem IS NULL
    RETURNING made.id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public)
    SELECT $1, $2, $5, 'service.retired', 'service', g.id, 'staff', $6, true FROM gone g
)
SELECT j.problem AS _problem FROM judged j;

-- name: service_rate
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 code text  $4 body jsonb  $5 now timestamptz  $6 today date
-- $7 identity bytea  $8 device bytea  $9 digest bytea
-- A row of its own for each rating, and no lock on the service: a whole province can rate one in an evening.
WITH prior AS (
    SELECT request_digest FROM service_rating WHERE id = $1
),
judged AS (
    SELECT s.id, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $9 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN coalesce($7, $8) IS NULL THEN 'voter_needed'
        WHEN EXISTS (SELECT FROM service_rating r WHERE r.voter = coalesce($7, $8) AND r.rated_on = $6)
            THEN 'rated_today' END AS problem
    FROM service s WHERE s.org_id = $2 AND s.code = $3 AND s.retired_at IS NULL
),
made AS (
    INSERT INTO service_rating (id, service_id, org_id, rating, text, rated_at, rated_on, voter, request_digest)
    SELECT $1, j.id, $2, ($4 ->> 'rating')::smallint, $4 ->> 'text', $5, $6, coalesce($7, $8), $9
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    SELECT $1, $2, $5, 'service.rated', 'service_rating', $1, 'public', false,
        jsonb_build_object('service', $3, 'rating', $4 -> 'rating')
    FROM made
)
SELECT coalesce(j.problem, CASE WHEN NOT j.is_replayed AND NOT EXISTS (SELECT FROM made) THEN 'retry' END) AS _problem,
    j.is_replayed AS _replayed, $1 AS id, $3 AS service_code, ($4 ->> 'rating')::int AS rating
FROM judged j;

-- name: service_rating_list
-- lane: read
-- $1 org uuid  $2 code text  $3 cursor_at timestamptz  $4 cursor_id uuid  $5 limit int4
SELECT r.id, r.rating::int AS rating, r.text, r.rated_on AS "rated_on rated_on_jalali", r.rated_at AS _cursor_at,
    r.id AS _cursor_id
FROM service s LEFT JOIN LATERAL (
    SELECT r.* FROM service_rating r
    WHERE r.service_id = s.id AND (r.rated_at, r.id) < (coalesce($3, 'infinity'),
        coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY r.rated_at DESC, r.id DESC LIMIT $5) r ON true
WHERE s.org_id = $1 AND s.code = $2
ORDER BY r.rated_at DESC, r.id DESC;
