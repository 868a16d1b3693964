-- What the export is measured on: COUNT more published comments, told to no statistics.
SET session_replication_role = replica;
INSERT INTO comment (id, org_id, draft_id, draft_version, clause_id, number, text, position, audience, state, is_late,
    received_at, updated_at, campaign_id, tracking_hash, request_digest)
SELECT gen_random_uuid(), o.id, md5('draft' || n % 200 + 1)::uuid, 1, 'c' || n % 5 + 1, 'X-' || n,
    'نظر شمارهٔ ' || n || ': ' || repeat('این ماده باید روشن‌تر نوشته شود. ', 3), 'for', 'citizen', 'published', false,
    now() - interval '30 hours' + n * interval '10 ms', now(), md5(n::text)::uuid, substr(sha256(('x' || n)::bytea), 1, 16),
    sha256(n::text::bytea)
FROM generate_series(1, COUNT) n, organisation o WHERE o.slug = 'isfahan';
VACUUM ANALYZE comment;
