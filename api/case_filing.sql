-- A case comes in: filed by a citizen or on somebody's behalf, or made of a message.

-- name: case_file
-- lane: write
-- rows: many
-- $1 id uuid (also of its event)  $2 org uuid  $3 kind text  $4 body jsonb  $5 now timestamptz  $6 actor uuid
-- $7 digest bytea  $8 tracking_hash bytea  $9 jalali_year int4  $10 state text  $11 person text (member of the body)
-- $12 received_at timestamptz  $13 received_on date  $14 working_days int4  $15 due_on date  $16 due_at timestamptz
-- $17 steps text (timestamptz[])  $18 followup_from date  $19 routed text (its state where a service says which unit)
-- Where the service of a complaint says which unit gives it, the system assigns the case at once: a second event, next after
-- the first. A reference that was filed before means the same case (_known): case_received_again goes on with it. Of what
-- came under the same id before, as of cases by reference, a look-up by key is forced by OFFSET 0 (see comment_create).
WITH m AS MATERIALIZED (
    SELECT *, fa_norm(body ->> 'external_ref') COLLATE "C" AS reference
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) WITH ORDINALITY
        AS m(id, org, kind, body, now, actor, digest, tracking_hash, year, state, person, received_at, received_on,
             working_days, due_on, due_at, steps, followup_from, routed, n)
),
claimed AS MATERIALIZED (
    SELECT w.n, a.id
    FROM (SELECT m.n, m.org, f::uuid AS file FROM m CROSS JOIN LATERAL jsonb_array_elements_text(m.body -> 'attachments') f) w
    JOIN attachment a ON a.id = w.file AND a.org_id = w.org AND a.case_id IS NULL AND a.scan <> 'infected'
    FOR UPDATE OF a
),
files AS MATERIALIZED (
    SELECT n, id FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY n) AS turn FROM claimed) c WHERE turn = 1
),
judged AS MATERIALIZED (
    SELECT m.*, k.id AS known,
        CASE WHEN m.body ? 'service_code' AND NOT m.body ? 'unit_code'
            THEN unit_of_service(m.org, m.body ->> 'service_code') END AS ruled_unit,
        CASE
        WHEN m.body ? 'channel' AND NOT EXISTS (SELECT FROM channel_kind c WHERE c.code = m.body ->> 'channel')
            THEN 'unknown_channel'
        WHEN (m.body ->> 'untranscribed')::boolean AND m.body ->> 'channel' IS DISTINCT FROM 'voicemail'
            THEN 'voicemail_only'
        WHEN m.body ? 'unit_code' AND NOT unit_is_there(m.org, m.body ->> 'unit_code') THEN 'unknown_unit'
        WHEN m.body ? 'service_code' AND NOT service_is_there(m.org, m.body ->> 'service_code') THEN 'unknown_service'
        WHEN m.body ? 'attachments' AND jsonb_array_length(m.body -> 'attachments')
            <> (SELECT count(*) FROM files f WHERE f.n = m.n) THEN 'unknown_attachment'
        END AS problem
    FROM m LEFT JOIN LATERAL (
        SELECT c.id FROM casefile c
        WHERE c.org_id = m.org AND c.kind = m.kind AND c.channel = coalesce(m.body ->> 'channel', 'web')
          AND c.reference = m.reference OFFSET 0) k ON true
),
made AS (
    INSERT INTO casefile (id, org_id, kind, number, state, subject, text, unit_code, service_code, county, person,
        addressee, is_confidential, wants_call, is_untranscribed, channel, external_ref, received_at, registered_at,
        updated_at, filed_by, received_on, working_days, followup_from, tracking_hash, request_digest,
        receipt_received_at, receipt_due_on, receipt_due_at)
    SELECT id, org, kind, case_number_next(year), CASE WHEN ruled_unit IS NULL THEN state ELSE routed END,
        body ->> 'subject', coalesce(body ->> 'text', ''), coalesce(ruled_unit, body ->> 'unit_code'),
        body ->> 'service_code', body ->> 'county', nullif(body -> person, '{}'), body -> 'addressee',
        coalesce((body ->> 'confidential')::boolean, false), coalesce((body ->> 'wants_call')::boolean, false),
        coalesce((body ->> 'untranscribed')::boolean, false), coalesce(body ->> 'channel', 'web'), body ->> 'external_ref',
        received_at, now, now, actor, received_on, working_days, followup_from, tracking_hash, digest, received_at, due_on, due_at
    FROM judged WHERE problem IS NULL AND known IS NULL
    ON CONFLICT DO NOTHING
    RETURNING id, org_id, kind, number, state, unit_code, subject, person, channel, registered_at, filed_by,
        receipt_received_at, receipt_due_on, receipt_due_at
),
clocked AS (
    INSERT INTO case_clock (case_id, org_id, kind, counted_from, counted_days, county, due_on, due_at, steps, moved_at)
    SELECT d.id, d.org_id, d.kind, m.received_on, m.working_days, m.body ->> 'county', m.due_on, m.due_at,
        m.steps::timestamptz[], m.now
    FROM made d JOIN m ON m.id = d.id WHERE m.due_on IS NOT NULL
),
taken AS (
    UPDATE attachment a SET case_id = d.id
    FROM made d JOIN m ON m.id = d.id JOIN files f ON f.n = m.n WHERE a.id = f.id
),
suggested AS (
    INSERT INTO case_suggestion (case_id, org_id, state, title, problem, proposal, benefit, cost, shows_name, shares)
    SELECT d.id, d.org_id, d.state, d.subject, m.body ->> 'problem', m.body ->> 'proposal', m.body ->> 'benefit',
        m.body ->> 'cost', coalesce((m.body ->> 'show_name')::boolean, false),
        suggestion_owners(d.person, m.body -> 'share', m.body -> 'co_suggesters')
    FROM made d JOIN m ON m.id = d.id WHERE d.kind = 'suggestion'
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT d.id, d.org_id, d.registered_at, d.kind || '.' || m.state, d.kind, d.id,
        CASE WHEN d.filed_by IS NULL THEN 'public' ELSE 'staff' END, d.filed_by, true,
        jsonb_build_object('channel', d.channel), m.digest
    FROM made d JOIN m ON m.id = d.id
    UNION ALL
    SELECT gen_random_uuid(), d.org_id, d.registered_at + interval '1 microsecond', d.kind || '.' || d.state, d.kind, d.id,
        'system', NULL, true, jsonb_build_object('unit_code', d.unit_code), NULL
    FROM made d JOIN m ON m.id = d.id WHERE d.state <> m.state
)
SELECT CASE
        WHEN d.id IS NOT NULL THEN NULL
        WHEN p.id IS NOT NULL THEN CASE WHEN p.request_digest <> j.digest THEN 'idempotency_mismatch' END
        WHEN j.known IS NULL THEN coalesce(j.problem, 'retry') END AS _problem,
    d.id IS NULL AND p.id IS NOT NULL AS _replayed, d.id IS NULL AND p.id IS NULL AND j.known IS NOT NULL AS _known,
    CASE WHEN d.id IS NULL AND p.id IS NULL THEN j.known ELSE j.id END AS id, coalesce(d.number, p.number) AS number,
    coalesce(d.receipt_received_at, p.receipt_received_at) AS "received_at received_on_jalali",
    coalesce(d.receipt_due_on, p.receipt_due_on) AS "due_on due_on_jalali",
    coalesce(d.receipt_due_at, p.receipt_due_at) AS due_at
FROM judged j
LEFT JOIN made d ON d.id = j.id
LEFT JOIN LATERAL (
    SELECT c.* FROM casefile c WHERE c.id = CASE WHEN d.id IS NULL THEN j.id END OFFSET 0) p ON true
ORDER BY j.n;

-- name: case_received_again
-- lane: write
-- $1 event uuid  $2 case uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
-- $7 received_at timestamptz  $8 received_on date  $9 working_days int4  $10 due_on date  $11 due_at timestamptz
-- $12 steps timestamptz[]  $13 followup_from date
-- A case was filed once more under its reference: the earliest receipt rules the deadline. The answer is its first receipt.
WITH old AS (
    SELECT c FROM casefile c
    WHERE c.id = $2 AND $7 < c.received_at AND c.round = 1 AND c.answered_at IS NULL AND c.closed_at IS NULL
    FOR UPDATE
),
held AS MATERIALIZED (
    SELECT k FROM old o JOIN case_clock k ON k.case_id = (o.c).id FOR UPDATE OF k
),
earlier AS (
    UPDATE casefile made SET received_at = $7, received_on = $8, county = coalesce($3 ->> 'county', made.county),
        working_days = $9, followup_from = $13, row_version = made.row_version + 1, updated_at = $4
    FROM old o WHERE made.id = (o.c).id
    RETURNING made AS c, o.c AS was
),
moved AS (
    INSERT INTO case_clock AS k (case_id, org_id, kind, counted_from, counted_days, county, due_on, due_at, steps, moved_at,
        is_running)
    SELECT (e.c).id, (e.c).org_id, (e.c).kind, $8, $9 + (e.c).paused_days, (e.c).county, $10, $11, $12, $4, case_is_running(e.c)
    FROM earlier e
    ON CONFLICT (case_id) DO UPDATE SET counted_from = excluded.counted_from, counted_days = excluded.counted_days,
        county = excluded.county, due_on = excluded.due_on, due_at = excluded.due_at, steps = excluded.steps,
        steps_done = case_steps_kept(k.steps_done, excluded.steps, excluded.moved_at),
        deadline_version = k.deadline_version + 1, moved_at = excluded.moved_at
    RETURNING k
),
counted AS (
    INSERT INTO stat_case_change
    SELECT n.* FROM earlier e CROSS JOIN moved m LEFT JOIN held h ON true CROSS JOIN LATERAL deadline_counted(e.was, h.k, m.k) n
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, (e.c).org_id, $4, (e.c).kind || '.received_earlier', (e.c).kind, $2,
        CASE WHEN $5 IS NULL THEN 'public' ELSE 'staff' END, $5, true,
        jsonb_build_object('received_at', json_instant((e.c).received_at), 'due_on', $10), $6
    FROM earlier e
)
SELECT true AS _replayed, c.id FROM casefile c WHERE c.id = $2;

-- name: case_receipt
-- lane: read
-- $1 id uuid
SELECT c.id, c.number, c.receipt_received_at AS "received_at received_on_jalali",
    c.receipt_due_on AS "due_on due_on_jalali", c.receipt_due_at AS due_at
FROM casefile c WHERE c.id = $1;

-- name: case_convert
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 message uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz
-- $7 actor uuid  $8 digest bytea  $9 permitted jsonb  $10 may_confidential bool  $11 basis int4
-- $12 tracking_hash bytea  $13 jalali_year int4  $14 state text  $15 working_days int4  $16 due_on date
-- $17 due_at timestamptz  $18 steps timestamptz[]  $19 followup_from date  $20 routed text (see case_file)
-- The new case keeps what the citizen said, and when; the message's own code opens it from now on.
WITH prior AS (
    SELECT request_digest FROM casefile WHERE id = $1
),
old AS (
    SELECT c FROM casefile c WHERE c.id = $3 AND c.org_id = $2 AND c.kind = 'message' FOR UPDATE
),
judged AS (
    SELECT o.c, EXISTS (SELECT FROM prior) AS is_replayed,
        CASE WHEN $4 ? 'service_code' AND NOT $4 ? 'unit_code'
            THEN unit_of_service($2, $4 ->> 'service_code') END AS ruled_unit,
        CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN (o.c).is_confidential AND NOT $10 THEN 'forbidden'
        WHEN case_version(o.c)::text <> ALL ($5) THEN 'precondition_failed'
        WHEN case_version(o.c) <> $11 THEN 'busy'
        WHEN (o.c).state NOT IN ('received', 'assigned') THEN 'state_conflict'
        WHEN NOT coalesce($9 -> (o.c).state ? 'converted', false) THEN 'forbidden'
        WHEN (o.c).is_untranscribed THEN 'transcript_needed'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN NOT service_is_there($2, $4 ->> 'service_code') THEN 'unknown_service'
        WHEN EXISTS (SELECT FROM casefile x WHERE x.org_id = $2 AND x.kind = $4 ->> 'to' AND x.channel = (o.c).channel
                     AND x.reference = (o.c).reference) THEN 'reference_taken'
        END AS problem
    FROM old o
),
made AS (
    INSERT INTO casefile AS c (id, org_id, kind, number, state, subject, text, unit_code, service_code, county, person,
        is_confidential, wants_call, is_untranscribed, channel, external_ref, received_at, registered_at, updated_at,
        filed_by, received_on, working_days, followup_from, converted_from, tracking_hash,
        request_digest, receipt_received_at, receipt_due_on, receipt_due_at)
    SELECT $1, $2, $4 ->> 'to', case_number_next($13), CASE WHEN j.ruled_unit IS NULL THEN $14 ELSE $20 END,
        coalesce($4 ->> 'subject', (j.c).subject), (j.c).text,
        coalesce($4 ->> 'unit_code', j.ruled_unit, (j.c).unit_code), $4 ->> 'service_code', (j.c).county, (j.c).person,
        (j.c).is_confidential, (j.c).wants_call, (j.c).is_untranscribed, (j.c).channel, (j.c).external_ref,
        (j.c).received_at, $6, $6, $7, (j.c).received_on, $15, $19, $3, $12, $8, (j.c).received_at, $16, $17
    FROM judged j WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT DO NOTHING
    RETURNING c
),
clocked AS (
    INSERT INTO case_clock (case_id, org_id, kind, counted_from, counted_days, county, due_on, due_at, steps, moved_at)
    SELECT (m.c).id, (m.c).org_id, (m.c).kind, (m.c).received_on, $15, (m.c).county, $16, $17, $18, $6
    FROM made m WHERE $16 IS NOT NULL
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
    SELECT $1, $2, $6, (m.c).kind || '.' || $14, (m.c).kind, (m.c).id, 'staff', $7, true,
        jsonb_build_object('channel', (m.c).channel, 'converted_from', $3), $8 FROM made m
    UNION ALL
    SELECT gen_random_uuid(), $2, $6 + interval '1 microsecond', (m.c).kind || '.' || (m.c).state, (m.c).kind, (m.c).id,
        'system', NULL, true, jsonb_build_object('unit_code', (m.c).unit_code), NULL
    FROM made m WHERE (m.c).state <> $14
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
