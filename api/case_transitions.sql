-- A case moves on. The lifecycle's maps and the days come as parameters; the statement judges them under a lock, moves the
-- case, writes what the citizen is told and records the event.

-- name: case_move
-- lane: write
-- $1 event uuid (also of the message)  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz
-- $7 actor uuid  $8 digest bytea  $9 known jsonb  $10 permitted jsonb  $11 reasons jsonb  $12 may_confidential bool
-- $13 basis int4 (case_version() that the days were counted from)  $14 answered_days int4  $15 total_days int4
-- $16 closes_on date  $17 has_terms bool (a new round, or a pause is over)  $18 received_on date  $19 working_days int4
-- $20 due_on date  $21 due_at timestamptz  $22 steps timestamptz[]  $23 paused_days int4  $24 attachments uuid[]
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 FOR UPDATE
),
held AS MATERIALIZED (
    SELECT k FROM old o JOIN case_clock k ON k.case_id = (o.c).id FOR UPDATE OF k
),
claimed AS (
    SELECT a.id FROM attachment a
    WHERE a.id = ANY ($24) AND a.org_id = $2 AND a.case_id IS NULL AND a.scan <> 'infected'
    FOR UPDATE
),
asked AS (
    SELECT o.c, h.k, (o.c).state AS state, case_stage(o.c) AS stage, w.*, t.*, EXISTS (SELECT FROM prior) AS is_replayed,
        w.target = 'in_progress' AND (o.c).state IN ('answered', 'closed') AS is_reopening,
        w.target = 'received' AS is_restoring,
        w.target IN ('awaiting_citizen', 'clarification', 'needs_completion') AND coalesce(p.may_pause, false) AS is_pausing,
        (o.c).closed_at + make_interval(days => coalesce(p.reopen_days, 0)) AS restorable_until
    FROM old o LEFT JOIN held h ON true
    LEFT JOIN case_policy p ON p.org_id = $2 AND p.case_kind = (o.c).kind
    CROSS JOIN LATERAL (
        SELECT $4 ->> 'to' AS target, $4 ->> 'to' = 'referred_out' AND coalesce(p.follows_referrals, false) AS is_followed) w
    CROSS JOIN LATERAL (
        SELECT NOT w.is_followed AND w.target IN ('answered', 'rejected', 'referred_out', 'answered_full', 'answered_partial', 'refused',
                'not_held', 'referred', 'already_public', 'rejected_vague', 'appeal_upheld', 'appeal_dismissed', 'approved')
                AS is_answer,
            NOT w.is_followed AND w.target IN ('closed', 'rejected', 'referred_out', 'no_reply_needed', 'spam', 'appeal_upheld',
                'appeal_dismissed', 'implemented') AS is_end,
            w.target IN ('assigned', 'received', 'no_reply_needed', 'spam', 'closed') AS is_silent) t
),
judged AS (
    SELECT a.*, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN a.is_replayed THEN NULL
        WHEN (a.c).is_confidential AND NOT $12 THEN 'forbidden'
        WHEN case_version(a.c, a.k)::text <> ALL ($5) THEN 'precondition_failed'
        WHEN case_version(a.c, a.k) <> $13 THEN 'busy'
        WHEN NOT coalesce($9 -> a.stage ? a.target, false) THEN 'state_conflict'
        WHEN NOT coalesce($10 -> a.stage ? a.target, false) THEN 'forbidden'
        WHEN coalesce($11 -> a.stage ? a.target, false) AND $4 ->> 'reason' IS NULL THEN 'reason_needed'
        WHEN a.target = 'forwarded' AND NOT $4 ?| ARRAY['unit_code', 'agency'] THEN 'destination_needed'
        WHEN a.is_restoring AND $6 > a.restorable_until THEN 'reopen_too_late'
        WHEN a.target = 'rejected_vague' AND $6 >= (a.k).due_at THEN 'deadline_passed'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN cardinality($24) > 0 AND (SELECT count(*) FROM claimed) <> cardinality($24) THEN 'unknown_attachment'
        WHEN (a.c).kind = 'suggestion' THEN coalesce(suggestion_move_fault(a.c, a.target, $4, $6),
            CASE WHEN a.state = 'committee' THEN suggestion_chair_fault((a.c).id, $7) END)
        END AS problem
    FROM asked a
),
made AS (
    UPDATE casefile made SET
        state = j.target, row_version = made.row_version + 1, updated_at = $6, round = made.round + j.is_reopening::int,
        unit_code = CASE WHEN j.is_reopening THEN coalesce(inspection_of($2), made.unit_code)
                         ELSE coalesce($4 ->> 'unit_code', made.unit_code) END,
        first_response_at = CASE WHEN j.is_silent THEN made.first_response_at
                                 ELSE coalesce(made.first_response_at, $6) END,
        answer = CASE WHEN j.is_answer THEN coalesce($4 ->> 'text', $4 ->> 'reason')
                      WHEN NOT j.is_reopening THEN made.answer END,
        outcome = CASE WHEN j.is_answer OR j.is_followed OR j.target = 'forwarded'
                           THEN coalesce(nullif($4 - '{to,text,reason,reason_code,attachments}'::text[], '{}'), made.outcome)
                       WHEN NOT j.is_reopening THEN made.outcome END,
        reason_code = CASE WHEN $4 ? 'reason' THEN $4 ->> 'reason_code'
                           WHEN NOT (j.is_reopening OR j.is_restoring) THEN made.reason_code END,
        reason = CASE WHEN $4 ? 'reason' THEN $4 ->> 'reason'
                      WHEN NOT (j.is_reopening OR j.is_restoring) THEN made.reason END,
        answered_at = CASE WHEN j.is_answer THEN $6 WHEN NOT j.is_reopening THEN made.answered_at END,
        answered_days = CASE WHEN j.is_answer THEN $14 WHEN NOT j.is_reopening THEN made.answered_days END,
        total_days = CASE WHEN j.is_answer THEN $15 WHEN NOT j.is_reopening THEN made.total_days END,
        closes_on = CASE WHEN j.target = 'answered' THEN $16 END,
        closed_at = CASE WHEN j.is_end THEN $6 WHEN NOT (j.is_reopening OR j.is_restoring) THEN made.closed_at END,
        paused_at = CASE WHEN j.is_pausing THEN $6 END, paused_days = $23,
        received_on = CASE WHEN $17 THEN $18 ELSE made.received_on END,
        working_days = CASE WHEN $17 THEN $19 ELSE made.working_days END
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS d
),
moved AS (
    INSERT INTO case_clock AS k (case_id, org_id, kind, counted_from, counted_days, county, due_on, due_at, steps, moved_at,
        is_open, is_running)
    SELECT (m.d).id, $2, (m.d).kind, $18, $19 + $23, (m.d).county, $20, $21, $22, $6, case_is_open(m.d), case_is_running(m.d)
    FROM made m WHERE $17
    ON CONFLICT (case_id) DO UPDATE SET counted_from = excluded.counted_from, counted_days = excluded.counted_days,
        county = excluded.county, due_on = excluded.due_on, due_at = excluded.due_at, steps = excluded.steps,
        steps_done = CASE WHEN (SELECT is_reopening FROM judged) THEN 0
                          ELSE case_steps_kept(k.steps_done, excluded.steps, excluded.moved_at) END,
        deadline_version = k.deadline_version + 1, moved_at = excluded.moved_at, is_open = excluded.is_open,
        is_running = excluded.is_running
    RETURNING k
),
counted AS (
    INSERT INTO stat_case_change SELECT n.* FROM judged j CROSS JOIN moved m CROSS JOIN LATERAL deadline_counted(j.c, j.k, m.k) n
),
said AS (
    INSERT INTO case_message (id, case_id, at, kind, text, author_id, channel, request_digest, delivery, delivered_at)
    SELECT $1, (m.d).id, $6, 'reply', $4 ->> 'text', $7, (m.d).channel, $8, delivery_begins((m.d).channel), $6
    FROM made m WHERE $4 ? 'text'
),
taken AS (
    UPDATE attachment a SET case_id = (m.d).id, message_id = $1 FROM made m WHERE a.id = ANY ($24)
),
asked_experts AS (
    INSERT INTO suggestion_expert (case_id, review_round, key_id, name, unit_code, assigned_at, assigned_by)
    SELECT (m.d).id, s.review_round + (j.state <> 'expert_review')::int, e.key_id, e.name, e.unit_code, $6, $7
    FROM made m CROSS JOIN judged j JOIN case_suggestion s ON s.case_id = (m.d).id
    CROSS JOIN LATERAL suggestion_experts_asked(s, $4 -> 'experts') e
    WHERE (m.d).kind = 'suggestion' AND (m.d).state = 'expert_review'
    ON CONFLICT DO NOTHING
),
told_publicly AS (
    INSERT INTO suggestion_progress (id, case_id, at, state, text, author_id)
    SELECT $1, (m.d).id, $6, (m.d).state, $4 ->> 'text', $7
    FROM made m WHERE (m.d).state IN ('planned', 'implementing', 'implemented')
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, (m.d).kind || '.' || CASE WHEN j.is_reopening THEN 'reopened' WHEN j.is_restoring THEN 'restored'
            ELSE j.target END,
        (m.d).kind, (m.d).id, 'staff', $7, true,
        jsonb_strip_nulls(jsonb_build_object('unit_code', CASE WHEN j.is_reopening THEN (m.d).unit_code
            ELSE $4 ->> 'unit_code' END, 'reason_code', $4 -> 'reason_code',
            'round', CASE WHEN j.is_reopening THEN (m.d).round END)), $8
    FROM made m CROSS JOIN judged j
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state,
        'allowed', coalesce($10 -> j.stage, '[]'))
                   WHEN 'reopen_too_late' THEN jsonb_build_object('reopen_until', json_instant(j.restorable_until))
                   WHEN 'deadline_passed' THEN jsonb_build_object('due_at', json_instant((j.k).due_at)) END AS _detail,
    (m.d).id
FROM judged j LEFT JOIN made m ON true;

-- name: case_merge
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 known jsonb  $10 permitted jsonb  $11 may_confidential bool
-- Whoever filed the merged case follows the surviving one with their own code. Cases merged into it before follow too.
-- Each is read by whoever reads the other from then on, so a confidential one merges with its like alone.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT id, row_version FROM casefile WHERE id IN ($3, ($4 ->> 'into')::uuid)
),
both_cases AS MATERIALIZED (
    SELECT c FROM casefile c
    WHERE c.org_id = $2 AND c.kind = 'complaint' AND c.id IN ($3, ($4 ->> 'into')::uuid)
    ORDER BY c.id
    FOR UPDATE
),
judged AS (
    SELECT b.c, s.c AS survivor, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN EXISTS (SELECT FROM seen x JOIN both_cases y ON (y.c).id = x.id WHERE (y.c).row_version <> x.row_version)
            THEN 'retry'
        WHEN ((b.c).is_confidential OR coalesce((s.c).is_confidential, false)) AND NOT $11 THEN 'forbidden'
        WHEN case_version(b.c)::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT coalesce($9 -> (b.c).state ? 'merged', false) THEN 'state_conflict'
        WHEN NOT coalesce($10 -> (b.c).state ? 'merged', false) THEN 'forbidden'
        WHEN (s.c).id IS NULL OR (s.c).id = $3 OR (s.c).closed_at IS NOT NULL
            OR (s.c).is_confidential <> (b.c).is_confidential THEN 'cannot_merge'
        END AS problem
    FROM both_cases b LEFT JOIN both_cases s ON (s.c).id = ($4 ->> 'into')::uuid
    WHERE (b.c).id = $3
),
made AS (
    UPDATE casefile made SET
        state = CASE WHEN made.id = (j.c).id THEN 'merged' ELSE made.state END,
        merged_into = CASE WHEN made.id <> (j.survivor).id THEN (j.survivor).id END,
        closed_at = CASE WHEN made.id = (j.c).id THEN $6 ELSE made.closed_at END,
        reason = CASE WHEN made.id = (j.c).id THEN $4 ->> 'reason' ELSE made.reason END,
        paused_at = CASE WHEN made.id <> (j.c).id THEN made.paused_at END,
        row_version = made.row_version + 1, updated_at = $6
    FROM judged j
    WHERE (made.id IN ((j.c).id, (j.survivor).id) OR made.merged_into = (j.c).id) AND j.problem IS NULL
      AND NOT j.is_replayed
    RETURNING made AS d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT CASE WHEN is_it THEN $1 ELSE gen_random_uuid() END, $2, $6,
        CASE WHEN is_it THEN 'complaint.merged' ELSE 'complaint.joined' END, 'complaint', (m.d).id, 'staff', $7, is_it,
        CASE WHEN is_it THEN jsonb_build_object('into', (j.survivor).id) ELSE jsonb_build_object('merged', $3) END,
        CASE WHEN is_it THEN $8 END
    FROM made m CROSS JOIN judged j CROSS JOIN LATERAL (SELECT (m.d).id = $3 AS is_it) w
    WHERE (m.d).id IN ($3, (j.survivor).id)
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state,
        'allowed', coalesce($10 -> (j.c).state, '[]')) END AS _detail, (j.c).id
FROM judged j;
