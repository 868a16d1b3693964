-- Judging committees: founding, members, criteria. Their sessions stand in sessions.sql, what is judged in ballots.sql.
-- Committees, their members and their criteria are public.

-- name: committee_list
-- lane: read
-- $1 org uuid  $2 now timestamptz  $3 is_staff bool  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
SELECT s.*, c.created_at AS _cursor_at, c.id AS _cursor_id
FROM committee c CROSS JOIN LATERAL committee_shown(c, $2, $3) s
WHERE c.org_id = $1 AND (c.created_at, c.id) > (coalesce($4, '-infinity'),
    coalesce($5, '00000000-0000-0000-0000-000000000000'))
ORDER BY c.created_at, c.id
LIMIT $6;

-- name: committee_get
-- lane: read
-- $1 org uuid  $2 code text  $3 now timestamptz  $4 is_staff bool
SELECT s.*, committee_tag(c, $3, $4) AS _etag
FROM committee c CROSS JOIN LATERAL committee_shown(c, $3, $4) s
WHERE c.org_id = $1 AND c.code = $2;

-- name: committee_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $6 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN EXISTS (SELECT FROM committee c WHERE c.org_id = $2 AND c.code = $3 ->> 'code') THEN 'code_taken'
        WHEN ($3 #>> '{quorum,numerator}')::int > ($3 #>> '{quorum,denominator}')::int THEN 'quorum_impossible'
        END AS problem
),
made AS (
    INSERT INTO committee AS d (id, org_id, code, name_fa, name_en, quorum_members, quorum_numerator, quorum_denominator,
        created_at, updated_at)
    SELECT $1, $2, $3 ->> 'code', $3 ->> 'name_fa', $3 ->> 'name_en', ($3 #>> '{quorum,members}')::int,
        ($3 #>> '{quorum,numerator}')::int, ($3 #>> '{quorum,denominator}')::int, $4, $4
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $4, 'committee.created', 'committee', $1, 'staff', $5, true, $3, $6 FROM made
)
SELECT coalesce(j.problem, CASE WHEN n.d IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    committee_tag(n.d, $4, true) AS _etag, s.*
FROM judged j
LEFT JOIN (SELECT d FROM made UNION ALL SELECT d FROM committee d WHERE d.id = $1) n ON true
LEFT JOIN LATERAL committee_shown(n.d, $4, true) s ON true;

-- name: committee_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
WITH old AS (
    SELECT c FROM committee c WHERE c.org_id = $2 AND c.code = $3 FOR UPDATE
),
judged AS (
    SELECT o.c, CASE
        WHEN (o.c).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN coalesce(($4 #>> '{quorum,numerator}')::int, (o.c).quorum_numerator)
           > coalesce(($4 #>> '{quorum,denominator}')::int, (o.c).quorum_denominator) THEN 'quorum_impossible'
        END AS problem
    FROM old o
),
made AS (
    UPDATE committee made SET
        name_fa = coalesce($4 ->> 'name_fa', made.name_fa), name_en = coalesce($4 ->> 'name_en', made.name_en),
        quorum_members = coalesce(($4 #>> '{quorum,members}')::int, made.quorum_members),
        quorum_numerator = coalesce(($4 #>> '{quorum,numerator}')::int, made.quorum_numerator),
        quorum_denominator = coalesce(($4 #>> '{quorum,denominator}')::int, made.quorum_denominator),
        retired_at = CASE ($4 ->> 'retired')::boolean WHEN true THEN coalesce(made.retired_at, $6)
                          WHEN false THEN NULL ELSE made.retired_at END,
        row_version = made.row_version + 1, updated_at = $6
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL
    RETURNING made AS d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'committee.changed', 'committee', (m.d).id, 'staff', $7, true, $4 FROM made m
)
SELECT j.problem AS _problem, committee_tag(m.d, $6, true) AS _etag, s.*
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL committee_shown(m.d, $6, true) s ON true;

-- name: committee_criteria_set
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 criteria jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
WITH old AS (
    SELECT c FROM committee c WHERE c.org_id = $2 AND c.code = $3 FOR UPDATE
),
judged AS (
    SELECT o.c, CASE
        WHEN (o.c).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN (SELECT count(*) <> count(DISTINCT x ->> 'code') FROM jsonb_array_elements($4) x) THEN 'duplicate_criterion'
        WHEN (SELECT sum((x ->> 'weight')::int) = 0 FROM jsonb_array_elements($4) x) THEN 'weights_all_zero'
        END AS problem
    FROM old o
),
made AS (
    UPDATE committee made SET criteria_version = made.criteria_version + 1, row_version = made.row_version + 1, updated_at = $6
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL
    RETURNING made AS d
),
listed AS (
    INSERT INTO criterion AS r (committee_id, version, position, code, weight, max_points, title_fa, title_en)
    SELECT (m.d).id, (m.d).criteria_version, x.n, x.c ->> 'code', (x.c ->> 'weight')::int, (x.c ->> 'max_points')::int,
        x.c ->> 'title_fa', x.c ->> 'title_en'
    FROM made m CROSS JOIN jsonb_array_elements($4) WITH ORDINALITY x(c, n)
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'committee.criteria_set', 'committee', (m.d).id, 'staff', $7, true,
        jsonb_build_object('version', (m.d).criteria_version, 'criteria', $4)
    FROM made m
)
SELECT j.problem AS _problem, committee_tag(m.d, $6, true) AS _etag, s.code, s.name_fa, s.name_en, s.quorum, s.members,
    $4 AS criteria, s.criteria_version, s.sessions_held, s.suggestions_judged, s.created_at, s.updated_at, s.retired_at
FROM judged j LEFT JOIN made m ON true LEFT JOIN LATERAL committee_shown(m.d, $6, true) s ON true;

-- name: committee_member_add
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 code text  $4 body jsonb  $5 now timestamptz  $6 actor uuid  $7 digest bytea
-- Terms of one person do not overlap, nor do those of two chairs. The committee's row is locked first and changed with each
-- member, so a server that did not see another's member runs the statement again.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM committee WHERE org_id = $2 AND code = $3
),
old AS (
    SELECT c FROM committee c WHERE c.org_id = $2 AND c.code = $3 FOR UPDATE
),
asked AS (
    SELECT o.c, ($4 ->> 'key_id')::uuid AS key_id, $4 ->> 'office' AS office,
        coalesce(($4 ->> 'valid_from')::timestamptz, $5) AS valid_from, ($4 ->> 'valid_to')::timestamptz AS valid_to
    FROM old o
),
judged AS (
    SELECT a.*, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (a.c).row_version <> (SELECT row_version FROM seen) THEN 'retry'
        WHEN NOT EXISTS (SELECT FROM api_key k WHERE k.id = a.key_id AND (k.org_id = $2 OR k.org_id IS NULL)
                                                AND k.revoked_at IS NULL) THEN 'unknown_key'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN a.valid_to <= a.valid_from THEN 'term_empty'
        WHEN EXISTS (SELECT FROM committee_member m WHERE m.committee_id = (a.c).id AND m.key_id = a.key_id
                     AND m.valid_from < coalesce(a.valid_to, 'infinity') AND a.valid_from < coalesce(m.valid_to, 'infinity'))
            THEN 'already_member'
        WHEN a.office IN ('chair', 'deputy') AND EXISTS (
                SELECT FROM committee_member m WHERE m.committee_id = (a.c).id AND m.office = a.office
                AND m.valid_from < coalesce(a.valid_to, 'infinity') AND a.valid_from < coalesce(m.valid_to, 'infinity'))
            THEN 'office_taken'
        END AS problem
    FROM asked a
),
touched AS (
    UPDATE committee made SET row_version = made.row_version + 1, updated_at = $5
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL AND NOT j.is_replayed
),
made AS (
    INSERT INTO committee_member AS d (id, committee_id, key_id, name, unit_code, office, valid_from, valid_to, created_at)
    SELECT $1, (j.c).id, j.key_id, $4 ->> 'name', $4 ->> 'unit_code', j.office, j.valid_from, j.valid_to, $5
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    RETURNING d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $5, 'committee.member_added', 'committee', (j.c).id, 'staff', $6, true, $4 - 'key_id', $7
    FROM made CROSS JOIN judged j
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, (n.d).id, (n.d).key_id, (n.d).name, (n.d).unit_code,
    (n.d).office, (n.d).valid_from, (n.d).valid_to
FROM judged j
LEFT JOIN (SELECT d FROM made UNION ALL SELECT d FROM committee_member d WHERE d.id = $1) n ON true;

-- name: committee_member_end
-- lane: write
-- $1 event uuid  $2 org uuid  $3 code text  $4 member uuid  $5 now timestamptz  $6 actor uuid
WITH made AS (
    UPDATE committee_member m SET valid_to = greatest(m.valid_from, $5)
    FROM committee c
    WHERE c.org_id = $2 AND c.code = $3 AND m.committee_id = c.id AND m.id = $4 AND (m.valid_to IS NULL OR m.valid_to > $5)
    RETURNING m.id, m.committee_id
),
touched AS (
    UPDATE committee c SET row_version = c.row_version + 1, updated_at = $5 FROM made m WHERE c.id = m.committee_id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $5, 'committee.member_ended', 'committee', m.committee_id, 'staff', $6, true,
        jsonb_build_object('member_id', m.id)
    FROM made m
)
SELECT m.id FROM made m;
