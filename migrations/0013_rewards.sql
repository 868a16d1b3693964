-- Rewards for suggestions (S5): a ledger that is only ever added to. A reward is proposed, decided and paid in lines, one for
-- each who gets something; what was wrong is taken back by an entry of its own. The sums are the database's to keep.

CREATE TABLE reward_entry (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    suggestion_id uuid NOT NULL REFERENCES case_suggestion,
    reward_id uuid NOT NULL,
    line int NOT NULL CHECK (line >= 0),
    kind text NOT NULL CHECK (kind IN ('proposed', 'decided', 'paid')),
    sign int NOT NULL CHECK (sign IN (1, -1)),
    amount bigint CHECK (amount BETWEEN 0 AND 1000000000000),
    benefit text,
    beneficiary text NOT NULL CHECK (beneficiary IN ('submitter', 'co_suggester', 'participant')),
    name text NOT NULL,
    role text,
    share int CHECK (share BETWEEN 0 AND 10000),
    refers_to uuid REFERENCES reward_entry,
    reverses uuid UNIQUE REFERENCES reward_entry,
    text text,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    session_id uuid REFERENCES committee_session,
    CHECK ((amount IS NULL) <> (benefit IS NULL)),
    CHECK ((sign = -1) = (reverses IS NOT NULL)),
    CHECK ((kind = 'proposed') = (refers_to IS NULL)),
    CHECK ((beneficiary = 'participant') = (share IS NULL))
);
CREATE INDEX reward_entry_by_suggestion ON reward_entry (suggestion_id, at, id);
CREATE INDEX reward_entry_by_reward ON reward_entry (reward_id, line);
CREATE INDEX reward_entry_by_org ON reward_entry (org_id, at);
COMMENT ON TABLE reward_entry IS 'The ledger of rewards. Never changed: a mistake is reversed by another entry.';
COMMENT ON COLUMN reward_entry.id IS 'Id.';
COMMENT ON COLUMN reward_entry.org_id IS 'Organisation.';
COMMENT ON COLUMN reward_entry.suggestion_id IS 'Suggestion.';
COMMENT ON COLUMN reward_entry.reward_id IS 'The reward, named by the event that proposed it.';
COMMENT ON COLUMN reward_entry.line IS 'Which of those who get it; from 0.';
COMMENT ON COLUMN reward_entry.kind IS 'proposed, decided or paid.';
COMMENT ON COLUMN reward_entry.sign IS '-1: takes an earlier entry back.';
COMMENT ON COLUMN reward_entry.amount IS 'Rials; NULL: something other than money.';
COMMENT ON COLUMN reward_entry.benefit IS 'What it is, where it is not money.';
COMMENT ON COLUMN reward_entry.beneficiary IS 'submitter, co_suggester or participant (expert, implementer, ...).';
COMMENT ON COLUMN reward_entry.name IS 'Who gets it.';
COMMENT ON COLUMN reward_entry.role IS 'As what a participant took part.';
COMMENT ON COLUMN reward_entry.share IS 'Of those who suggested: hundredths of a percent.';
COMMENT ON COLUMN reward_entry.refers_to IS 'What was decided: its proposal; what was paid: its decision.';
COMMENT ON COLUMN reward_entry.reverses IS 'The entry that this one takes back.';
COMMENT ON COLUMN reward_entry.text IS 'Why, or the number of the payment.';
COMMENT ON COLUMN reward_entry.at IS 'When.';
COMMENT ON COLUMN reward_entry.actor_id IS 'API key of whoever did it.';
COMMENT ON COLUMN reward_entry.session_id IS 'The session that judged the suggestion.';

CREATE TRIGGER reward_kept BEFORE UPDATE OR DELETE ON reward_entry FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER reward_kept_all BEFORE TRUNCATE ON reward_entry FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();

-- One line of a reward, added up. Other than money counts as pieces.
CREATE FUNCTION reward_lines(reward uuid) RETURNS TABLE (
    line int, beneficiary text, name text, role text, share int, benefit text, proposed bigint, decided bigint, paid bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.line, min(e.beneficiary), min(e.name), min(e.role), min(e.share), min(e.benefit),
        coalesce(sum(e.sign * coalesce(e.amount, 1)) FILTER (WHERE e.kind = 'proposed'), 0)::bigint,
        coalesce(sum(e.sign * coalesce(e.amount, 1)) FILTER (WHERE e.kind = 'decided'), 0)::bigint,
        coalesce(sum(e.sign * coalesce(e.amount, 1)) FILTER (WHERE e.kind = 'paid'), 0)::bigint
    FROM reward_entry e WHERE e.reward_id = reward GROUP BY e.line
$$;
COMMENT ON FUNCTION reward_lines IS 'The lines of a reward with what was proposed, decided and paid, reversals taken off.';

-- Whoever writes the ledger of a suggestion holds its case file's row: two entries that would be too much together wait for
-- each other, and the second one sees the first.
CREATE FUNCTION reward_lock(suggestion uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM casefile c WHERE c.id = suggestion FOR NO KEY UPDATE;
END $$;
COMMENT ON FUNCTION reward_lock IS 'Makes writers of one suggestion''s rewards wait for each other.';

CREATE FUNCTION reward_entry_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    origin reward_entry;
    shares jsonb;
BEGIN
    PERFORM reward_lock(NEW.suggestion_id);
    SELECT s.shares INTO shares FROM case_suggestion s WHERE s.case_id = NEW.suggestion_id AND s.org_id = NEW.org_id;
    IF shares IS NULL OR shares = '[]' THEN
        RAISE EXCEPTION 'an anonymous suggestion has no rewards' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO origin FROM reward_entry e WHERE e.id = coalesce(NEW.reverses, NEW.refers_to);
    IF NEW.reverses IS NOT NULL AND (origin.sign, origin.reward_id, origin.line, origin.kind, origin.amount, origin.benefit)
        IS DISTINCT FROM (1, NEW.reward_id, NEW.line, NEW.kind, NEW.amount, NEW.benefit) THEN
        RAISE EXCEPTION 'a reversal takes back one whole entry' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reverses IS NULL AND NEW.refers_to IS NOT NULL AND (origin.sign, origin.reward_id, origin.line, origin.kind)
        IS DISTINCT FROM (1, NEW.reward_id, NEW.line, CASE NEW.kind WHEN 'decided' THEN 'proposed' ELSE 'decided' END) THEN
        RAISE EXCEPTION 'an entry refers to the step before it, of its own line' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION reward_entry_check IS 'An entry fits what it refers to or takes back.';
CREATE TRIGGER reward_entry_checked BEFORE INSERT ON reward_entry FOR EACH ROW EXECUTE FUNCTION reward_entry_check();

-- Paid against decided by line, decided against proposed in all: a smaller sum may be split with a rial more for one.
CREATE FUNCTION reward_sums_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reward_lock(NEW.suggestion_id);
    IF EXISTS (SELECT FROM reward_lines(NEW.reward_id) l
               WHERE l.paid < 0 OR l.decided < l.paid OR l.proposed < 0 OR NEW.benefit IS NOT NULL AND l.proposed > 1)
       OR (SELECT sum(l.decided) > sum(l.proposed) FROM reward_lines(NEW.reward_id) l) THEN
        RAISE EXCEPTION 'more would be paid than decided, or decided than proposed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION reward_sums_check IS 'Nothing is paid that was not decided, nothing decided that was not proposed.';
CREATE CONSTRAINT TRIGGER reward_sums AFTER INSERT ON reward_entry
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION reward_sums_check();

-- The lines as they stand once nobody else writes: for statements that judge before they write.
CREATE FUNCTION reward_lines_locked(suggestion uuid, reward uuid) RETURNS SETOF jsonb
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reward_lock(suggestion);
    RETURN QUERY SELECT to_jsonb(l) FROM reward_lines(reward) l ORDER BY l.line;
END $$;
COMMENT ON FUNCTION reward_lines_locked IS 'reward_lines() after waiting for other writers.';

CREATE FUNCTION reward_state(proposed numeric, decided numeric, paid numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN decided > 0 AND paid >= decided THEN 'paid' WHEN decided > 0 THEN 'decided'
            WHEN proposed > 0 THEN 'proposed' ELSE 'none' END;
COMMENT ON FUNCTION reward_state IS 'How far a reward is: none, proposed, decided, paid.';

CREATE FUNCTION reward_shown(reward uuid) RETURNS TABLE (
    id uuid, suggestion_id uuid, "for" text, state text, benefit text, proposed bigint, decided bigint, paid bigint,
    lines jsonb, entries jsonb)
LANGUAGE sql STABLE AS $$
    SELECT reward, e.suggestion_id, e.aim, reward_state(l.proposed, l.decided, l.paid), l.benefit,
        CASE WHEN l.benefit IS NULL THEN l.proposed::bigint END, CASE WHEN l.benefit IS NULL THEN l.decided::bigint END,
        CASE WHEN l.benefit IS NULL THEN l.paid::bigint END, l.lines, e.entries
    FROM (SELECT sum(x.proposed) AS proposed, sum(x.decided) AS decided, sum(x.paid) AS paid, min(x.benefit) AS benefit,
            jsonb_agg(jsonb_build_object('line', x.line, 'beneficiary', x.beneficiary, 'name', x.name, 'role', x.role,
                'share', trim_scale(x.share::numeric / 100), 'state', reward_state(x.proposed, x.decided, x.paid))
                || CASE WHEN x.benefit IS NULL
                   THEN jsonb_build_object('proposed', x.proposed, 'decided', x.decided, 'paid', x.paid)
                   ELSE '{"proposed": null, "decided": null, "paid": null}' END ORDER BY x.line) AS lines
          FROM reward_lines(reward) x) l
    CROSS JOIN (
        SELECT min(x.suggestion_id::text)::uuid AS suggestion_id,
            CASE WHEN bool_or(x.beneficiary = 'participant') THEN 'participant' ELSE 'submitters' END AS aim,
            jsonb_agg(jsonb_build_object('id', x.id, 'line', x.line, 'kind', x.kind, 'amount', x.sign * x.amount,
                'reverses', x.reverses, 'refers_to', x.refers_to, 'text', x.text, 'at', json_instant(x.at),
                'actor_id', x.actor_id) ORDER BY x.at, x.kind = 'paid', x.kind = 'decided', x.line, x.id) AS entries
        FROM reward_entry x WHERE x.reward_id = reward) e
    WHERE e.suggestion_id IS NOT NULL
$$;
COMMENT ON FUNCTION reward_shown IS 'A reward as answers show it to staff.';

-- What the author is told by tracking code: their own part, once something was decided.
CREATE FUNCTION reward_told(suggestion uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('state', reward_state(sum(l.proposed), sum(l.decided), sum(l.paid)),
        'decided', coalesce(sum(l.decided) FILTER (WHERE l.benefit IS NULL), 0),
        'paid', coalesce(sum(l.paid) FILTER (WHERE l.benefit IS NULL), 0),
        'benefits', coalesce(jsonb_agg(l.benefit ORDER BY l.benefit) FILTER (WHERE l.benefit IS NOT NULL AND l.decided > 0), '[]'))
    FROM (SELECT DISTINCT e.reward_id FROM reward_entry e WHERE e.suggestion_id = suggestion) r
    CROSS JOIN LATERAL reward_lines(r.reward_id) l
    WHERE l.beneficiary = 'submitter'
    HAVING count(*) > 0
$$;
COMMENT ON FUNCTION reward_told IS 'The author''s own reward, as JSON; NULL: none was proposed.';

-- Sums of an organisation by Jalali year, of each kind in the year of its entry. Public.
CREATE FUNCTION reward_years(org uuid) RETURNS TABLE (
    year int, suggestions bigint, proposed bigint, decided bigint, paid bigint, paid_to_submitters bigint,
    paid_to_participants bigint, benefits bigint)
LANGUAGE sql STABLE AS $$
    SELECT jalali_month((e.at AT TIME ZONE 'Asia/Tehran')::date) / 100, count(DISTINCT e.suggestion_id) FILTER (WHERE e.kind = 'decided'),
        coalesce(sum(e.sign * e.amount) FILTER (WHERE e.kind = 'proposed'), 0)::bigint,
        coalesce(sum(e.sign * e.amount) FILTER (WHERE e.kind = 'decided'), 0)::bigint,
        coalesce(sum(e.sign * e.amount) FILTER (WHERE e.kind = 'paid'), 0)::bigint,
        coalesce(sum(e.sign * e.amount) FILTER (WHERE e.kind = 'paid' AND e.beneficiary <> 'participant'), 0)::bigint,
        coalesce(sum(e.sign * e.amount) FILTER (WHERE e.kind = 'paid' AND e.beneficiary = 'participant'), 0)::bigint,
        coalesce(sum(e.sign) FILTER (WHERE e.kind = 'paid' AND e.benefit IS NOT NULL), 0)::bigint
    FROM reward_entry e WHERE e.org_id = org GROUP BY 1
$$;
COMMENT ON FUNCTION reward_years IS 'What was proposed, decided and paid by an organisation in each Jalali year.';
