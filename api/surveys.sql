-- Surveys: drafting, reading, scheduling. Answers stand in survey_responses.sql.
-- The public sees a survey once it was scheduled.

-- name: survey_list
-- lane: read
-- $1 org uuid  $2 now timestamptz  $3 is_staff bool  $4 state text  $5 kind text  $6 unit text  $7 service text
-- $8 updated_since timestamptz  $9 cursor_at timestamptz  $10 cursor_id uuid  $11 limit int4  $12 count bool
-- $13 q text
-- An organisation has hundreds of surveys at most: words are looked for in those that the index gives.
WITH chosen AS NOT MATERIALIZED (
    SELECT s FROM survey s
    WHERE s.org_id = $1 AND ($3 OR s.scheduled_at IS NOT NULL)
      AND ($4 IS NULL OR survey_state(s.state, s.opens_at, s.closes_at, $2) = $4)
      AND ($5 IS NULL OR s.kind = $5) AND ($6 IS NULL OR s.unit_code = $6) AND ($7 IS NULL OR s.service_code = $7)
      AND ($8 IS NULL OR s.updated_at >= $8)
      AND ($13 IS NULL OR s.norm LIKE ALL (search_patterns($13))))
SELECT x.*, (c.s).created_at AS _cursor_at, (c.s).id AS _cursor_id,
    CASE WHEN $12 THEN (SELECT count(*) FROM chosen) END AS _total,
    least((SELECT min(opens_at) FROM survey WHERE state IN ('scheduled', 'paused') AND opens_at > $2),
          (SELECT min(closes_at) FROM survey WHERE state IN ('scheduled', 'paused') AND closes_at > $2)) AS _until
FROM chosen c CROSS JOIN LATERAL survey_shown(c.s, $2) x
WHERE ((c.s).created_at, (c.s).id) < (coalesce($9, 'infinity'), coalesce($10, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (c.s).created_at DESC, (c.s).id DESC
LIMIT $11;

-- name: survey_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 now timestamptz  $4 permitted jsonb (NULL: the public)
SELECT x.*, survey_declared(s.mode, s.is_anonymised) AS declared, v.questions, v.changelog,
    coalesce($4 -> x.state, CASE WHEN $4 IS NOT NULL THEN '[]'::jsonb END) AS allowed_transitions,
    survey_tag(s, $3) AS _etag, survey_turns_at(s.state, s.opens_at, s.closes_at, $3) AS _until
FROM survey s
CROSS JOIN LATERAL survey_shown(s, $3) x
JOIN survey_version v ON v.survey_id = s.id AND v.n = s.version
WHERE s.id = $2 AND s.org_id = $1 AND ($4 IS NOT NULL OR s.scheduled_at IS NOT NULL);

-- name: survey_version_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 n int4  $4 is_staff bool
SELECT s.id AS survey_id, v.n AS version, v.n = s.version AS is_current, v.questions, v.changelog, v.created_at,
    v.frozen_at
FROM survey s JOIN survey_version v ON v.survey_id = s.id AND v.n = $3
WHERE s.id = $2 AND s.org_id = $1 AND ($4 OR (s.scheduled_at IS NOT NULL AND v.frozen_at IS NOT NULL));

-- name: survey_events
-- lane: read
-- $1 org uuid  $2 survey uuid  $3 is_staff bool  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
SELECT e.id, e.at AS "at on_jalali", e.kind, e.actor_kind AS actor, e.data, e.at AS _cursor_at, e.id AS _cursor_id
FROM survey s
LEFT JOIN LATERAL (
    SELECT e.* FROM event e
    WHERE e.subject_id = s.id AND ($3 OR e.is_public)
      AND (e.at, e.id) > (coalesce($4, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
    ORDER BY e.at, e.id
    LIMIT $6) e ON true
WHERE s.id = $2 AND s.org_id = $1 AND ($3 OR s.scheduled_at IS NOT NULL)
ORDER BY e.at, e.id;

-- name: survey_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 questions json  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 jalali_year int4  $9 permitted jsonb
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN $3 ->> 'unit_code' IS NOT NULL AND NOT EXISTS (
            SELECT FROM unit u WHERE u.org_id = $2 AND u.code = $3 ->> 'unit_code' AND u.retired_at IS NULL)
        THEN 'unknown_unit'
        WHEN NOT service_is_there($2, $3 ->> 'service_code') THEN 'unknown_service'
        WHEN ($3 ->> 'after_cases')::boolean AND ($3 ->> 'kind' <> 'satisfaction' OR $3 ->> 'mode' <> 'link')
        THEN 'not_after_cases'
        WHEN ($3 ->> 'closes_at')::timestamptz <= ($3 ->> 'opens_at')::timestamptz THEN 'survey_window_wrong'
        END AS problem
),
made AS (
    INSERT INTO survey AS s (id, org_id, number, kind, title_fa, title_en, introduction_fa, introduction_en, unit_code,
        service_code, links, mode, is_anonymised, least_group, results_visibility, is_after_cases, state, opens_at,
        closes_at, created_at, created_by, updated_at)
    SELECT $1, $2, case_number_next($8), $3 ->> 'kind', $3 ->> 'title_fa', $3 ->> 'title_en', $3 ->> 'introduction_fa',
        $3 ->> 'introduction_en', $3 ->> 'unit_code', $3 ->> 'service_code', $3 -> 'links', $3 ->> 'mode',
        ($3 ->> 'anonymised')::boolean, ($3 ->> 'least_group')::int, $3 ->> 'results_visibility',
        ($3 ->> 'after_cases')::boolean, 'drafting', ($3 ->> 'opens_at')::timestamptz, ($3 ->> 'closes_at')::timestamptz,
        $5, $6, $5
    FROM judged WHERE problem IS NULL AND NOT is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING s
),
version AS (
    INSERT INTO survey_version (survey_id, n, questions, created_at, created_by)
    SELECT (m.s).id, 1, $4, $5, $6 FROM made m
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, request_digest)
    SELECT $1, $2, $5, 'survey.created', 'survey', (m.s).id, 'staff', $6, false, $7 FROM made m
)
SELECT CASE WHEN j.problem IS NULL AND n.s IS NULL THEN 'retry' ELSE j.problem END AS _problem,
    j.is_replayed AS _replayed, false AS _public, survey_tag(n.s, $5) AS _etag,
    x.*, survey_declared((n.s).mode, (n.s).is_anonymised) AS declared, $4 AS questions, NULL::text AS changelog,
    coalesce($9 -> x.state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT s FROM made UNION ALL SELECT s FROM survey s WHERE s.id = $1) n ON true
LEFT JOIN LATERAL survey_shown(n.s, $5) x ON true;

-- name: survey_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 patch jsonb  $5 questions json (NULL: not changed)  $6 if_match text[]
-- $7 now timestamptz  $8 actor uuid  $9 permitted jsonb
-- Once it is scheduled, only a later end can be set: who answers, how and to what was declared.
WITH seen AS (
    SELECT row_version FROM survey WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT s FROM survey s WHERE s.id = $3 AND s.org_id = $2 FOR UPDATE
),
judged AS (
    SELECT o.s, CASE
        WHEN (SELECT row_version FROM seen) <> (o.s).row_version THEN 'retry'
        WHEN (o.s).row_version::text <> ALL ($6) THEN 'precondition_failed'
        WHEN (o.s).state <> 'drafting' AND (NOT t.state = ANY ('{scheduled,running,paused}') OR $4 - 'closes_at' <> '{}')
            THEN 'survey_frozen'
        WHEN (o.s).state <> 'drafting' AND NOT coalesce(($4 ->> 'closes_at')::timestamptz > (o.s).closes_at, $4 = '{}')
            THEN 'window_only_later'
        WHEN $4 ->> 'unit_code' IS NOT NULL AND NOT EXISTS (
            SELECT FROM unit u WHERE u.org_id = $2 AND u.code = $4 ->> 'unit_code' AND u.retired_at IS NULL)
            THEN 'unknown_unit'
        WHEN NOT service_is_there($2, $4 ->> 'service_code') THEN 'unknown_service'
        WHEN coalesce(($4 ->> 'after_cases')::boolean, (o.s).is_after_cases)
            AND (coalesce($4 ->> 'kind', (o.s).kind) <> 'satisfaction' OR coalesce($4 ->> 'mode', (o.s).mode) <> 'link')
            THEN 'not_after_cases'
        WHEN w.closes_at <= w.opens_at THEN 'survey_window_wrong' END AS problem,
        w.opens_at, w.closes_at
    FROM old o
    CROSS JOIN LATERAL (SELECT survey_state((o.s).state, (o.s).opens_at, (o.s).closes_at, $7) AS state) t
    CROSS JOIN LATERAL (SELECT
        CASE WHEN $4 ? 'opens_at' THEN ($4 ->> 'opens_at')::timestamptz ELSE (o.s).opens_at END AS opens_at,
        CASE WHEN $4 ? 'closes_at' THEN ($4 ->> 'closes_at')::timestamptz ELSE (o.s).closes_at END AS closes_at) w
),
made AS (
    UPDATE survey made SET kind = coalesce($4 ->> 'kind', made.kind),
        title_fa = coalesce($4 ->> 'title_fa', made.title_fa),
        title_en = CASE WHEN $4 ? 'title_en' THEN $4 ->> 'title_en' ELSE made.title_en END,
        introduction_fa = coalesce($4 ->> 'introduction_fa', made.introduction_fa),
        introduction_en = CASE WHEN $4 ? 'introduction_en' THEN $4 ->> 'introduction_en' ELSE made.introduction_en END,
        unit_code = CASE WHEN $4 ? 'unit_code' THEN $4 ->> 'unit_code' ELSE made.unit_code END,
        service_code = CASE WHEN $4 ? 'service_code' THEN $4 ->> 'service_code' ELSE made.service_code END,
        links = coalesce($4 -> 'links', made.links), mode = coalesce($4 ->> 'mode', made.mode),
        is_anonymised = coalesce(($4 ->> 'anonymised')::boolean, made.is_anonymised),
        least_group = coalesce(($4 ->> 'least_group')::int, made.least_group),
        results_visibility = coalesce($4 ->> 'results_visibility', made.results_visibility),
        is_after_cases = coalesce(($4 ->> 'after_cases')::boolean, made.is_after_cases),
        opens_at = j.opens_at, closes_at = j.closes_at, row_version = made.row_version + 1, updated_at = $7
    FROM judged j WHERE made.id = (j.s).id AND j.problem IS NULL
    RETURNING made AS s
),
version AS (
    UPDATE survey_version v SET questions = $5
    FROM made m WHERE v.survey_id = (m.s).id AND v.n = (m.s).version AND $5 IS NOT NULL
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $7, CASE WHEN (m.s).state = 'drafting' THEN 'survey.changed' ELSE 'survey.extended' END, 'survey',
        (m.s).id, 'staff', $8, (m.s).scheduled_at IS NOT NULL,
        CASE WHEN (m.s).state = 'drafting'
            THEN jsonb_build_object('members', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys($4) k))
            ELSE jsonb_build_object('closes_at', json_instant((m.s).closes_at)) END
    FROM made m
)
SELECT j.problem AS _problem, survey_tag(m.s, $7) AS _etag, CASE j.problem
        WHEN 'survey_frozen' THEN jsonb_build_object('state',
            survey_state((j.s).state, (j.s).opens_at, (j.s).closes_at, $7))
        WHEN 'window_only_later' THEN jsonb_build_object('closes_at', json_instant((j.s).closes_at)) END AS _detail,
    x.*, survey_declared((m.s).mode, (m.s).is_anonymised) AS declared,
    coalesce($5, (SELECT v.questions FROM survey_version v WHERE v.survey_id = (m.s).id AND v.n = (m.s).version))
        AS questions,
    (SELECT v.changelog FROM survey_version v WHERE v.survey_id = (m.s).id AND v.n = (m.s).version) AS changelog,
    coalesce($9 -> x.state, '[]') AS allowed_transitions
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL survey_shown(m.s, $7) x ON true;

-- name: survey_version_create
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 questions json  $5 changelog text  $6 if_match text[]  $7 now timestamptz
-- $8 actor uuid  $9 digest bytea  $10 permitted jsonb
-- The lock orders this against answers: whoever answers the version before does so before this, or is refused.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM survey WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT s FROM survey s WHERE s.id = $3 AND s.org_id = $2 FOR UPDATE
),
judged AS (
    SELECT o.s, EXISTS (SELECT FROM prior) AS is_replayed, t.state, CASE
        WHEN (SELECT request_digest FROM prior) <> $9 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (SELECT row_version FROM seen) <> (o.s).row_version THEN 'retry'
        WHEN (o.s).row_version::text <> ALL ($6) THEN 'precondition_failed'
        WHEN NOT t.state = ANY ('{scheduled,running,paused}') THEN 'state_conflict' END AS problem
    FROM old o
    CROSS JOIN LATERAL (SELECT survey_state((o.s).state, (o.s).opens_at, (o.s).closes_at, $7) AS state) t
),
made AS (
    UPDATE survey made SET version = made.version + 1, row_version = made.row_version + 1, updated_at = $7
    FROM judged j WHERE made.id = (j.s).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS s
),
version AS (
    INSERT INTO survey_version (survey_id, n, questions, changelog, created_at, created_by, frozen_at)
    SELECT (m.s).id, (m.s).version, $4, $5, $7, $8, $7 FROM made m
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $7, 'survey.version', 'survey', (m.s).id, 'staff', $8, true,
        jsonb_build_object('version', (m.s).version, 'changelog', $5), $9
    FROM made m
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, survey_tag(n.s, $7) AS _etag,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state, 'allowed', '[]'::jsonb) END AS _detail,
    x.*, survey_declared((n.s).mode, (n.s).is_anonymised) AS declared, $4 AS questions, $5 AS changelog,
    coalesce($10 -> x.state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT s FROM made UNION ALL SELECT j.s FROM judged j WHERE j.is_replayed) n ON true
LEFT JOIN LATERAL survey_shown(n.s, $7) x ON true;

-- name: survey_transition
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 known jsonb  $10 permitted jsonb  $11 reasons jsonb
-- The maps speak of the states that a reader sees; running and ended are stored as scheduled.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM survey WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT s FROM survey s WHERE s.id = $3 AND s.org_id = $2 FOR UPDATE
),
asked AS (
    SELECT o.s, survey_state((o.s).state, (o.s).opens_at, (o.s).closes_at, $6) AS state, $4 ->> 'to' AS target,
        EXISTS (SELECT FROM prior) AS is_replayed, $4 ->> 'to' = 'scheduled' AS is_scheduling,
        coalesce(($4 ->> 'opens_at')::timestamptz, greatest((o.s).opens_at, $6)) AS opens_at,
        coalesce(($4 ->> 'closes_at')::timestamptz, (o.s).closes_at) AS closes_at
    FROM old o
),
judged AS (
    SELECT a.*, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN a.is_replayed THEN NULL
        WHEN (SELECT row_version FROM seen) <> (a.s).row_version THEN 'retry'
        WHEN (a.s).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT coalesce($9 -> a.state ? a.target, false) THEN 'state_conflict'
        WHEN NOT coalesce($10 -> a.state ? a.target, false) THEN 'forbidden'
        WHEN coalesce($11 -> a.state ? a.target, false) AND $4 ->> 'reason' IS NULL THEN 'reason_needed'
        WHEN a.is_scheduling AND a.opens_at < $6 THEN 'window_in_past'
        WHEN a.is_scheduling AND (a.closes_at IS NULL OR a.closes_at <= a.opens_at) THEN 'survey_window_wrong'
        END AS problem
    FROM asked a
),
made AS (
    UPDATE survey made SET
        state = CASE j.target WHEN 'running' THEN 'scheduled' ELSE j.target END,
        row_version = made.row_version + 1, updated_at = $6, reason = $4 ->> 'reason',
        opens_at = CASE WHEN j.is_scheduling THEN j.opens_at ELSE made.opens_at END,
        closes_at = CASE WHEN j.is_scheduling THEN j.closes_at ELSE made.closes_at END,
        scheduled_at = CASE WHEN j.is_scheduling THEN $6 ELSE made.scheduled_at END,
        published_at = CASE WHEN j.target = 'results_published' THEN $6 ELSE made.published_at END
    FROM judged j WHERE made.id = (j.s).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS s
),
frozen AS (
    UPDATE survey_version v SET frozen_at = $6
    FROM made m WHERE v.survey_id = (m.s).id AND v.n = (m.s).version AND v.frozen_at IS NULL
      AND (m.s).scheduled_at IS NOT NULL
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, 'survey.' || CASE j.target WHEN 'running' THEN 'resumed' ELSE j.target END, 'survey', (m.s).id,
        'staff', $7, (m.s).scheduled_at IS NOT NULL,
        $4 - 'to' || CASE WHEN j.is_scheduling THEN jsonb_build_object('opens_at', json_instant(j.opens_at),
            'closes_at', json_instant(j.closes_at), 'version', (m.s).version) ELSE '{}' END, $8
    FROM made m CROSS JOIN judged j
),
-- what the worker has not recorded yet is recorded before the survey goes on
told AS MATERIALIZED (
    SELECT count(survey_window_tell(j.s, w.what, $6 - w.before)) AS events
    FROM judged j CROSS JOIN (VALUES ('opened', interval '2 us'), ('ended', '1 us')) w(what, before)
    WHERE j.problem IS NULL AND NOT j.is_replayed AND j.state IN ('running', 'paused', 'ended')
      AND CASE w.what WHEN 'opened' THEN (j.s).opens_at ELSE (j.s).closes_at END <= $6
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, survey_tag(n.s, n.at) AS _etag,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state,
        'allowed', coalesce($10 -> j.state, '[]')) END AS _detail,
    x.*, survey_declared((n.s).mode, (n.s).is_anonymised) AS declared, v.questions, v.changelog,
    coalesce($10 -> x.state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT s, $6 AS at FROM made
           UNION ALL SELECT j.s, greatest($6, (j.s).updated_at) FROM judged j WHERE j.is_replayed) n ON true
LEFT JOIN LATERAL survey_shown(n.s, n.at) x ON true
LEFT JOIN survey_version v ON v.survey_id = (n.s).id AND v.n = (n.s).version
CROSS JOIN told;

-- name: survey_links_create
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 voters text[] (hex)  $5 now timestamptz  $6 actor uuid  $7 digest bytea
-- Nothing says which link was handed to whom, or when it was used: a used one is a row of survey_participation.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT s FROM survey s WHERE s.id = $3 AND s.org_id = $2 FOR SHARE
),
judged AS (
    SELECT o.s, EXISTS (SELECT FROM prior) AS is_replayed, t.state, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (o.s).mode <> 'link' THEN 'not_by_link'
        WHEN NOT t.state = ANY ('{scheduled,running,paused}') THEN 'state_conflict' END AS problem
    FROM old o
    CROSS JOIN LATERAL (SELECT survey_state((o.s).state, (o.s).opens_at, (o.s).closes_at, $5) AS state) t
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $5, 'survey.links_made', 'survey', (j.s).id, 'staff', $6, true,
        jsonb_build_object('count', cardinality($4)), $7
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING id
),
made AS (
    INSERT INTO survey_link (survey_id, voter, made_by)
    SELECT (j.s).id, decode(v, 'hex'), h.id FROM happened h CROSS JOIN judged j CROSS JOIN unnest($4) v
)
SELECT CASE WHEN j.problem IS NULL AND NOT j.is_replayed AND NOT EXISTS (SELECT FROM happened) THEN 'retry'
        ELSE j.problem END AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state, 'allowed', '[]'::jsonb) END AS _detail,
    j.is_replayed AS _replayed, false AS _public, (j.s).id AS survey_id, cardinality($4) AS count
FROM judged j;
