-- Cases: list, open, amend. Filing stands in case_filing.sql, moves in case_transitions.sql.

-- name: case_list
-- lane: slow
-- $1 org uuid  $2 kind text  $3 now timestamptz  $4 may_confidential bool  $5 state text  $6 unit text  $7 channel text
-- $8 overdue bool  $9 due_before timestamptz  $10 escalation_level int4  $11 updated_since timestamptz
-- $12 external_ref text  $13 cursor_at timestamptz  $14 cursor_id uuid  $15 limit int4  $16 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT c, k FROM casefile c LEFT JOIN case_clock k ON k.case_id = c.id
    WHERE c.org_id = $1 AND c.kind = $2 AND ($4 OR NOT c.is_confidential)
      AND ($5 IS NULL OR c.state = $5) AND ($6 IS NULL OR c.unit_code = $6) AND ($7 IS NULL OR c.channel = $7)
      AND ($8 IS NULL OR case_is_overdue(k, $3) = $8) AND ($9 IS NULL OR k.due_at < $9)
      AND ($10 IS NULL OR case_level(k, $3) = $10) AND ($11 IS NULL OR greatest(c.updated_at, k.moved_at) >= $11)
      AND ($12 IS NULL OR c.reference = fa_norm($12) COLLATE "C"))
SELECT s.*, (x.c).received_at AS _cursor_at, (x.c).id AS _cursor_id,
    CASE WHEN $16 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL case_listed(x.c, x.k, $3) s
WHERE ((x.c).received_at, (x.c).id) > (coalesce($13, '-infinity'),
    coalesce($14, '00000000-0000-0000-0000-000000000000'))
ORDER BY (x.c).received_at, (x.c).id
LIMIT $15;

-- name: case_search
-- lane: slow
-- $1 org uuid  $2 kind text  $3 now timestamptz  $4 may_confidential bool  $5 state text  $6 unit text  $7 channel text
-- $8 overdue bool  $9 due_before timestamptz  $10 escalation_level int4  $11 updated_since timestamptz
-- $12 external_ref text  $13 cursor_at timestamptz  $14 cursor_id uuid  $15 limit int4  $16 count bool  $17 q text
WITH words AS MATERIALIZED (SELECT search_patterns($17) AS patterns),
chosen AS NOT MATERIALIZED (
    SELECT c, k FROM case_search w JOIN casefile c ON c.id = w.case_id LEFT JOIN case_clock k ON k.case_id = c.id
    WHERE c.org_id = $1 AND c.kind = $2 AND ($4 OR NOT c.is_confidential) AND w.org_id = $1 AND w.kind = $2
      AND w.norm LIKE (SELECT patterns[1] FROM words) AND w.norm LIKE ALL ((SELECT patterns FROM words)::text[])
      AND ($5 IS NULL OR c.state = $5) AND ($6 IS NULL OR c.unit_code = $6) AND ($7 IS NULL OR c.channel = $7)
      AND ($8 IS NULL OR case_is_overdue(k, $3) = $8) AND ($9 IS NULL OR k.due_at < $9)
      AND ($10 IS NULL OR case_level(k, $3) = $10) AND ($11 IS NULL OR greatest(c.updated_at, k.moved_at) >= $11)
      AND ($12 IS NULL OR c.reference = fa_norm($12) COLLATE "C"))
SELECT s.*, (x.c).received_at AS _cursor_at, (x.c).id AS _cursor_id,
    CASE WHEN $16 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL case_listed(x.c, x.k, $3) s
WHERE ((x.c).received_at, (x.c).id) > (coalesce($13, '-infinity'),
    coalesce($14, '00000000-0000-0000-0000-000000000000'))
ORDER BY (x.c).received_at, (x.c).id
LIMIT $15;

-- name: case_get
-- lane: read
-- $1 org uuid  $2 kind text  $3 id uuid  $4 now timestamptz  $5 permitted jsonb  $6 may_confidential bool
SELECT CASE WHEN c.is_confidential AND NOT $6 THEN 'forbidden' END AS _problem, case_tag(c, k, $4) AS _etag,
    l.id, l.kind, l.number, l.state, l.round, c.subject, l.unit_code, l.service_code, l.county, l.channel,
    l.external_ref, l.confidential, l.wants_call, l.untranscribed, l."received_at received_on_jalali",
    l."registered_at registered_on_jalali", l.updated_at, l."due_on due_on_jalali", l.due_at, l.open, l.overdue,
    l.long_overdue, l.escalation_level, l."first_response_at first_response_on_jalali", l."answered_at answered_on_jalali",
    l."closed_at closed_on_jalali", o.*,
    CASE WHEN c.kind = 'suggestion' THEN suggestion_opened(c.id) END AS suggestion,
    coalesce($5 -> case_stage(c), '[]') AS allowed_transitions, b.*
FROM casefile c LEFT JOIN case_clock k ON k.case_id = c.id
CROSS JOIN LATERAL case_listed(c, k, $4) l CROSS JOIN LATERAL case_opened(c) o CROSS JOIN LATERAL case_basis(c, k) b
WHERE c.id = $3 AND c.org_id = $1 AND c.kind = $2;

-- name: case_reading
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 now timestamptz  $5 actor uuid
-- Somebody opens a confidential case: nothing of it is shown before this is on record.
INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public)
SELECT $1, $2, $4, c.kind || '.read', c.kind, c.id, 'staff', $5, false
FROM casefile c WHERE c.id = $3 AND c.org_id = $2
RETURNING id;

-- name: case_basis
-- lane: read
-- $1 org uuid  $2 kind text  $3 id uuid
SELECT b.* FROM casefile c LEFT JOIN case_clock k ON k.case_id = c.id CROSS JOIN LATERAL case_basis(c, k) b
WHERE c.id = $3 AND c.org_id = $1 AND c.kind = $2;

-- name: case_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 may_confidential bool  $9 basis int4  $10 is_moved bool  $11 due_on date  $12 due_at timestamptz
-- $13 steps timestamptz[]
WITH old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 FOR UPDATE
),
held AS MATERIALIZED (
    SELECT k FROM old o JOIN case_clock k ON k.case_id = (o.c).id FOR UPDATE OF k
),
judged AS (
    SELECT o.c, h.k, CASE
        WHEN (o.c).is_confidential AND NOT $8 THEN 'forbidden'
        WHEN case_version(o.c, h.k)::text <> ALL ($5) THEN 'precondition_failed'
        WHEN case_version(o.c, h.k) <> $9 THEN 'busy'
        WHEN (o.c).closed_at IS NOT NULL THEN 'state_conflict'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN NOT service_is_there($2, $4 ->> 'service_code') THEN 'unknown_service'
        WHEN ($4 ? 'text' OR $4 ? 'untranscribed') AND NOT (o.c).is_untranscribed THEN 'text_frozen'
        WHEN $4 @> '{"untranscribed": false}' AND coalesce($4 ->> 'text', (o.c).text) = '' THEN 'transcript_needed'
        WHEN $4 ?| ARRAY['problem', 'proposal', 'benefit', 'cost']
            AND (o.c).state NOT IN ('submitted', 'screening', 'needs_completion') THEN 'text_frozen'
        END AS problem
    FROM old o LEFT JOIN held h ON true
),
made AS (
    UPDATE casefile made SET
        unit_code = CASE WHEN $4 ? 'unit_code' THEN $4 ->> 'unit_code' ELSE made.unit_code END,
        service_code = CASE WHEN $4 ? 'service_code' THEN $4 ->> 'service_code' ELSE made.service_code END,
        county = CASE WHEN $4 ? 'county' THEN $4 ->> 'county' ELSE made.county END,
        wants_call = coalesce(($4 ->> 'wants_call')::boolean, made.wants_call),
        is_untranscribed = coalesce(($4 ->> 'untranscribed')::boolean, made.is_untranscribed),
        text = coalesce($4 ->> 'text', made.text),
        row_version = made.row_version + 1, updated_at = $6
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL
    RETURNING made AS d
),
moved AS (
    UPDATE case_clock k SET county = (m.d).county, due_on = $11, due_at = $12, steps = $13,
        steps_done = case_steps_kept(k.steps_done, $13, $6),
        deadline_version = k.deadline_version + (k.due_on IS DISTINCT FROM $11 OR k.steps <> $13)::int, moved_at = $6
    FROM made m WHERE $10 AND k.case_id = (m.d).id
    RETURNING k
),
counted AS (
    INSERT INTO stat_case_change SELECT n.* FROM judged j CROSS JOIN moved m CROSS JOIN LATERAL deadline_counted(j.c, j.k, m.k) n
),
amended AS (
    UPDATE case_suggestion s SET problem = coalesce($4 ->> 'problem', s.problem),
        proposal = coalesce($4 ->> 'proposal', s.proposal),
        benefit = CASE WHEN $4 ? 'benefit' THEN $4 ->> 'benefit' ELSE s.benefit END,
        cost = CASE WHEN $4 ? 'cost' THEN $4 ->> 'cost' ELSE s.cost END
    FROM made m WHERE (m.d).kind = 'suggestion' AND s.case_id = (m.d).id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, (m.d).kind || '.changed', (m.d).kind, (m.d).id, 'staff', $7, false,
        jsonb_build_object('members', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys($4) k))
    FROM made m
)
SELECT j.problem AS _problem,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state) END AS _detail, (m.d).id
FROM judged j LEFT JOIN made m ON true;
