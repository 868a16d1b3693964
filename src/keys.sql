-- API keys, made and ended by the command line. Every change is told to the running servers.

-- name: key_create
-- lane: write
-- $1 id uuid  $2 org text (slug; NULL: all organisations)  $3 name text  $4 roles text[]  $5 hash bytea
-- $6 expires_at timestamptz
-- One row: what stands in the way (then nothing is made), or neither.
WITH org AS (
    SELECT id FROM organisation WHERE slug = $2 AND retired_at IS NULL
), judged AS MATERIALIZED (
    SELECT $2 IS NOT NULL AND NOT EXISTS (SELECT FROM org) AS is_org_unknown,
           (SELECT string_agg(given.name, ', ')
              FROM unnest($4) AS given(name)
             WHERE NOT EXISTS (SELECT FROM role r
                                WHERE r.name = given.name AND r.retired_at IS NULL
                                  AND ($2 IS NULL OR r.org_id = (SELECT id FROM org)))) AS unknown_roles
), made AS (
    INSERT INTO api_key (id, org_id, name, roles, hash, created_at, expires_at)
    SELECT $1, (SELECT id FROM org), $3, $4, $5, clock_timestamp() + (SELECT shift FROM clock), $6
      FROM judged
     WHERE NOT is_org_unknown AND unknown_roles IS NULL
    RETURNING id
), notified AS (
    SELECT pg_notify('mosharekat_policy', '') FROM made
)
SELECT is_org_unknown, unknown_roles, (SELECT count(*) FROM notified) AS _notified FROM judged;

-- name: key_revoke
-- lane: write
-- $1 id uuid
-- No row: there is no such key.
WITH key AS (
    SELECT id, revoked_at FROM api_key WHERE id = $1
), ended AS (
    UPDATE api_key k SET revoked_at = clock_timestamp() + (SELECT shift FROM clock)
      FROM key
     WHERE k.id = key.id AND key.revoked_at IS NULL
    RETURNING k.id
), notified AS (
    SELECT pg_notify('mosharekat_policy', '') FROM ended
)
SELECT revoked_at IS NOT NULL AS was_revoked, (SELECT count(*) FROM notified) AS _notified FROM key;

-- name: key_list
-- lane: slow
SELECT k.id, coalesce(o.slug, 'all') AS org, k.name, array_to_string(k.roles, ',') AS roles, k.created_at, k.expires_at,
       k.revoked_at
  FROM api_key k LEFT JOIN organisation o ON o.id = k.org_id
 ORDER BY k.created_at, k.id;
