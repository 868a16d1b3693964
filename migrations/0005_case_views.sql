-- How case files are shown, and what follows from their being written. What follows from the clock alone (overdue, the
-- level of escalation) is computed here, at the instant of reading, whether or not a worker has run.

CREATE FUNCTION case_is_open(c casefile) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT c.answered_at IS NULL AND c.closed_at IS NULL
$$;
COMMENT ON FUNCTION case_is_open IS 'Whether a case waits for an answer: unanswered and not ended.';

CREATE FUNCTION case_is_running(c casefile) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT c.answered_at IS NULL AND c.closed_at IS NULL AND c.paused_at IS NULL
$$;
COMMENT ON FUNCTION case_is_running IS 'Whether the clock of a case runs: unanswered, not ended, not paused.';

-- The rows of the lifecycle lead on from a referral that is followed; one that ended its case is none of their states.
CREATE FUNCTION case_stage(c casefile) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN c.state = 'referred_out' AND c.closed_at IS NOT NULL THEN 'ended' ELSE c.state END
$$;
COMMENT ON FUNCTION case_stage IS 'The state that a case moves on from: its own, or ended, which leads nowhere, where a referral ended it.';

-- How many steps of the ladder are past.
CREATE FUNCTION case_level(k case_clock, at timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN k.is_running AND cardinality(k.steps) > 0 THEN width_bucket(at, k.steps) ELSE 0 END
$$;
COMMENT ON FUNCTION case_level IS 'Level of escalation at an instant; 0 once it is answered.';

-- Steps that were taken stay taken, unless the deadline moved away from them: those are ahead once more.
CREATE FUNCTION case_steps_kept(done int, steps timestamptz[], at timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT least(done, width_bucket(at, steps))
$$;
COMMENT ON FUNCTION case_steps_kept IS 'How many of the steps that were taken stay so when the ladder has other instants.';

-- A number that rises with every change of a case and with every move of its deadline: both rise, so their sum tells any two
-- states apart.
CREATE FUNCTION case_version(c casefile, k case_clock) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT c.row_version + coalesce(k.deadline_version, 1) - 1
$$;
COMMENT ON FUNCTION case_version(casefile, case_clock) IS 'Rises with every change of a case, its deadline included: what If-Match is compared with.';

CREATE FUNCTION case_version(c casefile) RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.row_version + coalesce((SELECT k.deadline_version FROM case_clock k WHERE k.case_id = c.id), 1) - 1
$$;
COMMENT ON FUNCTION case_version(casefile) IS 'The same, for who does not ask for the clock otherwise.';

-- The words of cases that were filed: for all of a statement at once, because filing is what comes in floods.
CREATE FUNCTION case_filed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_search (case_id, org_id, kind, norm)
    SELECT f.id, f.org_id, f.kind, fa_norm(concat_ws(' ', f.subject, f.text, f.external_ref, f.number)) FROM filed f;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION case_filed IS 'Notes the words of new cases.';
CREATE TRIGGER case_filed AFTER INSERT ON casefile REFERENCING NEW TABLE AS filed
    FOR EACH STATEMENT EXECUTE FUNCTION case_filed();

-- Cases moved on: their clocks stand or run. A full join, because that is never made row against row, however few there were
-- when it was planned.
CREATE FUNCTION case_clocks_set() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_clock k SET is_open = m.is_open, is_running = m.is_running
    FROM (SELECT n.id, case_is_open(n) AS is_open, case_is_running(n) AS is_running
          FROM before o FULL JOIN after n ON n.id = o.id
          WHERE (case_is_open(o), case_is_running(o)) IS DISTINCT FROM (case_is_open(n), case_is_running(n))) m
    WHERE k.case_id = m.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION case_clocks_set IS 'Sets the clocks of cases that were answered, ended, paused or taken up again.';
CREATE TRIGGER case_clocks_set AFTER UPDATE ON casefile REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION case_clocks_set();

-- The words of a voicemail were written down.
CREATE FUNCTION case_worded() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_search SET norm = fa_norm(concat_ws(' ', NEW.subject, NEW.text, NEW.external_ref, NEW.number)) WHERE case_id = NEW.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION case_worded IS 'Notes the words of a case anew.';
CREATE TRIGGER case_worded AFTER UPDATE ON casefile FOR EACH ROW
    WHEN (OLD.text <> NEW.text OR OLD.subject <> NEW.subject OR OLD.external_ref IS DISTINCT FROM NEW.external_ref)
    EXECUTE FUNCTION case_worded();

CREATE FUNCTION case_is_overdue(k case_clock, at timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(k.is_running AND at >= k.due_at, false)
$$;
COMMENT ON FUNCTION case_is_overdue IS 'Whether a case waits longer than was promised.';

-- What the server counts days from, in columns that no answer shows.
CREATE FUNCTION case_basis(c casefile, k case_clock) RETURNS TABLE (
    _id uuid, _kind text, _stage text, _row_version int, _county text, _received_on date, _working_days int,
    _due_on date, _paused_at timestamptz, _paused_days int, _answered_at timestamptz, _closed_at timestamptz, _round int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.id, c.kind, case_stage(c), case_version(c, k), c.county, c.received_on, CASE WHEN k.due_on IS NOT NULL THEN c.working_days END,
        k.due_on, c.paused_at, c.paused_days, c.answered_at, c.closed_at, c.round
$$;
COMMENT ON FUNCTION case_basis IS 'What the days of a case are counted from.';

-- Entity tag: what is stored and what the clock makes of it.
CREATE FUNCTION case_tag(c casefile, k case_clock, at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT case_version(c, k) || '-' || case_level(k, at) || CASE WHEN case_is_overdue(k, at) THEN '-overdue' ELSE '' END
$$;
COMMENT ON FUNCTION case_tag IS 'Entity tag of a case as staff see it.';

-- The columns of a case in lists of staff. The subject of a confidential one is for whoever opens it.
CREATE FUNCTION case_listed(c casefile, k case_clock, at timestamptz) RETURNS TABLE (
    id uuid, kind text, number text, state text, round int, subject text, unit_code text, service_code text,
    county text, channel text, external_ref text, confidential boolean, wants_call boolean, untranscribed boolean,
    "received_at received_on_jalali" timestamptz, "registered_at registered_on_jalali" timestamptz, updated_at timestamptz,
    "due_on due_on_jalali" date, due_at timestamptz, open boolean, overdue boolean, long_overdue boolean,
    escalation_level int, "first_response_at first_response_on_jalali" timestamptz,
    "answered_at answered_on_jalali" timestamptz, "closed_at closed_on_jalali" timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.id, c.kind, c.number, c.state, c.round, CASE WHEN NOT c.is_confidential THEN c.subject END, c.unit_code,
        c.service_code, c.county, c.channel, c.external_ref, c.is_confidential, c.wants_call, c.is_untranscribed,
        c.received_at, c.registered_at, greatest(c.updated_at, k.moved_at), k.due_on, k.due_at, case_is_open(c),
        case_is_overdue(k, at),
        case_is_overdue(k, at) AND coalesce(at >= k.steps[cardinality(k.steps)], false),
        case_level(k, at), c.first_response_at, c.answered_at, c.closed_at
$$;
COMMENT ON FUNCTION case_listed IS 'A case in a list of staff.';

-- Whoever came by the portal reads a reply there as soon as it is written; by all other channels somebody brings it.
CREATE FUNCTION delivery_begins(channel text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE channel WHEN 'web' THEN 'delivered' ELSE 'waiting' END
$$;
COMMENT ON FUNCTION delivery_begins IS 'The first state of a reply on its way to the citizen.';

CREATE FUNCTION delivery_told(m case_message) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN m.delivery IS NOT NULL THEN jsonb_build_object('state', m.delivery, 'at', json_instant(m.delivered_at),
        'on_jalali', jalali_on(m.delivered_at), 'note', m.delivery_note) END
$$;
COMMENT ON FUNCTION delivery_told IS 'Whether a reply reached the citizen, as JSON.';

CREATE FUNCTION attachment_told(a attachment) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('id', a.id, 'message_id', a.message_id, 'name', a.name, 'media_type', a.media_type,
        'size', a.size, 'scan', a.scan)
$$;
COMMENT ON FUNCTION attachment_told IS 'A file as a case lists it, as JSON.';

-- The files of a case as its citizen may see them: their own and what replies brought, never those of notes.
CREATE FUNCTION case_files_told(own uuid, followed uuid) RETURNS SETOF attachment
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.* FROM attachment a LEFT JOIN case_message m ON m.id = a.message_id
    WHERE a.case_id = ANY (ARRAY[own, followed]) AND (m.kind = 'reply' OR (a.case_id = own AND m.kind IS DISTINCT FROM 'note'))
$$;
COMMENT ON FUNCTION case_files_told IS 'Files of a case that its citizen may see.';

-- What a citizen is told by tracking code: `own` is the case that the code opens, `was` the message that it had been,
-- `followed` the case that it follows (another one where `own` was merged). Notes, and what other filers wrote, stay inside.
CREATE FUNCTION case_told(own uuid, was uuid, followed uuid) RETURNS TABLE (messages json, attachments json, timeline json)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_to_json(ARRAY(
            SELECT row_to_json(s) FROM (
                SELECT json_instant(m.at) AS at, jalali_on(m.at) AS on_jalali,
                    CASE m.kind WHEN 'citizen' THEN 'citizen' ELSE 'office' END AS "from", m.text
                FROM (SELECT m.at, m.id, m.kind, m.text FROM case_message m
                      WHERE m.case_id = ANY (ARRAY[own, was, followed])
                        AND (m.kind = 'reply' OR (m.kind = 'citizen' AND m.case_id = ANY (ARRAY[own, was])))
                      ORDER BY m.at DESC, m.id DESC LIMIT 200) m
                ORDER BY m.at, m.id) s)),
        array_to_json(ARRAY(
            SELECT attachment_told(a) FROM case_files_told(own, followed) a ORDER BY a.uploaded_at, a.id)),
        array_to_json(ARRAY(
            SELECT row_to_json(s) FROM (
                SELECT json_instant(e.at) AS at, jalali_on(e.at) AS on_jalali, e.kind
                FROM (SELECT e.at, e.id, e.kind FROM event e
                      WHERE e.subject_id = ANY (ARRAY[own, was, followed]) AND e.is_public
                      ORDER BY e.at DESC, e.id DESC LIMIT 200) e
                ORDER BY e.at, e.id) s))
$$;
COMMENT ON FUNCTION case_told IS 'Thread, files and timeline of a case as its citizen sees them.';

-- The same as staff see it: notes too, and what was said of the cases merged into it.
CREATE FUNCTION case_log(own uuid, was uuid) RETURNS TABLE (messages json, attachments json, timeline json)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_to_json(ARRAY(
            SELECT row_to_json(s) FROM (
                SELECT m.id, m.case_id, json_instant(m.at) AS at, jalali_on(m.at) AS on_jalali, m.kind, m.text, m.channel,
                    m.author_id, delivery_told(m.m) AS delivery
                FROM (SELECT m.id, m.case_id, m.at, m.kind, m.text, m.channel, m.author_id, m FROM case_message m
                      WHERE m.case_id = ANY (ARRAY(SELECT own UNION ALL SELECT was
                                                   UNION ALL SELECT f.id FROM casefile f WHERE f.merged_into = own))
                      ORDER BY m.at DESC, m.id DESC LIMIT 200) m
                ORDER BY m.at, m.id) s)),
        array_to_json(ARRAY(
            SELECT attachment_told(a) FROM attachment a WHERE a.case_id = own ORDER BY a.uploaded_at, a.id)),
        array_to_json(ARRAY(
            SELECT row_to_json(s) FROM (
                SELECT json_instant(e.at) AS at, jalali_on(e.at) AS on_jalali, e.kind, e.actor_kind AS actor, e.data
                FROM (SELECT e.at, e.id, e.kind, e.actor_kind, e.data FROM event e WHERE e.subject_id = own
                      ORDER BY e.at DESC, e.id DESC LIMIT 200) e
                ORDER BY e.at, e.id) s))
$$;
COMMENT ON FUNCTION case_log IS 'Thread, files and timeline of a case as staff see them.';

-- What staff see besides, in one case.
CREATE FUNCTION case_opened(c casefile) RETURNS TABLE (
    text text, person jsonb, addressee jsonb, filed_by uuid, "followup_from followup_from_jalali" date,
    answered_days int, total_days int, "paused_at paused_on_jalali" timestamptz, "closes_on closes_on_jalali" date,
    answer text, outcome jsonb, reason_code text, reason text, rating jsonb, merged_into uuid, merged_filers int,
    converted_from uuid, converted_into uuid, messages json, attachments json, timeline json)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.text, c.person, c.addressee, c.filed_by, c.followup_from, c.answered_days, c.total_days, c.paused_at,
        c.closes_on, c.answer, c.outcome, c.reason_code, c.reason,
        CASE WHEN c.rating IS NOT NULL THEN jsonb_build_object('rating', c.rating, 'text', c.rating_text,
            'at', json_instant(c.rated_at), 'on_jalali', jalali_on(c.rated_at)) END,
        c.merged_into, (SELECT count(*)::int FROM casefile f WHERE f.merged_into = c.id), c.converted_from,
        c.converted_into, l.messages, l.attachments, l.timeline
    FROM case_log(c.id, c.converted_from) l
$$;
COMMENT ON FUNCTION case_opened IS 'What only a case that is opened shows, to staff.';

-- These two in PL/pgSQL: a subquery cannot be inlined, and a function in SQL is planned anew by each statement that calls it.

-- NULL names none, and that is fine.
CREATE FUNCTION unit_is_there(org uuid, unit_code text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN unit_code IS NULL OR EXISTS (SELECT FROM unit u WHERE u.org_id = org AND u.code = unit_code
                                                              AND u.retired_at IS NULL);
END $$;
COMMENT ON FUNCTION unit_is_there IS 'Whether an organisation has such a unit.';

-- Where a case goes that is taken up again.
CREATE FUNCTION inspection_of(org uuid) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT u.code FROM unit u WHERE u.org_id = org AND u.kind = 'inspection' AND u.retired_at IS NULL
            ORDER BY u.position LIMIT 1);
END $$;
COMMENT ON FUNCTION inspection_of IS 'The unit of inspection and complaints, NULL if an organisation has none.';
