-- Units and county offices as one tree, and how they are reached. What they do in figures is told by /stats.

-- name: unit_list
-- lane: read
-- $1 org uuid
-- In the order of the tree, each behind the one that it belongs to. A county office is an organisation with people,
-- cases and figures of its own; it hangs under the unit that stands for county offices, if there is one.
WITH RECURSIVE tree AS (
    SELECT u.code, 0 AS depth, ARRAY[u.position] AS path FROM unit u
    WHERE u.org_id = $1 AND u.retired_at IS NULL AND u.parent_code IS NULL
    UNION ALL
    SELECT u.code, t.depth + 1, t.path || u.position
    FROM tree t JOIN unit u ON u.org_id = $1 AND u.parent_code = t.code AND u.retired_at IS NULL
),
above AS (
    SELECT u.code, t.depth, t.path FROM tree t JOIN unit u ON u.org_id = $1 AND u.code = t.code
    WHERE u.kind = 'county_offices' ORDER BY t.path LIMIT 1
)
SELECT x.code, x.kind, x.name_fa, x.name_en, x.parent, x.depth, x.org, x.note, x.contacts, x.services, x.statistics
FROM (
    SELECT u.code, u.kind, u.name_fa, u.name_en, u.parent_code AS parent, t.depth, NULL AS org, u.note,
        contacts_of(u.org_id, u.code) AS contacts,
        (SELECT count(*) FROM service s WHERE s.org_id = u.org_id AND s.unit_code = u.code AND s.retired_at IS NULL) AS services,
        '/v1/orgs/' || o.slug || '/stats?unit=' || u.code AS statistics, t.path, 0 AS place
    FROM tree t JOIN unit u ON u.org_id = $1 AND u.code = t.code JOIN organisation o ON o.id = $1
    UNION ALL
    SELECT c.slug, c.kind, c.name_fa, c.name_en, a.code, coalesce(a.depth + 1, 0), c.slug, NULL,
        contacts_of(c.id, NULL),
        (SELECT count(*) FROM service s WHERE s.org_id = c.id AND s.retired_at IS NULL),
        '/v1/orgs/' || c.slug || '/stats', a.path, c.position
    FROM organisation c LEFT JOIN above a ON true
    WHERE c.parent_id = $1 AND c.retired_at IS NULL) x
ORDER BY x.path NULLS LAST, x.place, x.code;

-- name: unit_get
-- lane: read
-- $1 org uuid  $2 code text
SELECT u.code, u.kind, u.name_fa, u.name_en, u.parent_code AS parent, u.note, contacts_of(u.org_id, u.code) AS contacts,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'name_fa', c.name_fa, 'name_en', c.name_en)
        ORDER BY c.position), '[]')
     FROM unit c WHERE c.org_id = u.org_id AND c.parent_code = u.code AND c.retired_at IS NULL) AS children,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('slug', c.slug, 'name_fa', c.name_fa, 'name_en', c.name_en)
        ORDER BY c.position, c.slug), '[]')
     FROM organisation c WHERE c.parent_id = u.org_id AND u.kind = 'county_offices' AND c.retired_at IS NULL) AS county_offices,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', s.code, 'title_fa', s.title_fa) ORDER BY s.position, s.code), '[]')
     FROM service s WHERE s.org_id = u.org_id AND s.unit_code = u.code AND s.retired_at IS NULL) AS services,
    '/v1/orgs/' || o.slug || '/stats?unit=' || u.code AS statistics
FROM unit u JOIN organisation o ON o.id = u.org_id
WHERE u.org_id = $1 AND u.code = $2 AND u.retired_at IS NULL;

-- name: contact_get
-- lane: read
-- $1 org uuid
SELECT o.slug AS org, o.name_fa, o.name_en, contacts_of(o.id, NULL) AS contacts,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'kind', c.kind, 'title_fa', c.title_fa,
        'as_published', c.as_published, 'address', c.address, 'note', c.note) ORDER BY c.position), '[]')
     FROM channel c WHERE c.org_id = o.id AND c.retired_at IS NULL) AS channels
FROM organisation o WHERE o.id = $1;

-- name: contact_create
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
        WHEN EXISTS (SELECT FROM contact c WHERE c.org_id = $2 AND c.code = $3 ->> 'code') THEN 'code_taken'
        END AS problem
),
made AS (
    INSERT INTO contact AS c (id, org_id, code, position, kind, title_fa, unit_code, as_published, address, note, origin,
        created_at, updated_at)
    SELECT $1, $2, r.code, coalesce(r.position, (SELECT max(p.position) + 1 FROM contact p WHERE p.org_id = $2), 1),
        r.kind, r.title_fa, r.unit_code, r.as_published, r.address, r.note, 'staff', $4, $4
    FROM judged j CROSS JOIN jsonb_populate_record(NULL::contact, $3) r
    WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING c
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $4, 'contact.created', 'contact', $1, 'staff', $5, true, $3, $6 FROM made
)
SELECT coalesce(j.problem, CASE WHEN n.c IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    (n.c).row_version::text AS _etag, (n.c).code, (n.c).kind, (n.c).title_fa, (n.c).unit_code, (n.c).as_published,
    (n.c).address, (n.c).note, (n.c).row_version::text AS version
FROM judged j
LEFT JOIN (SELECT c FROM made UNION ALL SELECT c FROM contact c WHERE c.id = $1) n ON true;

-- name: contact_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
WITH old AS (
    SELECT c FROM contact c WHERE c.org_id = $2 AND c.code = $3 AND c.retired_at IS NULL FOR UPDATE
),
judged AS (
    SELECT o.c, CASE
        WHEN (o.c).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit' END AS problem
    FROM old o
),
made AS (
    UPDATE contact made SET kind = r.kind, title_fa = r.title_fa, unit_code = r.unit_code,
        as_published = r.as_published, address = r.address, note = r.note, position = r.position, origin = 'staff',
        row_version = made.row_version + 1, updated_at = $6
    FROM judged j CROSS JOIN LATERAL jsonb_populate_record(j.c, $4) r
    WHERE made.id = (j.c).id AND j.problem IS NULL
    RETURNING made AS c
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'contact.changed', 'contact', (m.c).id, 'staff', $7, true, $4 FROM made m
)
SELECT j.problem AS _problem, (m.c).row_version::text AS _etag, (m.c).code, (m.c).kind, (m.c).title_fa, (m.c).unit_code,
    (m.c).as_published, (m.c).address, (m.c).note, (m.c).row_version::text AS version
FROM judged j LEFT JOIN made m ON true;

-- name: contact_retire
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 if_match text[]  $5 now timestamptz  $6 actor uuid
WITH old AS (
    SELECT c.id, c.row_version FROM contact c
    WHERE c.org_id = $2 AND c.code = $3 AND c.retired_at IS NULL FOR UPDATE
),
judged AS (
    SELECT o.id, CASE WHEN o.row_version::text <> ALL ($4) THEN 'precondition_failed' END AS problem FROM old o
),
gone AS (
    UPDATE contact made SET retired_at = $5, origin = 'staff', row_version = made.row_version + 1, updated_at = $5
    FROM judged j WHERE made.id = j.id AND j.problem IS NULL
    RETURNING made.id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public)
    SELECT $1, $2, $5, 'contact.retired', 'contact', g.id, 'staff', $6, true FROM gone g
)
SELECT j.problem AS _problem FROM judged j;
