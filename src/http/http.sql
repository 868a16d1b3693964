-- The engine's own statements: what it asks on nobody's behalf.

-- name: heartbeat
-- lane: read
-- The clock that all servers follow.
SELECT clock_timestamp() + (SELECT shift FROM clock) AS now;

-- name: registry_load
-- lane: slow
-- Organisations with what they promise, their roles and their calendars, as registry_parse() wants them; the keys of
-- identity providers by issuer.
SELECT coalesce(json_agg(json_build_object(
           'id', o.id,
           'slug', o.slug,
           'windows', (SELECT coalesce(json_object_agg(w.draft_kind,
                                                       json_build_object('unit', w.unit, 'length', w.length)), '{}')
                         FROM window_policy w
                        WHERE w.org_id = o.id AND w.unit <> 'none'),
           'roles', (SELECT coalesce(json_object_agg(r.name, to_json(r.permissions)), '{}')
                       FROM role r
                      WHERE r.org_id = o.id AND r.retired_at IS NULL),
           'cases', (SELECT coalesce(json_object_agg(c.case_kind, json_build_object('working_days', c.working_days,
                                'may_pause', c.may_pause, 'reopen_days', c.reopen_days,
                                'close_after_days', c.close_after_days, 'followup_days', c.followup_days)), '{}')
                       FROM case_policy c WHERE c.org_id = o.id),
           'ladder', (SELECT coalesce(json_agg(e.offset_days ORDER BY e.offset_days), '[]')
                        FROM escalation_step e WHERE e.org_id = o.id),
           'calendar', calendar_document(o.id))), '[]') AS registry,
       (SELECT coalesce(json_object_agg(s.issuer, s.keys), '{}') FROM identity_key_set s) AS identity_keys
  FROM organisation o
 WHERE o.retired_at IS NULL;

-- name: key_find
-- lane: read
-- $1 hash bytea
-- Whose key this is; no row: unknown, revoked or expired.
SELECT k.id, k.org_id, to_json(k.roles) AS roles, k.expires_at
  FROM api_key k
 WHERE k.hash = $1
   AND k.revoked_at IS NULL
   AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp() + (SELECT shift FROM clock));

-- name: cache_notify
-- lane: slow
-- $1 payload text
-- On the slow lane, because a notification in a batch of writes would make the whole commit wait for a lock that all
-- notifying transactions share.
SELECT pg_notify('mosharekat_cache', $1)::text AS sent;
