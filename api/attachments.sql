-- Uploaded files: in, to staff, to the citizen. The bytes are in the store under their SHA-256.

-- name: attachment_upload
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 sha256 bytea  $4 size int8  $5 media_type text  $6 name text
-- $7 now timestamptz  $8 scan text  $9 actor uuid  $10 digest bytea
WITH prior AS (
    SELECT a FROM attachment a WHERE id = $1
),
made AS (
    INSERT INTO attachment AS made (id, org_id, sha256, size, media_type, name, uploaded_at, scan, scan_at,
        uploaded_by, request_digest)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $8 = 'waiting' THEN $7 END, $9, $10 WHERE NOT EXISTS (SELECT FROM prior)
    ON CONFLICT (id) DO NOTHING
    RETURNING made AS a
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $7, 'attachment.uploaded', 'attachment', $1, CASE WHEN $9 IS NULL THEN 'public' ELSE 'staff' END::actor_kind,
        $9, false, jsonb_build_object('media_type', $5, 'size', $4), $10
    FROM made
)
SELECT CASE WHEN n.a IS NULL THEN 'retry' WHEN (n.a).request_digest <> $10 THEN 'idempotency_mismatch' END AS _problem,
    n.is_replayed AS _replayed, (n.a).id, encode((n.a).sha256, 'hex') AS sha256, (n.a).size, (n.a).media_type, (n.a).name,
    (n.a).scan, (n.a).uploaded_at
FROM (SELECT 1) one
LEFT JOIN (SELECT a, false AS is_replayed FROM made UNION ALL SELECT a, true FROM prior) n ON true;

-- name: attachment_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 may_confidential bool
-- An upload that no case has taken is nobody's to see.
SELECT CASE WHEN c.is_confidential AND NOT $3 THEN 'forbidden'
            WHEN a.scan = 'waiting' THEN 'not_scanned'
            WHEN a.scan = 'infected' THEN 'infected' END AS _problem,
    a.sha256, a.media_type, a.name, c.id AS case_id, c.is_confidential AS confidential
FROM attachment a JOIN casefile c ON c.id = a.case_id
WHERE a.id = $2 AND a.org_id = $1;

-- name: attachment_track
-- lane: read
-- $1 hash bytea  $2 id uuid
SELECT CASE a.scan WHEN 'waiting' THEN 'not_scanned' WHEN 'infected' THEN 'infected' END AS _problem,
    a.sha256, a.media_type, a.name
FROM casefile f
JOIN casefile own ON own.id = coalesce(f.converted_into, f.id)
JOIN casefile c ON c.id = coalesce(own.merged_into, own.id)
CROSS JOIN LATERAL case_files_told(own.id, c.id) a
WHERE f.tracking_hash = $1 AND a.id = $2;
