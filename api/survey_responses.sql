-- Answers to surveys: the hottest write of the house, and what staff see of it. Who took part is written apart from
-- what was answered (migrations/, survey_response).

-- name: survey_definition
-- lane: read
-- $1 org uuid  $2 id uuid  $3 version int4
-- What answers are held against; a version that is out of date is answered by survey_answer like any other.
SELECT CASE WHEN v.n IS NULL THEN 'survey_changed' END AS _problem,
    CASE WHEN v.n IS NULL THEN jsonb_build_object('version', s.version) END AS _detail,
    s.mode, s.is_anonymised, v.questions
FROM survey s LEFT JOIN survey_version v ON v.survey_id = s.id AND v.n = $3
WHERE s.id = $2 AND s.org_id = $1 AND s.scheduled_at IS NOT NULL;

-- name: survey_answer
-- lane: write
-- rows: many
-- $1 request uuid  $2 org uuid  $3 survey uuid  $4 version int4  $5 body jsonb  $6 response uuid  $7 voter bytea
-- $8 now timestamptz  $9 day date  $10 digest bytea (NULL: anonymised)  $11 clerk uuid (NULL: by the web)
-- $12 of_case bool (the link's token is of an answered case)
-- The share lock orders this against transitions and new versions. Both inserts are ordered by values that have nothing
-- to do with each other. Where the survey is anonymised, the response's id is random, and the request's is random too or
-- a keyed hash of the Idempotency-Key; otherwise they are one, so that a repeated request finds its response.
-- What was there before is looked up only for those whose answer was not taken, inside CASE: a plan made while the
-- tables were empty scans them.
WITH locked AS MATERIALIZED (
    SELECT id, org_id, state, opens_at, closes_at, version, mode, is_anonymised, is_after_cases
    FROM survey WHERE id = ANY ($3) AND scheduled_at IS NOT NULL
    FOR SHARE
),
judged AS MATERIALIZED (
    SELECT m.n, m.request, m.survey, m.version, m.body -> 'answers' AS answers, m.response, m.voter, m.now, m.day, m.digest, m.clerk,
        s.opens_at, s.closes_at, s.version AS current, s.is_anonymised, t.state, CASE
            WHEN s.id IS NULL THEN 'not_found'
            WHEN t.state = 'scheduled' THEN 'survey_not_open'
            WHEN t.state = 'paused' THEN 'survey_paused'
            WHEN t.state <> 'running' AND NOT (t.state = 'ended' AND m.clerk IS NOT NULL) THEN 'survey_closed'
            WHEN m.version <> s.version THEN 'survey_changed'
            WHEN s.mode = 'link' AND m.clerk IS NULL AND NOT (m.of_case AND s.is_after_cases) AND NOT EXISTS (
                SELECT FROM survey_link l WHERE l.survey_id = m.survey AND l.voter = m.voter) THEN 'link_needed'
        END AS problem
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) WITH ORDINALITY
        AS m(request, org, survey, version, body, response, voter, now, day, digest, clerk, of_case, n)
    LEFT JOIN locked s ON s.id = m.survey AND s.org_id = m.org
    CROSS JOIN LATERAL (SELECT survey_state(s.state, s.opens_at, s.closes_at, m.now) AS state) t
),
parted AS MATERIALIZED (
    INSERT INTO survey_participation AS p (survey_id, voter, request_id)
    SELECT survey, voter, request FROM judged WHERE problem IS NULL AND voter IS NOT NULL
    ORDER BY survey, voter
    ON CONFLICT DO NOTHING
    RETURNING p.survey_id, p.voter, p.request_id
),
made AS MATERIALIZED (
    INSERT INTO survey_response AS r (survey_id, id, version, day, received_at, source, answers, request_digest,
        filed_by)
    SELECT j.survey, j.response, j.version, j.day, CASE WHEN NOT j.is_anonymised THEN j.now END,
        CASE WHEN j.clerk IS NULL THEN 'web' ELSE 'clerk' END, j.answers,
        CASE WHEN NOT j.is_anonymised THEN j.digest END, j.clerk
    FROM judged j
    WHERE j.problem IS NULL AND (j.voter IS NULL OR EXISTS (SELECT FROM parted p WHERE p.request_id = j.request))
    ORDER BY j.survey, j.response
    ON CONFLICT DO NOTHING
    RETURNING r.survey_id, r.id, r.received_at
)
SELECT CASE
        WHEN m.id IS NOT NULL THEN NULL
        WHEN (e.r).request_digest <> j.digest THEN 'idempotency_mismatch'
        WHEN (e.r).id IS NOT NULL OR p.request_id = j.request THEN NULL
        WHEN j.problem IS NOT NULL THEN j.problem
        WHEN p.request_id IS NOT NULL OR w.request_id IS NOT NULL THEN 'already_answered'
        ELSE 'retry' END AS _problem,
    CASE j.problem
        WHEN 'survey_not_open' THEN jsonb_build_object('opens_at', json_instant(j.opens_at))
        WHEN 'survey_closed' THEN jsonb_build_object('state', j.state, 'closes_at', json_instant(j.closes_at))
        WHEN 'survey_changed' THEN jsonb_build_object('version', j.current) END AS _detail,
    m.id IS NULL AS _replayed, false AS _public,
    j.survey AS survey_id, j.version, CASE WHEN NOT j.is_anonymised THEN j.response END AS id,
    CASE WHEN NOT j.is_anonymised THEN coalesce(m.received_at, (e.r).received_at) END AS "received_at received_on_jalali"
FROM judged j
LEFT JOIN made m ON m.survey_id = j.survey AND m.id = j.response
LEFT JOIN parted w ON w.survey_id = j.survey AND w.voter = j.voter
CROSS JOIN LATERAL (SELECT CASE WHEN m.id IS NULL THEN (
    SELECT q.request_id FROM survey_participation q
    WHERE q.survey_id = j.survey AND q.voter = j.voter) END AS request_id OFFSET 0) p
CROSS JOIN LATERAL (SELECT CASE WHEN m.id IS NULL AND NOT j.is_anonymised THEN (
    SELECT q FROM survey_response q WHERE q.survey_id = j.survey AND q.id = j.response) END AS r OFFSET 0) e
ORDER BY j.n;

-- name: survey_offer
-- lane: read
-- $1 survey uuid  $2 voter bytea  $3 token text
-- Nothing is offered to whoever has answered.
SELECT CASE WHEN NOT EXISTS (SELECT FROM survey_participation p WHERE p.survey_id = s.id AND p.voter = $2)
    THEN jsonb_build_object('survey_id', s.id, 'version', s.version, 'title_fa', s.title_fa, 'title_en', s.title_en,
        'closes_at', json_instant(s.closes_at), 'closes_on_jalali', jalali_on(s.closes_at), 'token', $3)
    END AS satisfaction
FROM survey s WHERE s.id = $1;

-- name: survey_response_list
-- lane: read
-- $1 org uuid  $2 id uuid  $3 now timestamptz  $4 discarded bool  $5 source text  $6 version int4
-- $7 cursor_id uuid  $8 limit int4  $9 count bool
-- In the order of ids, which are random where the survey is anonymised; and then only after its end, because whoever
-- looks again and again would see when each one came.
SELECT CASE WHEN s.is_anonymised AND t.state IN ('scheduled', 'running', 'paused') THEN 'survey_not_ended' END AS _problem,
    CASE WHEN s.is_anonymised THEN jsonb_build_object('closes_at', json_instant(s.closes_at)) END AS _detail,
    r.id, r.version, r.day AS "answered_on answered_on_jalali", r.received_at, r.source, r.answers, r.discarded_at,
    r.discard_reason, 'epoch'::timestamptz AS _cursor_at, r.id AS _cursor_id,
    CASE WHEN $9 THEN (SELECT count(*) FROM survey_response c
        WHERE c.survey_id = s.id AND ($4 IS NULL OR (c.discarded_at IS NOT NULL) = $4)
          AND ($5 IS NULL OR c.source = $5) AND ($6 IS NULL OR c.version = $6)) END AS _total
FROM survey s
CROSS JOIN LATERAL (SELECT survey_state(s.state, s.opens_at, s.closes_at, $3) AS state) t
LEFT JOIN LATERAL (
    SELECT c.* FROM survey_response c
    WHERE c.survey_id = s.id AND ($4 IS NULL OR (c.discarded_at IS NOT NULL) = $4)
      AND ($5 IS NULL OR c.source = $5) AND ($6 IS NULL OR c.version = $6)
      AND c.id > coalesce($7, '00000000-0000-0000-0000-000000000000')
    ORDER BY c.id
    LIMIT $8) r ON true
WHERE s.id = $2 AND s.org_id = $1 AND s.scheduled_at IS NOT NULL
ORDER BY r.id;

-- name: survey_response_discard
-- lane: write
-- $1 event uuid  $2 org uuid  $3 survey uuid  $4 response uuid  $5 reason text  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT s.is_anonymised, r.survey_id, r.id, r.version, r.day, r.received_at, r.source, r.answers, r.discarded_at,
        r.discard_reason, survey_state(s.state, s.opens_at, s.closes_at, $6) AS state, s.closes_at
    FROM survey s JOIN survey_response r ON r.survey_id = s.id AND r.id = $4
    WHERE s.id = $3 AND s.org_id = $2
    FOR UPDATE OF r
),
judged AS (
    SELECT o.*, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN o.is_anonymised AND o.state IN ('scheduled', 'running', 'paused') THEN 'survey_not_ended'
        WHEN o.discarded_at IS NOT NULL THEN 'already_discarded' END AS problem
    FROM old o
),
made AS (
    UPDATE survey_response r SET discarded_at = $6, discarded_by = $7, discard_reason = $5
    FROM judged j WHERE r.survey_id = j.survey_id AND r.id = j.id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING r.id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, 'survey.response_discarded', 'survey', j.survey_id, 'staff', $7, true,
        jsonb_build_object('reason', $5), $8
    FROM made m CROSS JOIN judged j
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'survey_not_ended' THEN jsonb_build_object('closes_at', json_instant(j.closes_at)) END AS _detail,
    j.id, j.version, j.day AS "answered_on answered_on_jalali", j.received_at, j.source, j.answers,
    coalesce(j.discarded_at, $6) AS discarded_at, coalesce(j.discard_reason, $5) AS discard_reason
FROM judged j;
