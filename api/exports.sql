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
-- An answer is in time or not; what waits longer than was promised is not, and of the rest nobody knows yet. Of small groups
-- a row says no more than that there is a case (open_case_told), and no filter finds it.
WITH page AS MATERIALIZED (
    SELECT c.*, coalesce(c.unit_code, '') AS unit_key, coalesce(c.service_code, '') AS service_key,
        (c.received_at AT TIME ZONE 'Asia/Tehran')::date AS day
    FROM open_case c
    WHERE c.org_id = $1 AND c.kind = $8
      AND (c.received_at, c.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
      AND c.received_at < coalesce($3, 'infinity') AND ($9 IS NULL OR c.unit_code = $9) AND ($10 IS NULL OR c.channel = $10)
      AND CASE WHEN $9 IS NULL AND $10 IS NULL THEN true
               ELSE open_case_told($1, $8, c.unit_code, c.channel, c.service_code,
                   jalali_month((c.received_at AT TIME ZONE 'Asia/Tehran')::date)) END
    ORDER BY c.received_at, c.id
    LIMIT $6
),
months AS MATERIALIZED (
    SELECT d.day, jalali_month(d.day) AS month FROM (SELECT DISTINCT day FROM page) d
),
sorts AS MATERIALIZED (
    SELECT g.*, open_case_told($1, $8, g.unit_key, g.channel, g.service_key, g.month) AS is_told
    FROM (SELECT DISTINCT p.unit_key, p.channel, p.service_key, m.month FROM page p JOIN months m ON m.day = p.day) g
)
SELECT p.received_on AS received_jalali_month, NOT s.is_told AS withheld, t.unit_code AS unit, t.service_code AS service,
    t.channel, t.state, t.round, t.working_days AS promised_days, t.answered_days, t.total_days,
    CASE WHEN t.due_at IS NULL THEN NULL WHEN t.answered_at IS NOT NULL THEN t.answered_at < t.due_at
         WHEN t.closed_at IS NULL AND $7 >= t.due_at THEN false END AS in_time,
    t.article, t.rating, p.received_at AS _cursor_at, p.id AS _cursor_id
FROM page p
JOIN months m ON m.day = p.day
JOIN sorts s ON s.month = m.month AND s.unit_key = p.unit_key AND s.channel = p.channel AND s.service_key = p.service_key
LEFT JOIN LATERAL (SELECT p.* WHERE s.is_told) t ON true
ORDER BY p.received_at, p.id;

-- name: export_suggestions
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 state text  $8 unit text
-- The period is that of approval.
SELECT s.number, s.id, s.state, s.title, s.problem, s.proposal, s.benefit, s.cost, s.unit_code AS unit,
    s.service_code AS service, s.supports, s.public_at AS "public_at public_on_jalali",
    s.public_at AS _cursor_at, s.id AS _cursor_id
FROM open_suggestion s
WHERE s.org_id = $1
  AND (s.public_at, s.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND s.public_at < coalesce($3, 'infinity') AND ($7 IS NULL OR s.state = $7) AND ($8 IS NULL OR s.unit_code = $8)
ORDER BY s.public_at, s.id
LIMIT $6;

-- name: export_services
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 unit text
-- The period is that in which a service was entered.
SELECT s.code, s.title_fa, s.title_en, s.unit_code AS unit, array_to_string(s.keywords, '، ') AS keywords,
    array_to_string(s.documents, '، ') AS documents, s.fee, s.duration, s.channel, s.address,
    s.created_at AS _cursor_at, s.id AS _cursor_id
FROM open_service s
WHERE s.org_id = $1
  AND (s.created_at, s.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND s.created_at < coalesce($3, 'infinity') AND ($7 IS NULL OR s.unit_code = $7)
ORDER BY s.created_at, s.id
LIMIT $6;

-- name: export_faq
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4
-- The period is that in which a question was entered.
SELECT f.code, f.topic, f.question, f.answer, f.updated_on AS "updated_on updated_on_jalali",
    f.created_at AS _cursor_at, f.id AS _cursor_id
FROM open_faq f
WHERE f.org_id = $1
  AND (f.created_at, f.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND f.created_at < coalesce($3, 'infinity')
ORDER BY f.created_at, f.id
LIMIT $6;

-- name: export_survey_results
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 unit text
-- A page is some surveys with all their rows (_more: it was full). The period is that of publication.
WITH chosen AS MATERIALIZED (
    SELECT s.* FROM open_survey s
    WHERE s.org_id = $1
      AND (s.published_at, s.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
      AND s.published_at < coalesce($3, 'infinity') AND ($7 IS NULL OR s.unit_code = $7)
    ORDER BY s.published_at, s.id
    LIMIT $6
)
SELECT s.number AS survey_number, s.id AS survey_id, s.kind, s.title_fa AS survey_title, s.unit_code AS unit,
    s.service_code AS service, s.mode, s.is_anonymised AS anonymised, s.least_group,
    s.published_at AS "published_at published_on_jalali", (s.body ->> 'responses')::int AS responses,
    q.value ->> 'id' AS question, q.value ->> 'type' AS type, q.value ->> 'title_fa' AS question_title,
    r.value ->> 'key' AS "row", r.value ->> 'title_fa' AS row_title, c.value ->> 'key' AS answer,
    c.value ->> 'title_fa' AS answer_title, c.value ->> 'from' AS value_from, c.value ->> 'to' AS value_to,
    (coalesce(r.value, q.value) ->> 'answered')::int AS answered, (c.value ->> 'count')::int AS count,
    (c.value ->> 'share')::float8 AS share,
    (SELECT count(*) FROM chosen) = $6 AS _more, s.published_at AS _cursor_at, s.id AS _cursor_id
FROM chosen s
CROSS JOIN LATERAL json_array_elements(s.body -> 'questions') WITH ORDINALITY q
LEFT JOIN LATERAL json_array_elements(q.value -> 'rows') WITH ORDINALITY r ON true
LEFT JOIN LATERAL json_array_elements(coalesce(r.value, q.value) -> 'cells') WITH ORDINALITY c ON true
ORDER BY s.published_at, s.id, q.ordinality, r.ordinality, c.ordinality;

-- name: export_measures
-- lane: slow
-- $1 org uuid  $2 from timestamptz  $3 to timestamptz  $4 cursor_at timestamptz  $5 cursor_id uuid
-- $6 limit int4  $7 state text  $8 unit text
-- The period is that in which a measure was entered.
SELECT m.id, m.title, m.text, m.state, m.reason, m.unit_code AS unit, m.started_on AS "started_on started_on_jalali",
    m.finished_on AS "finished_on finished_on_jalali", m.created_at AS _cursor_at, m.id AS _cursor_id
FROM open_measure m
WHERE m.org_id = $1
  AND (m.created_at, m.id) > (coalesce($4, $2, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
  AND m.created_at < coalesce($3, 'infinity') AND ($7 IS NULL OR m.state = $7) AND ($8 IS NULL OR m.unit_code = $8)
ORDER BY m.created_at, m.id
LIMIT $6;
