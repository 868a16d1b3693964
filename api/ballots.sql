-- How members judge: their own ballot, their conflicts of interest, and what they may see of the others' (ballots_shown()).

-- name: ballot_put
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 number int4  $5 suggestion uuid  $6 body jsonb  $7 now timestamptz
-- $8 actor uuid
-- The same ballot again is no fault. Two at once: the row's own condition decides, and the loser runs again and is told.
WITH old AS (
    SELECT s, c.id AS committee_id FROM committee_session s JOIN committee c ON c.id = s.committee_id
    WHERE c.org_id = $2 AND c.code = $3 AND s.number = $4 FOR UPDATE OF s
),
asked AS (
    SELECT o.s, x.member_id, x.is_present, x.ground, x.b, ($6 ->> 'abstains')::boolean AS abstains,
        ($6 ->> 'submit')::boolean AS is_given, $6 ->> 'remark' AS remark,
        CASE WHEN ($6 ->> 'abstains')::boolean THEN '{}'
             ELSE (SELECT coalesce(jsonb_object_agg(p ->> 'criterion', p -> 'points'), '{}')
                   FROM jsonb_array_elements($6 -> 'points') p) END AS points
    FROM old o
    JOIN session_item i ON i.session_id = (o.s).id AND i.suggestion_id = $5
    LEFT JOIN LATERAL session_seats(o.s) x ON x.suggestion_id = $5 AND x.key_id = $8
),
judged AS (
    SELECT a.*, (a.b).submitted_at IS NOT NULL AND ((a.b).points, (a.b).abstains, coalesce((a.b).remark, '')) =
            (a.points, a.abstains, coalesce(a.remark, '')) AND a.is_given AS is_same,
        CASE
        WHEN (a.s).state <> 'open' THEN 'state_conflict'
        WHEN a.member_id IS NULL THEN 'not_a_member'
        WHEN a.ground IS NOT NULL THEN 'recused'
        WHEN NOT a.is_present THEN 'not_present'
        WHEN (SELECT count(*) <> count(DISTINCT p ->> 'criterion') FROM jsonb_array_elements($6 -> 'points') p)
            THEN 'duplicate_criterion'
        WHEN EXISTS (SELECT FROM jsonb_object_keys(a.points) k WHERE NOT EXISTS (
                SELECT FROM criterion r WHERE r.committee_id = (a.s).committee_id AND r.version = (a.s).criteria_version
                                        AND r.code = k)) THEN 'unknown_criterion'
        WHEN EXISTS (SELECT FROM criterion r WHERE r.committee_id = (a.s).committee_id
                     AND r.version = (a.s).criteria_version AND (a.points ->> r.code)::int > r.max_points)
            THEN 'points_out_of_range'
        WHEN a.is_given AND NOT a.abstains AND EXISTS (
                SELECT FROM criterion r WHERE r.committee_id = (a.s).committee_id AND r.version = (a.s).criteria_version
                                        AND NOT a.points ? r.code) THEN 'criteria_unscored'
        END AS problem
    FROM asked a
),
made AS (
    INSERT INTO ballot AS d (session_id, suggestion_id, member_id, points, abstains, remark, updated_at, submitted_at)
    SELECT (j.s).id, $5, j.member_id, j.points, j.abstains, j.remark, $7, CASE WHEN j.is_given THEN $7 END
    FROM judged j WHERE j.problem IS NULL AND (j.b).submitted_at IS NULL
    ON CONFLICT (session_id, suggestion_id, member_id) DO UPDATE
    SET (points, abstains, remark, updated_at, submitted_at) =
        (excluded.points, excluded.abstains, excluded.remark, excluded.updated_at, excluded.submitted_at)
    WHERE d.submitted_at IS NULL
    RETURNING d
),
counted AS (
    UPDATE committee_session s SET ballots = s.ballots + 1 FROM made m WHERE s.id = (m.d).session_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $7, CASE WHEN (m.d).submitted_at IS NULL THEN 'session.ballot_drafted' ELSE 'session.ballot_given' END,
        'committee_session', (m.d).session_id, 'staff', $8, false,
        jsonb_build_object('suggestion_id', $5, 'member_id', (m.d).member_id)
    FROM made m
)
SELECT coalesce(j.problem, CASE WHEN (j.b).submitted_at IS NOT NULL AND NOT j.is_same THEN 'already_scored'
        WHEN (j.b).submitted_at IS NULL AND m.d IS NULL THEN 'retry' END) AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.s).state)
        WHEN 'recused' THEN jsonb_build_object('ground', j.ground) END AS _detail,
    $5 AS suggestion_id, j.member_id, j.points, j.abstains, j.remark,
    coalesce((m.d).updated_at, (j.b).updated_at) AS updated_at,
    coalesce((m.d).submitted_at, (j.b).submitted_at) AS submitted_at
FROM judged j LEFT JOIN made m ON true;

-- name: ballot_list
-- lane: read
-- $1 org uuid  $2 code text  $3 number int4  $4 suggestion uuid  $5 viewer uuid  $6 may_manage bool
-- For the committee's own people: members who sit in the session, and those who prepare it.
SELECT CASE WHEN NOT $6 AND NOT EXISTS (SELECT FROM committee_member m WHERE m.committee_id = c.id AND m.key_id = $5)
       THEN 'not_a_member' END AS _problem,
    i.suggestion_id, s.state, ballots_shown(s, i.suggestion_id, $5) AS ballots
FROM committee c
JOIN committee_session s ON s.committee_id = c.id
JOIN session_item i ON i.session_id = s.id
WHERE c.org_id = $1 AND c.code = $2 AND s.number = $3 AND i.suggestion_id = $4;

-- name: recusal_put
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 number int4  $5 suggestion uuid  $6 body jsonb  $7 now timestamptz
-- $8 actor uuid
-- A ballot given before no longer counts.
WITH old AS (
    SELECT s FROM committee_session s JOIN committee c ON c.id = s.committee_id
    WHERE c.org_id = $2 AND c.code = $3 AND s.number = $4 FOR UPDATE OF s
),
judged AS (
    SELECT o.s, x.member_id, x.ground, CASE
        WHEN (o.s).state <> 'open' THEN 'state_conflict'
        WHEN x.member_id IS NULL THEN 'not_a_member' END AS problem
    FROM old o
    JOIN session_item i ON i.session_id = (o.s).id AND i.suggestion_id = $5
    LEFT JOIN LATERAL session_seats(o.s) x ON x.suggestion_id = $5 AND x.key_id = $8
),
made AS (
    INSERT INTO recusal AS d (session_id, suggestion_id, member_id, ground, text, at)
    SELECT (j.s).id, $5, j.member_id, 'declared', $6 ->> 'text', $7
    FROM judged j WHERE j.problem IS NULL AND j.ground IS NULL
    ON CONFLICT DO NOTHING
    RETURNING d
),
counted AS (
    UPDATE committee_session s SET ballots = s.ballots + 1 FROM made m WHERE s.id = (m.d).session_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $7, 'session.recused', 'committee_session', (m.d).session_id, 'staff', $8, false,
        jsonb_build_object('suggestion_id', $5, 'member_id', (m.d).member_id)
    FROM made m
)
SELECT j.problem AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.s).state) END AS _detail,
    $5 AS suggestion_id, j.member_id, coalesce(j.ground, 'declared') AS ground
FROM judged j;
