-- The citizen's door to cases, by the hash of a tracking code. `own` is the case that the code opens (what a message was
-- converted into, where it was); `c` is the one that it follows: another one where `own` was merged.

-- name: track_case
-- lane: read
-- $1 hash bytea  $2 now timestamptz
-- One row always: what is no case may be a comment, and track_get tells.
SELECT coalesce(own.kind, 'comment') AS kind, own.id, g.slug AS org, own.number, c.state, c.round,
    CASE WHEN c.id <> own.id THEN c.number END AS follows, own.subject, own.text, own.addressee, own.channel,
    own.received_at AS "received_at received_on_jalali",
    CASE WHEN u.code IS NOT NULL
        THEN json_build_object('code', u.code, 'name_fa', u.name_fa, 'name_en', u.name_en) END AS unit,
    case_is_overdue(k, $2) AS overdue, c.followup_from AS "followup_from followup_from_jalali",
    c.answered_at AS "answered_at answered_on_jalali", c.answer, c.outcome, c.reason_code,
    coalesce(c.reason, own.reason) AS reason,
    c.closed_at IS NULL AS may_reply, c.answered_at IS NOT NULL AND own.rating IS NULL AS may_rate, own.rating,
    t.*, g.slug AS _org, c.id AS _followed_id, case_stage(c) AS _stage, c.answered_at AS _answered_at, c.county AS _county, c.received_on AS _received_on,
    k.due_on AS _due_on, CASE WHEN k.due_on IS NOT NULL THEN c.working_days END AS _working_days
FROM (SELECT 1) one
LEFT JOIN casefile f ON f.tracking_hash = $1
LEFT JOIN casefile own ON own.id = coalesce(f.converted_into, f.id)
LEFT JOIN casefile c ON c.id = coalesce(own.merged_into, own.id)
LEFT JOIN case_clock k ON k.case_id = c.id
LEFT JOIN organisation g ON g.id = c.org_id
LEFT JOIN unit u ON u.org_id = c.org_id AND u.code = c.unit_code
LEFT JOIN LATERAL case_told(own.id, own.converted_from, c.id) t ON true;

-- name: track_more
-- lane: read
-- $1 own uuid  $2 followed uuid  $3 now timestamptz
-- What only suggestions and answered cases have, read for these alone: the survey is the one that is offered after an answer.
SELECT own.id AS _id, CASE WHEN own.kind = 'suggestion'
        THEN suggestion_told(own.id, c.id) || jsonb_build_object('reward', reward_told(own.id)) END AS suggestion,
    CASE WHEN c.answered_at IS NOT NULL THEN (SELECT s.id FROM survey s
        WHERE s.org_id = c.org_id AND s.is_after_cases AND s.state = 'scheduled' AND s.opens_at <= $3 AND s.closes_at > $3
        ORDER BY s.opens_at DESC, s.id LIMIT 1) END AS _survey_id
FROM casefile own JOIN casefile c ON c.id = $2
WHERE own.id = $1;

-- name: track_basis
-- lane: read
-- $1 hash bytea
SELECT coalesce(own.kind, 'comment') AS kind, own.id AS own_id, g.slug AS _org, b.*
FROM (SELECT 1) one
LEFT JOIN casefile f ON f.tracking_hash = $1
LEFT JOIN casefile own ON own.id = coalesce(f.converted_into, f.id)
LEFT JOIN casefile c ON c.id = coalesce(own.merged_into, own.id)
LEFT JOIN case_clock k ON k.case_id = c.id
LEFT JOIN organisation g ON g.id = c.org_id
LEFT JOIN LATERAL case_basis(c, k) b ON true
WHERE f.id IS NOT NULL OR EXISTS (SELECT FROM comment m WHERE m.tracking_hash = $1);

-- name: case_citizen_move
-- lane: write
-- $1 event uuid (also of the message)  $2 own uuid  $3 case uuid  $4 action text (reply, complete, accept, withdraw or reopen)
-- $5 text text  $6 now timestamptz  $7 digest bytea  $8 target text (of accept, withdraw and reopen; NULL: not from that state)
-- $9 basis int4  $10 has_terms bool  $11 received_on date  $12 working_days int4  $13 due_on date  $14 due_at timestamptz
-- $15 steps timestamptz[]  $16 paused_days int4  $17 attachments uuid[]
-- $18 completion jsonb (what it says of a suggestion)  $19 reopen_until timestamptz
-- $20 clerk uuid (who writes down what the citizen said)  $21 channel text (by which; NULL: here)  $22 may_confidential bool
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $3 FOR UPDATE
),
held AS MATERIALIZED (
    SELECT k FROM old o JOIN case_clock k ON k.case_id = (o.c).id FOR UPDATE OF k
),
claimed AS (
    SELECT a.id FROM attachment a JOIN old o ON a.org_id = (o.c).org_id
    WHERE a.id = ANY ($17) AND a.case_id IS NULL AND a.scan <> 'infected'
    FOR UPDATE OF a
),
asked AS (
    SELECT o.c, h.k, (o.c).state AS state, EXISTS (SELECT FROM prior) AS was_done,
        CASE WHEN $4 IN ('accept', 'withdraw', 'reopen') THEN $8
                ELSE CASE (o.c).state WHEN 'awaiting_citizen' THEN 'in_progress' WHEN 'clarification' THEN 'assigned'
                     WHEN 'needs_completion' THEN CASE WHEN $2 = $3 THEN 'screening' ELSE 'needs_completion' END
                     ELSE (o.c).state END END AS target
    FROM old o LEFT JOIN held h ON true
),
judged AS (
    SELECT a.*, a.was_done OR ($4, a.state) IN (('withdraw', 'withdrawn'), ('accept', 'closed')) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN a.was_done OR ($4, a.state) IN (('withdraw', 'withdrawn'), ('accept', 'closed')) THEN NULL
        WHEN (a.c).is_confidential AND NOT coalesce($22, true) THEN 'forbidden'
        WHEN case_version(a.c, a.k) <> $9 THEN 'busy'
        WHEN $21 IS NOT NULL AND NOT EXISTS (SELECT FROM channel_kind k WHERE k.code = $21) THEN 'unknown_channel'
        WHEN $4 = 'reply' AND (a.c).closed_at IS NOT NULL THEN 'state_conflict'
        WHEN $4 = 'complete' AND (a.state <> 'needs_completion' OR $2 <> $3) THEN 'state_conflict'
        WHEN a.target IS NULL OR ($4 IN ('accept', 'withdraw', 'reopen') AND $2 <> $3) THEN 'state_conflict'
        WHEN $4 = 'reopen' AND $6 > $19 THEN 'reopen_too_late'
        WHEN cardinality($17) > 0 AND (SELECT count(*) FROM claimed) <> cardinality($17) THEN 'unknown_attachment'
        END AS problem
    FROM asked a
),
made AS (
    UPDATE casefile made SET
        state = j.target, row_version = made.row_version + 1, updated_at = $6,
        round = made.round + ($4 = 'reopen')::int,
        unit_code = CASE WHEN $4 = 'reopen' AND made.kind <> 'suggestion' THEN coalesce(inspection_of(made.org_id), made.unit_code) ELSE made.unit_code END,
        answer = CASE WHEN $4 <> 'reopen' THEN made.answer END, outcome = CASE WHEN $4 <> 'reopen' THEN made.outcome END,
        reason_code = CASE WHEN $4 <> 'reopen' THEN made.reason_code END,
        reason = CASE WHEN $4 <> 'reopen' THEN made.reason END,
        answered_at = CASE WHEN $4 <> 'reopen' THEN made.answered_at END,
        answered_days = CASE WHEN $4 <> 'reopen' THEN made.answered_days END,
        total_days = CASE WHEN $4 <> 'reopen' THEN made.total_days END,
        closes_on = CASE WHEN $4 NOT IN ('accept', 'reopen') THEN made.closes_on END,
        closed_at = CASE WHEN $4 IN ('accept', 'withdraw') THEN $6 WHEN $4 = 'reply' THEN made.closed_at END,
        paused_at = NULL, paused_days = $16,
        received_on = CASE WHEN $10 THEN $11 ELSE made.received_on END,
        working_days = CASE WHEN $10 THEN $12 ELSE made.working_days END
    FROM judged j WHERE made.id = (j.c).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS d
),
moved AS (
    INSERT INTO case_clock AS k (case_id, org_id, kind, counted_from, counted_days, county, due_on, due_at, steps, moved_at,
        is_open, is_running)
    SELECT (m.d).id, (m.d).org_id, (m.d).kind, $11, $12 + $16, (m.d).county, $13, $14, $15, $6, case_is_open(m.d),
        case_is_running(m.d)
    FROM made m WHERE $10
    ON CONFLICT (case_id) DO UPDATE SET counted_from = excluded.counted_from, counted_days = excluded.counted_days,
        county = excluded.county, due_on = excluded.due_on, due_at = excluded.due_at, steps = excluded.steps,
        steps_done = CASE WHEN $4 = 'reopen' THEN 0
                          ELSE case_steps_kept(k.steps_done, excluded.steps, excluded.moved_at) END,
        deadline_version = k.deadline_version + 1, moved_at = excluded.moved_at, is_open = excluded.is_open,
        is_running = excluded.is_running
    RETURNING k
),
counted AS (
    INSERT INTO stat_case_change SELECT n.* FROM judged j CROSS JOIN moved m CROSS JOIN LATERAL deadline_counted(j.c, j.k, m.k) n
),
said AS (
    INSERT INTO case_message AS m (id, case_id, at, kind, text, author_id, channel, request_digest)
    SELECT $1, $2, $6, 'citizen', $5, $20, coalesce($21, 'web'), $7 FROM made WHERE $5 IS NOT NULL
    RETURNING m.id
),
completed AS (
    UPDATE case_suggestion s SET problem = coalesce($18 ->> 'problem', s.problem),
        proposal = coalesce($18 ->> 'proposal', s.proposal), benefit = coalesce($18 ->> 'benefit', s.benefit),
        cost = coalesce($18 ->> 'cost', s.cost)
    FROM made m WHERE s.case_id = (m.d).id AND $18 IS NOT NULL
),
taken AS (
    UPDATE attachment a SET case_id = $2, message_id = s.id FROM said s WHERE a.id = ANY ($17)
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, (m.d).org_id, $6, (m.d).kind || '.' || CASE WHEN $4 = 'reply' THEN 'citizen_replied' WHEN $4 = 'complete' THEN 'completed'
            WHEN $4 = 'reopen' AND (m.d).state = 'in_progress' THEN 'reopened' ELSE (m.d).state END,
        (m.d).kind, (m.d).id, CASE WHEN $20 IS NULL THEN 'public' ELSE 'staff' END::actor_kind, $20, true,
        CASE WHEN $4 = 'reopen' THEN jsonb_build_object('round', (m.d).round)
             WHEN $21 IS NOT NULL THEN jsonb_build_object('channel', $21) ELSE '{}' END, $7
    FROM made m
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', CASE WHEN $2 <> $3
        THEN (SELECT o.state FROM casefile o WHERE o.id = $2) ELSE j.state END)
                   WHEN 'reopen_too_late' THEN jsonb_build_object('reopen_until', json_instant($19)) END AS _detail
FROM judged j;

-- name: case_rate
-- lane: write
-- $1 event uuid  $2 own uuid  $3 case uuid  $4 rating int4  $5 text text  $6 now timestamptz  $7 digest bytea
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT own.id, own.org_id, own.kind, own.state, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN c.answered_at IS NULL THEN 'state_conflict'
        WHEN own.rating IS NOT NULL THEN 'already_rated'
        END AS problem
    FROM casefile own JOIN casefile c ON c.id = $3 WHERE own.id = $2
    FOR UPDATE OF own
),
made AS (
    UPDATE casefile made SET rating = $4, rating_text = $5, rated_at = $6, row_version = made.row_version + 1,
        updated_at = $6
    FROM judged j WHERE made.id = j.id AND j.problem IS NULL AND NOT j.is_replayed AND made.rating IS NULL
    RETURNING made.id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data, request_digest)
    SELECT $1, j.org_id, $6, j.kind || '.rated', j.kind, j.id, 'public', true, jsonb_build_object('rating', $4), $7
    FROM judged j JOIN made m ON m.id = j.id
)
SELECT coalesce(j.problem, CASE WHEN m.id IS NULL AND NOT j.is_replayed THEN 'retry' END) AS _problem,
    j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', j.state) END AS _detail
FROM judged j LEFT JOIN made m ON m.id = j.id;
