-- The worker's passes over attachments. What is done to their files is in attachments.c.

-- name: orphans_pass
-- lane: write
-- Uploads that no case has claimed for a day. `contents`: what no other row has, as a list of SHA-256 in hexadecimal.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS (
    SELECT a.id FROM attachment a CROSS JOIN instant i
    WHERE a.case_id IS NULL AND a.uploaded_at <= i.now - interval '1 day'
    ORDER BY a.uploaded_at LIMIT 500
    FOR UPDATE OF a SKIP LOCKED
),
gone AS (
    DELETE FROM attachment a USING due d WHERE a.id = d.id RETURNING a.id, a.org_id, a.sha256
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public)
    SELECT gen_random_uuid(), g.org_id, i.now, 'attachment.removed', 'attachment', g.id, 'system', false
    FROM gone g CROSS JOIN instant i
),
unused AS (
    SELECT DISTINCT g.sha256 FROM gone g
    WHERE NOT EXISTS (SELECT FROM attachment o WHERE o.sha256 = g.sha256 AND o.id NOT IN (SELECT id FROM gone))
)
SELECT (SELECT count(*) FROM gone) AS done, i.now,
    (SELECT min(a.uploaded_at) + interval '1 day' FROM attachment a
     WHERE a.case_id IS NULL AND a.id NOT IN (SELECT id FROM gone)) AS next_at,
    (SELECT coalesce(jsonb_agg(encode(u.sha256, 'hex')), '[]') FROM unused u) AS contents
FROM instant i;

-- name: sweep_pass
-- lane: read
-- By the true clock, as the times of files are.
SELECT 0::int8 AS done, NULL::timestamptz AS next_at, clock_timestamp() AS now;

-- name: sweep_unused
-- lane: read
-- $1 contents text[] (SHA-256 in hexadecimal)
SELECT coalesce(jsonb_agg(c.content), '[]') AS contents FROM unnest($1) c(content)
WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.sha256 = decode(c.content, 'hex'));

-- name: scan_pass
-- lane: read
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS (
    SELECT d.sha256, min(d.scan_at) AS scan_at FROM (SELECT a.sha256, a.scan_at FROM attachment a CROSS JOIN instant i
        WHERE a.scan_at <= i.now ORDER BY a.scan_at LIMIT 8) d
    GROUP BY d.sha256
)
SELECT 0::int8 AS done, i.now, (SELECT min(a.scan_at) FROM attachment a WHERE a.scan_at IS NOT NULL) AS next_at,
    (SELECT min(a.uploaded_at) FROM attachment a WHERE a.scan_at IS NOT NULL) AS waits_since,
    (SELECT coalesce(jsonb_agg(encode(d.sha256, 'hex') ORDER BY d.scan_at), '[]') FROM due d) AS contents
FROM instant i;

-- name: scan_tell
-- lane: write
-- $1 content text (SHA-256 in hexadecimal)  $2 verdict text (clean, infected, or waiting: ask again after $3)
-- $3 wait_s int8
-- What is infected is so in every row, also where an older scanner, or none, had let it pass.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
told AS (
    UPDATE attachment a SET scan = $2, scan_at = CASE WHEN $2 = 'waiting' THEN i.now + $3::int8 * interval '1 second' END
    FROM instant i
    WHERE a.sha256 = decode($1, 'hex') AND (a.scan = 'waiting' OR ($2 = 'infected' AND a.scan <> 'infected'))
    RETURNING a.id, a.org_id, i.now
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public)
    SELECT gen_random_uuid(), t.org_id, t.now, 'attachment.' || $2, 'attachment', t.id, 'system', false
    FROM told t WHERE $2 <> 'waiting'
)
SELECT count(*) AS told FROM told;
