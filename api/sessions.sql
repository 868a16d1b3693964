-- Sessions of a committee: planned, opened with the members who are there, closed with minutes and results. The results are
-- computed in C (domain/committee.h) from what session_basis reads; session_move refuses (`busy`) when that has changed since.

-- name: session_list
-- lane: read
-- $1 org uuid  $2 code text  $3 is_staff bool  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
-- The public sees what was held, and how much was judged.
SELECT s.id, s.number, s.state, s.held_at AS "held_at held_on_jalali", s.suggestions, s.judged,
    s.created_at AS _cursor_at, s.id AS _cursor_id
FROM committee c
LEFT JOIN LATERAL (
    SELECT s.*, (SELECT count(*) FROM session_item i WHERE i.session_id = s.id) AS suggestions,
        (SELECT count(*) FROM session_item i WHERE i.session_id = s.id AND i.is_quorate AND i.is_complete) AS judged
    FROM committee_session s
    WHERE s.committee_id = c.id AND ($3 OR s.state = 'closed')
      AND (s.created_at, s.id) > (coalesce($4, '-infinity'), coalesce($5, '00000000-0000-0000-0000-000000000000'))
    ORDER BY s.created_at, s.id
    LIMIT $6) s ON true
WHERE c.org_id = $1 AND c.code = $2
ORDER BY s.created_at, s.id;

-- name: session_get
-- lane: read
-- $1 org uuid  $2 code text  $3 number int4  $4 permitted jsonb
SELECT t.*, coalesce($4 -> s.state, '[]') AS allowed_transitions, s.row_version || '-' || s.ballots AS _etag
FROM committee c JOIN committee_session s ON s.committee_id = c.id CROSS JOIN LATERAL session_shown(s) t
WHERE c.org_id = $1 AND c.code = $2 AND s.number = $3;

-- name: session_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 code text  $4 body jsonb  $5 now timestamptz  $6 actor uuid  $7 digest bytea
-- $8 permitted jsonb
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT c.id, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN c.retired_at IS NOT NULL THEN 'state_conflict' END AS problem
    FROM committee c WHERE c.org_id = $2 AND c.code = $3
),
counted AS (
    UPDATE committee c SET sessions = c.sessions + 1
    FROM judged j WHERE c.id = j.id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING c.id, c.sessions
),
made AS (
    INSERT INTO committee_session AS d (id, committee_id, number, state, held_at, place, link, created_at, updated_at)
    SELECT $1, n.id, n.sessions, 'planned', ($4 ->> 'held_at')::timestamptz, $4 ->> 'place', $4 ->> 'link', $5, $5
    FROM counted n
    ON CONFLICT (id) DO NOTHING
    RETURNING d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, request_digest)
    SELECT $1, $2, $5, 'session.planned', 'committee_session', $1, 'staff', $6, false, $7 FROM made
)
SELECT coalesce(j.problem, CASE WHEN n.d IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    (n.d).row_version || '-' || (n.d).ballots AS _etag, t.*, coalesce($8 -> (n.d).state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT d FROM made UNION ALL SELECT d FROM committee_session d WHERE d.id = $1) n ON true
LEFT JOIN LATERAL session_shown(n.d) t ON true;

-- name: session_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 number int4  $5 patch jsonb  $6 if_match text[]  $7 now timestamptz
-- $8 actor uuid  $9 permitted jsonb
-- Who is there and what was said is written while the session is open.
WITH old AS (
    SELECT s FROM committee_session s JOIN committee c ON c.id = s.committee_id
    WHERE c.org_id = $2 AND c.code = $3 AND s.number = $4 FOR UPDATE OF s
),
asked AS (
    SELECT o.s, CASE WHEN $5 ? 'present' THEN ARRAY(SELECT jsonb_array_elements_text($5 -> 'present'))::uuid[]
                     ELSE (o.s).present END AS present
    FROM old o
),
judged AS (
    SELECT a.*, CASE
        WHEN (a.s).row_version::text <> ALL ($6) THEN 'precondition_failed'
        WHEN (a.s).state <> 'open' AND ((a.s).state <> 'planned' OR $5 ?| '{present,minutes}') THEN 'state_conflict'
        WHEN NOT a.present <@ (a.s).entitled THEN 'unknown_member'
        END AS problem
    FROM asked a
),
made AS (
    UPDATE committee_session made SET held_at = coalesce(($5 ->> 'held_at')::timestamptz, made.held_at),
        place = CASE WHEN $5 ? 'place' THEN $5 ->> 'place' ELSE made.place END,
        link = CASE WHEN $5 ? 'link' THEN $5 ->> 'link' ELSE made.link END,
        present = j.present, minutes = coalesce($5 ->> 'minutes', made.minutes),
        minutes_at = CASE WHEN $5 ? 'minutes' THEN $7 ELSE made.minutes_at END,
        row_version = made.row_version + 1, updated_at = $7
    FROM judged j WHERE made.id = (j.s).id AND j.problem IS NULL
    RETURNING made AS d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $7, 'session.changed', 'committee_session', (m.d).id, 'staff', $8, false,
        jsonb_build_object('members', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys($5) k))
    FROM made m
)
SELECT j.problem AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.s).state) END AS _detail,
    (m.d).row_version || '-' || (m.d).ballots AS _etag, t.*, coalesce($9 -> (m.d).state, '[]') AS allowed_transitions
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL session_shown(m.d) t ON true;

-- name: session_basis
-- lane: read
-- $1 org uuid  $2 code text  $3 number int4
-- One row for each suggestion on the agenda (one without a suggestion if it is empty): what its result is computed from.
SELECT s.row_version, s.ballots, c.quorum_members, c.quorum_numerator, c.quorum_denominator,
    cardinality(s.entitled) AS entitled, i.suggestion_id, t.voters, t.abstained, t.points,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(r.weight, r.max_points) ORDER BY r.position), '[]') FROM criterion r
     WHERE r.committee_id = c.id AND r.version = s.criteria_version) AS criteria
FROM committee c
JOIN committee_session s ON s.committee_id = c.id
LEFT JOIN session_item i ON i.session_id = s.id
LEFT JOIN LATERAL (
    SELECT count(*) AS voters, count(*) FILTER (WHERE x.is_submitted AND (x.b).abstains) AS abstained,
        coalesce(jsonb_agg((SELECT jsonb_agg((x.b).points -> r.code ORDER BY r.position) FROM criterion r
                            WHERE r.committee_id = c.id AND r.version = s.criteria_version) ORDER BY x.member_id)
                 FILTER (WHERE x.is_submitted AND NOT (x.b).abstains), '[]') AS points
    FROM session_seats(s) x
    WHERE x.suggestion_id = i.suggestion_id AND x.is_present AND x.ground IS NULL) t ON true
WHERE c.org_id = $1 AND c.code = $2 AND s.number = $3
ORDER BY i.position;

-- name: session_move
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 number int4  $5 body jsonb  $6 if_match text[]  $7 now timestamptz
-- $8 actor uuid  $9 digest bytea  $10 known jsonb  $11 permitted jsonb  $12 reasons jsonb
-- $13 basis int4  $14 ballots int4 (what the results were computed from)  $15 quorum_needed int4  $16 results jsonb
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT s, c FROM committee_session s JOIN committee c ON c.id = s.committee_id
    WHERE c.org_id = $2 AND c.code = $3 AND s.number = $4 FOR UPDATE OF s
),
asked AS (
    SELECT o.s, o.c, $5 ->> 'to' AS target, EXISTS (SELECT FROM prior) AS is_replayed,
        CASE WHEN $5 ->> 'to' = 'open' THEN ARRAY(
            SELECT m.id FROM committee_member m
            WHERE m.committee_id = (o.c).id AND m.office <> 'secretary' AND m.valid_from <= $7
              AND (m.valid_to IS NULL OR m.valid_to > $7)
            ORDER BY m.id) ELSE (o.s).entitled END AS entitled,
        CASE WHEN $5 ? 'present' THEN ARRAY(SELECT jsonb_array_elements_text($5 -> 'present'))::uuid[]
             ELSE (o.s).present END AS present
    FROM old o
),
judged AS (
    SELECT a.*, CASE
        WHEN (SELECT request_digest FROM prior) <> $9 THEN 'idempotency_mismatch'
        WHEN a.is_replayed THEN NULL
        WHEN (a.s).row_version::text <> ALL ($6) THEN 'precondition_failed'
        WHEN (a.s).row_version <> $13 OR (a.s).ballots <> $14 THEN 'busy'
        WHEN NOT coalesce($10 -> (a.s).state ? a.target, false) THEN 'state_conflict'
        WHEN NOT coalesce($11 -> (a.s).state ? a.target, false) THEN 'forbidden'
        WHEN coalesce($12 -> (a.s).state ? a.target, false) AND $5 ->> 'reason' IS NULL THEN 'reason_needed'
        WHEN a.target = 'open' AND (a.c).criteria_version = 0 THEN 'criteria_needed'
        WHEN NOT a.present <@ a.entitled THEN 'unknown_member'
        WHEN a.target = 'closed' AND (a.s).minutes IS NULL THEN 'minutes_missing'
        END AS problem
    FROM asked a
),
made AS (
    UPDATE committee_session made SET state = j.target, row_version = made.row_version + 1, updated_at = $7,
        entitled = j.entitled, present = j.present,
        criteria_version = CASE WHEN j.target = 'open' THEN (j.c).criteria_version ELSE made.criteria_version END,
        quorum_needed = CASE WHEN j.target = 'closed' THEN $15 END, reason = $5 ->> 'reason',
        opened_at = CASE WHEN j.target = 'open' THEN $7 ELSE made.opened_at END,
        closed_at = CASE WHEN j.target = 'closed' THEN $7 END
    FROM judged j WHERE made.id = (j.s).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS d
),
seats AS (
    SELECT x.suggestion_id, x.member_id, x.is_present, x.ground
    FROM made m CROSS JOIN judged j CROSS JOIN LATERAL session_seats(j.s) x WHERE j.target = 'closed'
),
recused AS (
    INSERT INTO recusal AS r (session_id, suggestion_id, member_id, ground, at)
    SELECT (m.d).id, x.suggestion_id, x.member_id, x.ground, $7 FROM seats x CROSS JOIN made m WHERE x.ground IS NOT NULL
    ON CONFLICT DO NOTHING
),
results AS (
    UPDATE session_item i SET is_pending = false, is_quorate = (r ->> 'quorate')::boolean, is_complete = (r ->> 'complete')::boolean,
        scored = (r ->> 'scored')::int, abstained = (r ->> 'abstained')::int, score = (r ->> 'score')::int,
        mean_numerator = (r ->> 'numerator')::bigint, mean_denominator = (r ->> 'denominator')::bigint,
        rank = (r ->> 'rank')::int,
        voters = ARRAY(SELECT x.member_id FROM seats x WHERE x.suggestion_id = i.suggestion_id AND x.is_present
                       AND x.ground IS NULL ORDER BY x.member_id)
    FROM made m CROSS JOIN jsonb_array_elements($16) r
    WHERE (m.d).state = 'closed' AND i.session_id = (m.d).id AND i.suggestion_id = (r ->> 'suggestion_id')::uuid
),
freed AS (
    UPDATE session_item i SET is_pending = false
    FROM made m WHERE (m.d).state = 'cancelled' AND i.session_id = (m.d).id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $7, 'session.' || j.target, 'committee_session', (m.d).id, 'staff', $8, j.target = 'closed',
        jsonb_build_object('number', (m.d).number), $9
    FROM made m CROSS JOIN judged j
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.s).state,
        'allowed', coalesce($11 -> (j.s).state, '[]')) END AS _detail
FROM judged j;

-- name: session_item_add
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 number int4  $5 suggestion uuid  $6 now timestamptz  $7 actor uuid
-- $8 may_confidential bool
-- A suggestion is on the agenda of one session at a time.
WITH old AS (
    SELECT s FROM committee_session s JOIN committee c ON c.id = s.committee_id
    WHERE c.org_id = $2 AND c.code = $3 AND s.number = $4 FOR UPDATE OF s
),
wanted AS (
    SELECT f.id, f.state, f.is_confidential FROM casefile f WHERE f.id = $5 AND f.org_id = $2 AND f.kind = 'suggestion' FOR SHARE
),
judged AS (
    SELECT o.s, w.id, w.is_confidential AND NOT $8 AS is_forbidden,
        EXISTS (SELECT FROM session_item i WHERE i.session_id = (o.s).id AND i.suggestion_id = w.id) AS is_there,
        CASE WHEN (o.s).state NOT IN ('planned', 'open') THEN jsonb_build_object('state', (o.s).state)
             WHEN w.state <> 'committee' THEN jsonb_build_object('state', w.state) END AS conflict,
        EXISTS (SELECT FROM session_item i WHERE i.suggestion_id = w.id AND i.session_id <> (o.s).id AND i.is_pending)
            AS is_elsewhere
    FROM old o CROSS JOIN wanted w
),
made AS (
    INSERT INTO session_item AS i (session_id, suggestion_id, position, added_at)
    SELECT (j.s).id, j.id,
        1 + coalesce((SELECT max(position) FROM session_item x WHERE x.session_id = (j.s).id), 0), $6
    FROM judged j WHERE NOT j.is_forbidden AND j.conflict IS NULL AND NOT j.is_elsewhere AND NOT j.is_there
    ON CONFLICT DO NOTHING
    RETURNING i.session_id
),
touched AS (
    UPDATE committee_session s SET row_version = s.row_version + 1, updated_at = $6 FROM made m WHERE s.id = m.session_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'session.item_added', 'committee_session', m.session_id, 'staff', $7, false,
        jsonb_build_object('suggestion_id', $5)
    FROM made m
)
SELECT CASE WHEN j.is_forbidden THEN 'forbidden' WHEN j.conflict IS NOT NULL THEN 'state_conflict' WHEN j.is_elsewhere THEN 'already_on_agenda'
            WHEN NOT j.is_there AND NOT EXISTS (SELECT FROM made) THEN 'retry' END AS _problem, j.conflict AS _detail
FROM judged j;

-- name: session_item_remove
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 number int4  $5 suggestion uuid  $6 now timestamptz  $7 actor uuid
WITH old AS (
    SELECT s FROM committee_session s JOIN committee c ON c.id = s.committee_id
    WHERE c.org_id = $2 AND c.code = $3 AND s.number = $4 FOR UPDATE OF s
),
judged AS (
    SELECT o.s, CASE
        WHEN (o.s).state NOT IN ('planned', 'open') THEN 'state_conflict'
        WHEN EXISTS (SELECT FROM ballot b WHERE b.session_id = (o.s).id AND b.suggestion_id = $5 AND b.submitted_at IS NOT NULL)
            THEN 'already_scored' END AS problem
    FROM old o JOIN session_item i ON i.session_id = (o.s).id AND i.suggestion_id = $5
),
drafts AS (
    DELETE FROM ballot b USING judged j WHERE b.session_id = (j.s).id AND b.suggestion_id = $5 AND j.problem IS NULL
),
recusals AS (
    DELETE FROM recusal r USING judged j WHERE r.session_id = (j.s).id AND r.suggestion_id = $5 AND j.problem IS NULL
),
gone AS (
    DELETE FROM session_item i USING judged j
    WHERE i.session_id = (j.s).id AND i.suggestion_id = $5 AND j.problem IS NULL
    RETURNING i.session_id
),
touched AS (
    UPDATE committee_session s SET row_version = s.row_version + 1, updated_at = $6 FROM gone g WHERE s.id = g.session_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'session.item_removed', 'committee_session', g.session_id, 'staff', $7, false,
        jsonb_build_object('suggestion_id', $5)
    FROM gone g
)
SELECT j.problem AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.s).state) END AS _detail
FROM judged j;
