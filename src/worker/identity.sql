-- The worker's look at the keys of the identity provider. Fetching is in identity.c.

-- name: identity_pass
-- lane: write
-- $1 issuer text ("": nobody is verified)
SELECT 0::int8 AS done, s.next_look_at AS next_at, i.now,
    $1 <> '' AND coalesce(s.next_look_at <= i.now, true) AS is_due
FROM (SELECT clock_timestamp() + shift AS now FROM clock) i LEFT JOIN identity_key_set s ON s.issuer = $1;

-- name: identity_keys_put
-- lane: write
-- $1 issuer text  $2 keys jsonb (NULL: they could not be fetched)  $3 wait_ms int8 (until the next look)
INSERT INTO identity_key_set AS s (issuer, keys, next_look_at)
SELECT $1, coalesce($2, '{}'), clock_timestamp() + c.shift + $3 * interval '1 millisecond' FROM clock c
ON CONFLICT (issuer) DO UPDATE SET keys = coalesce($2, s.keys), next_look_at = excluded.next_look_at
RETURNING s.issuer;
