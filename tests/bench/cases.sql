-- What the worker is measured on: COUNT open complaints, DUE of which have one step of the ladder behind them, and a tenth of
-- which are Semnan's. Ids rise with time, as those do that the server makes (version 7; under an Idempotency-Key they do not).
-- The index for search is made afterwards, and the figures have taken all of it in, so that the worker has nothing else to do.
DROP INDEX case_search_by_norm;
WITH one AS MATERIALIZED (
    SELECT overlay(overlay(md5(n::text) PLACING '7' FROM 13) PLACING lpad(to_hex(1790000000000 + n), 12, '0') FROM 1)::uuid AS id,
        n, o.id AS org_id, r.at, s.steps
    FROM generate_series(1, COUNT) n
    JOIN organisation o ON o.slug = CASE WHEN n % 10 = 0 THEN 'semnan' ELSE 'isfahan' END
    CROSS JOIN LATERAL (SELECT now() - (n % 12) * interval '1 day' AS at) r
    CROSS JOIN LATERAL (
        SELECT array_agg(r.at::date + 30 + CASE WHEN n % 10 = 1 AND k = 1 AND n <= DUE * 10 THEN -60 ELSE k END
            + interval '20:30' ORDER BY k) AS steps
        FROM generate_series(1, 5) k) s
),
filed AS (
    INSERT INTO casefile (id, org_id, kind, number, state, subject, text, unit_code, channel, received_at, registered_at,
        updated_at, received_on, working_days, tracking_hash, request_digest, receipt_received_at)
    SELECT id, org_id, 'complaint', 'W-' || n, 'registered', 'تأخیر در صدور پروانه ' || n,
        repeat('سه ماه است که پروندهٔ من بی‌پاسخ مانده است. ', 4), NULL, 'web', at, at, at, at::date, 10,
        substr(sha256(('w' || n)::bytea), 1, 16), sha256(n::text::bytea), at
    FROM one
)
INSERT INTO case_clock (case_id, org_id, kind, counted_from, counted_days, due_on, due_at, steps, moved_at)
SELECT id, org_id, 'complaint', at::date, 10, at::date + 14, (at::date + 15)::timestamptz, steps, at FROM one;
CREATE INDEX case_search_by_norm ON case_search USING gin (norm gin_trgm_ops);
SELECT stat_fold(2 * COUNT);
INSERT INTO calendar_seen (org_id, digest) SELECT org_id, digest FROM calendar_digests()
ON CONFLICT (org_id) DO UPDATE SET digest = excluded.digest;
VACUUM ANALYZE;
CHECKPOINT;
