-- What happened to a thing, oldest first.

-- name: draft_events
-- lane: read
-- $1 org uuid  $2 draft uuid  $3 is_staff bool  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
SELECT e.id, e.at AS "at on_jalali", e.kind, e.actor_kind AS actor, e.data, e.at AS _cursor_at, e.id AS _cursor_id
FROM draft d
LEFT JOIN LATERAL (
    SELECT e.* FROM event e
    WHERE e.subject_id = d.id AND ($3 OR e.is_public) AND (e.at, e.id) > (coalesce($4, '-infinity'),
          coalesce($5, '00000000-0000-0000-0000-000000000000'))
    ORDER BY e.at, e.id
    LIMIT $6) e ON true
WHERE d.id = $2 AND d.org_id = $1 AND ($3 OR d.public_version > 0 OR d.exemption_code IS NOT NULL)
ORDER BY e.at, e.id;
