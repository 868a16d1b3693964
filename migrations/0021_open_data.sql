-- Open data: what anybody may take away as a whole. Each view names its columns one by one, so that a column that a table
-- gains later stays inside until somebody decides otherwise. No person, no text of a citizen but published comments, and
-- of cases nothing finer than a month.

CREATE VIEW open_draft AS
SELECT d.org_id, d.created_at, d.id, d.number, d.kind, d.title, d.summary, d.state, d.opens_at, d.closes_at, d.round,
    d.public_version, d.published_at, d.approved_at, d.issued_at, d.exemption_code, d.withdrawal_reason,
    d.promulgation_number, d.promulgation_date, d.sent_authority, d.sent_letter_number
FROM draft d
WHERE d.public_version > 0 OR d.exemption_code IS NOT NULL;
COMMENT ON VIEW open_draft IS 'Drafts as open data: those that the public sees.';

CREATE VIEW open_comment AS
SELECT c.org_id, c.received_at, c.id, c.number, c.draft_id, c.draft_version, c.subject_id, c.clause_id, c.position, c.audience,
    coalesce(c.public_text, c.text) AS text, c.public_text IS NOT NULL AS is_redacted, c.is_late,
    CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition END AS disposition,
    CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition_reason END AS disposition_reason
FROM comment c
WHERE c.state = 'published';
COMMENT ON VIEW open_comment IS 'Published comments as open data: without who wrote them.';

CREATE VIEW open_case AS
SELECT c.org_id, c.received_at, c.id, c.kind, c.received_on, c.unit_code, c.service_code, c.channel, c.state,
    c.round, c.working_days, k.due_at, c.answered_at, c.closed_at, c.answered_days, c.total_days,
    c.outcome ->> 'article' AS article, c.rating
FROM casefile c LEFT JOIN case_clock k ON k.case_id = c.id
WHERE c.kind <> 'suggestion' AND NOT c.is_confidential AND c.state <> 'spam';
COMMENT ON VIEW open_case IS 'Complaints, messages and information requests as open data: neither text nor person nor number.';

-- A row says what became of a case only where five at least came to the same unit in the same month, by the same way and
-- about the same service: who knows of somebody's case does not find its row. What is not folded yet does not count.
CREATE FUNCTION open_case_told(org uuid, kind text, unit text, channel text, service text, month int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT min(c.n) >= 5 AND count(*) = 2 FROM (
        SELECT s.n FROM stat_cell s
        WHERE s.org_id = org AND s.source = 'case' AND s.level = 23 AND s.kind = open_case_told.kind
          AND s.unit = coalesce(open_case_told.unit, '') AND s.channel = open_case_told.channel AND s.topic = ''
          AND s.month = open_case_told.month AND s.what = 'received' AND s.value = 0
        UNION ALL
        SELECT s.n FROM stat_cell s
        WHERE s.org_id = org AND s.source = 'case' AND s.level = 27 AND s.kind = open_case_told.kind
          AND s.unit = coalesce(open_case_told.unit, '') AND s.channel = '' AND s.topic = coalesce(service, '')
          AND s.month = open_case_told.month AND s.what = 'received' AND s.value = 0) c), false)
$$;
COMMENT ON FUNCTION open_case_told IS 'Whether there are enough cases of one sort that a row of them singles out nobody.';

CREATE VIEW open_suggestion AS
SELECT s.org_id, s.public_at, s.case_id AS id, c.number, s.state, s.title, s.problem, s.proposal, s.benefit, s.cost,
    c.unit_code, c.service_code, s.supports
FROM case_suggestion s JOIN casefile c ON c.id = s.case_id
WHERE s.public_at IS NOT NULL AND NOT s.is_confidential;
COMMENT ON VIEW open_suggestion IS 'Approved suggestions as open data: without who made them, named or not.';

CREATE VIEW open_service AS
SELECT s.org_id, s.created_at, s.id, s.code, s.title_fa, s.title_en, s.unit_code, s.keywords, s.documents, s.fee,
    s.duration, s.channel, s.address
FROM service s
WHERE s.retired_at IS NULL;
COMMENT ON VIEW open_service IS 'The catalogue of services as open data.';

CREATE VIEW open_faq AS
SELECT f.org_id, f.created_at, f.id, f.code, f.topic, f.question, f.answer, f.updated_on
FROM faq f
WHERE f.retired_at IS NULL;
COMMENT ON VIEW open_faq IS 'Questions and answers as open data.';

CREATE VIEW open_survey AS
SELECT s.org_id, s.published_at, s.id, s.number, s.kind, s.title_fa, s.unit_code, s.service_code, s.mode,
    s.is_anonymised, s.least_group, p.body
FROM survey s JOIN survey_result_page p ON p.survey_id = s.id AND p.by_question = ''
WHERE s.state IN ('results_published', 'archived') AND s.published_at IS NOT NULL;
COMMENT ON VIEW open_survey IS 'Published results as open data, small groups hidden as everywhere.';

CREATE VIEW open_measure AS
SELECT m.org_id, m.created_at, m.id, m.title, m.text, m.state, m.reason, m.unit_code, m.started_on, m.finished_on
FROM measure m;
COMMENT ON VIEW open_measure IS 'What is done about what was said, as open data.';
