-- A case comes in: filed by a citizen or on somebody's behalf, or made of a message.

-- name: case_file
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 kind text  $4 body jsonb  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 tracking_hash bytea  $9 jalali_year int4  $10 state text  $11 person text (member of the body)
-- $12 received_at timestamptz  $13 received_on date  $14 working_days int4  $15 due_on date  $16 due_at timestamptz
-- $17 steps timestamptz[]  $18 followup_from date  $19 attachments uuid[]
-- A reference that was filed before means the same case: its earliest receipt rules the deadline.
WITH prior AS (
    SELECT id, request_digest FROM casefile WHERE id = $1
),
known AS (
    SELECT c.id FROM casefile c
    WHERE c.org_id = $2 AND c.kind = $3 AND c.channel = coalesce($4 ->> 'channel', 'web')
      AND c.external_ref = $4 ->> 'external_ref' AND NOT EXISTS (SELECT FROM prior)
    FOR UPDATE
),
claimed AS (
    SELECT a.id FROM attachment a
    WHERE a.id = ANY ($19) AND a.org_id = $2 AND a.case_id IS NULL AND a.scan <> 'infected'
    FOR UPDATE
),
judged AS (
    SELECT CASE
        WHEN (SELECT request_digest FROM prior) <> $7 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) OR EXISTS (SELECT FROM known) THEN NULL
        WHEN $4 ? 'channel' AND NOT EXISTS (SELECT FROM channel_kind k WHERE k.code = $4 ->> 'channel')
            THEN 'unknown_channel'
        WHEN ($4 ->> 'untranscribed')::boolean AND $4 ->> 'channel' IS DISTINCT FROM 'voicemail' THEN 'voicemail_only'
        WHEN $4 ? 'unit_code' AND NOT EXISTS (
            SELECT FROM unit u WHERE u.org_id = $2 AND u.code = $4 ->> 'unit_code' AND u.retired_at IS NULL)
            THEN 'unknown_unit'
        WHEN NOT service_is_there($2, $4 ->> 'service_code') THEN 'unknown_service'
        WHEN cardinality($19) > 0 AND (SELECT count(*) FROM claimed) <> cardinality($19) THEN 'unknown_attachment'
        END AS problem, EXISTS (SELECT FROM prior) OR EXISTS (SELECT FROM known) AS is_replayed
),
made AS (
    INSERT INTO casefile AS c (id, org_id, kind, number, state, subject, text, unit_code, service_code, county,
        person, addressee, is_confidential, wants_call, is_untranscribed, channel, external_ref, received_at,
        registered_at, updated_at, filed_by, received_on, working_days, due_on, due_at, steps,
        followup_from, tracking_hash, request_digest, receipt_received_at, receipt_due_on, receipt_due_at)
    SELECT $1, $2, $3, case_number_next($9), $10, $4 ->> 'subject', coalesce($4 ->> 'text', ''),
        $4 ->> 'unit_code', $4 ->> 'service_code', $4 ->> 'county', nullif($4 -> $11, '{}'), $4 -> 'addressee',
        coalesce(($4 ->> 'confidential')::boolean, false), coalesce(($4 ->> 'wants_call')::boolean, false),
        coalesce(($4 ->> 'untranscribed')::boolean, false), coalesce($4 ->> 'channel', 'web'), $4 ->> 'external_ref',
        $12, $5, $5, $6, $13, $14, $15, $16, $17, $18, $8, $7, $12, $15, $16
    FROM judged WHERE problem IS NULL AND NOT is_replayed
    ON CONFLICT DO NOTHING
    RETURNING c
),
taken AS (
    UPDATE attachment a SET case_id = (m.c).id FROM made m WHERE a.id = ANY ($19)
),
suggested AS (
    INSERT INTO case_suggestion (case_id, org_id, state, title, problem, proposal, benefit, cost, shows_name, shares)
    SELECT (m.c).id, (m.c).org_id, (m.c).state, (m.c).subject, $4 ->> 'problem', $4 ->> 'proposal', $4 ->> 'benefit',
        $4 ->> 'cost', coalesce(($4 ->> 'show_name')::boolean, false),
        suggestion_owners((m.c).person, $4 -> 'share', $4 -> 'co_suggesters')
    FROM made m WHERE (m.c).kind = 'suggestion'
),
earlier AS (
    UPDATE casefile made SET received_at = $12, received_on = $13, county = coalesce($4 ->> 'county', made.county),
        working_days = $14, due_on = $15, due_at = $16, steps = $17,
        followup_from = $18, deadline_version = made.deadline_version + 1, row_version = made.row_version + 1,
        updated_at = $5
    FROM known k
    WHERE made.id = k.id AND $12 < made.received_at AND made.round = 1 AND made.answered_at IS NULL
      AND made.closed_at IS NULL
    RETURNING made AS c
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $5, $3 || h.what, $3, h.id, CASE WHEN $6 IS NULL THEN 'public' ELSE 'staff' END, $6, true, h.data, $7
    FROM (SELECT '.' || (m.c).state AS what, (m.c).id, jsonb_build_object('channel', (m.c).channel) AS data FROM made m
          UNION ALL
          SELECT '.received_earlier', (e.c).id, jsonb_build_object('received_at', json_instant((e.c).received_at),
              'due_on', (e.c).due_on) FROM earlier e) h
)
SELECT coalesce(j.problem, CASE WHEN n.id IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    n.id, n.number, n.receipt_received_at AS "received_at received_on_jalali",
    n.receipt_due_on AS "due_on due_on_jalali", n.receipt_due_at AS due_at
FROM judged j
LEFT JOIN (SELECT (m.c).* FROM made m
           UNION ALL
           SELECT c.* FROM casefile c WHERE c.id IN (SELECT id FROM prior UNION ALL SELECT id FROM known)) n ON true;

-- name: case_receipt
-- lane: read
-- $1 id uuid
SELECT c.id, c.number, c.receipt_received_at AS "received_at received_on_jalali",
    c.receipt_due_on AS "due_on due_on_jalali", c.receipt_due_at AS due_at
FROM casefile c WHERE c.id = $1;

-- name: case_convert
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 message uuid  $4 body jsonb  $5 if_match int4  $6 now timestamptz
-- $7 actor uuid  $8 digest bytea  $9 permitted jsonb  $10 may_confidential bool  $11 basis int4
-- $12 tracking_hash bytea  $13 jalali_year int4  $14 state text  $15 working_days int4  $16 due_on date
-- $17 due_at timestamptz  $18 steps timestamptz[]  $19 followup_from date
-- The new case keeps what the citizen said, and when; the message's own code opens it from now on.
WITH prior AS (
    SELECT request_digest FROM casefile WHERE id = $1
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 AND c.kind = 'message' FOR UPDATE
),
judged AS (
    SELECT o.c, EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (o.c).is_confidential AND NOT $10 THEN 'forbidden'
        WHEN $5 IS NOT NULL AND (o.c).row_version <> $5 THEN 'precondition_failed'
        WHEN (o.c).row_version <> $11 THEN 'busy'
        WHEN (o.c).state NOT IN ('received', 'assigned') THEN 'state_conflict'
        WHEN NOT coalesce($9 -> (o.c).state ? 'converted', false) THEN 'forbidden'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN EXISTS (SELECT FROM casefile x WHERE x.org_id = $2 AND x.kind = $4 ->> 'to' AND x.channel = (o.c).channel
                     AND x.external_ref = (o.c).external_ref) THEN 'reference_taken'
        END AS problem
    FROM old o
),
made AS (
    INSERT INTO casefile AS c (id, org_id, kind, number, state, subject, text, unit_code, county, person,
        is_confidential, wants_call, is_untranscribed, channel, external_ref, received_at, registered_at, updated_at,
        filed_by, received_on, working_days, due_on, due_at, steps, followup_from, converted_from,
        tracking_hash, request_digest, receipt_received_at, receipt_due_on, receipt_due_at)
    SELECT $1, $2, $4 ->> 'to', case_number_next($13), $14, coalesce($4 ->> 'subject', (j.c).subject), (j.c).text,
        coalesce($4 ->> 'unit_code', (j.c).unit_code), (j.c).county, (j.c).person, (j.c).is_confidential,
        (j.c).wants_call, (j.c).is_untranscribed, (j.c).channel, (j.c).external_ref, (j.c).received_at, $6, $6, $7,
        (j.c).received_on, $15, $16, $17, $18, $19, $3, $12, $8, (j.c).received_at, $16, $17
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING c
),
gone AS (
    UPDATE casefile made SET state = 'converted', converted_into = $1, closed_at = $6,
        row_version = made.row_version + 1, updated_at = $6
    FROM made m WHERE made.id = $3
),
taken AS (
    UPDATE attachment a SET case_id = (m.c).id FROM made m WHERE a.case_id = $3
),
suggested AS (
    INSERT INTO case_suggestion (case_id, org_id, state, title, problem, proposal, is_confidential, shares)
    SELECT (m.c).id, (m.c).org_id, (m.c).state, (m.c).subject, (m.c).text, '', (m.c).is_confidential,
        suggestion_owners((m.c).person, NULL, NULL)
    FROM made m WHERE (m.c).kind = 'suggestion'
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, (m.c).kind || '.' || (m.c).state, (m.c).kind, (m.c).id, 'staff', $7, true,
        jsonb_build_object('channel', (m.c).channel, 'converted_from', $3), $8 FROM made m
    UNION ALL
    SELECT gen_random_uuid(), $2, $6, 'message.converted', 'message', $3, 'staff', $7, true,
        jsonb_build_object('into', (m.c).id, 'kind', (m.c).kind), NULL FROM made m
)
SELECT coalesce(j.problem, CASE WHEN n.id IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    CASE j.problem WHEN 'state_conflict' THEN jsonb_build_object('state', (j.c).state,
        'allowed', coalesce($9 -> (j.c).state, '[]')) END AS _detail,
    n.id, n.number, n.receipt_received_at AS "received_at received_on_jalali",
    n.receipt_due_on AS "due_on due_on_jalali", n.receipt_due_at AS due_at
FROM judged j
LEFT JOIN (SELECT (m.c).* FROM made m UNION ALL SELECT c.* FROM casefile c WHERE c.id = $1) n ON true;
