-- Open data, page by page: the columns are the columns of the file, in this order, and come from the views open_… alone.
-- Every statement begins with the same parameters (exports.c): "from" is the first instant that counts, "to" the first
-- that does not any more.

-- name: export_drafts
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 now timestamptz  $8 kind text  $9 state text
-- The period is that of publication, or of exemption from it.
SELECT d.number, d.id, d.kind, s.state, d.title, d.summary, d.round, d.public_version AS version,
    d.opens_at AS "opens_at opens_on_jalali", d.closes_at AS "closes_at closes_on_jalali",
    d.published_at AS "published_at published_on_jalali", d.approved_at AS "approved_at approved_on_jalali",
    d.issued_at AS "issued_at issued_on_jalali", d.promulgation_number, d.promulgation_date, d.sent_authority,
    d.sent_letter_number, d.exemption_code, d.withdrawal_reason,
    d.created_at AS _cursor_at, d.id AS _cursor_id
FROM open_draft d
CROSS JOIN LATERAL (SELECT draft_state(d.state, d.opens_at, d.closes_at, $7) AS state) s
WHERE d.org_id = $1 AND (d.created_at, d.id) > (coalesce($4, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND ($2 IS NULL OR coalesce(d.published_at, d.created_at) >= $2)
  AND ($3 IS NULL OR coalesce(d.published_at, d.created_at) < $3)
  AND ($8 IS NULL OR d.kind = $8) AND ($9 IS NULL OR s.state = $9)
ORDER BY d.created_at, d.id
LIMIT $6;

-- name: export_comments
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 draft uuid
SELECT c.number, c.draft_id, c.draft_version, c.subject_id, c.clause_id, c.position, c.audience, c.is_late AS late, c.text,
    c.is_redacted, c.disposition, c.disposition_reason, c.received_at AS "received_at received_on_jalali",
    c.received_at AS _cursor_at, c.id AS _cursor_id
FROM open_comment c
WHERE c.org_id = $1
  AND (c.received_at, c.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND c.received_at < coalesce($3, 'infinity') AND ($7 IS NULL OR c.draft_id = $7)
ORDER BY c.received_at, c.id
LIMIT $6;

-- name: export_cases
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 now timestamptz  $8 kind text  $9 unit text  $10 channel text
-- An answer is in time or not; what waits longer than was promised is not, and of the rest nobody knows yet.
SELECT c.received_on AS received_jalali_month, c.unit_code AS unit, c.service_code AS service, c.county, c.channel,
    c.state, c.round, c.working_days AS promised_days, c.answered_days, c.total_days,
    CASE WHEN c.due_at IS NULL THEN NULL WHEN c.answered_at IS NOT NULL THEN c.answered_at < c.due_at
         WHEN c.closed_at IS NULL AND $7 >= c.due_at THEN false END AS in_time,
    c.article, c.rating, c.received_at AS _cursor_at, c.id AS _cursor_id
FROM open_case c
WHERE c.org_id = $1 AND c.kind = $8
  AND (c.received_at, c.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND c.received_at < coalesce($3, 'infinity') AND ($9 IS NULL OR c.unit_code = $9) AND ($10 IS NULL OR c.channel = $10)
ORDER BY c.received_at, c.id
LIMIT $6;
