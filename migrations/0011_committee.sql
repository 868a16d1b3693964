-- Judging committees: members, criteria, sessions, ballots, conflicts of interest. What they decide, and what is paid for
-- it, stands in the two migrations that follow.

CREATE TABLE committee (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    name_fa text NOT NULL,
    name_en text NOT NULL,
    quorum_members int NOT NULL CHECK (quorum_members >= 1),
    quorum_numerator int NOT NULL CHECK (quorum_numerator >= 0),
    quorum_denominator int NOT NULL CHECK (quorum_denominator >= quorum_numerator AND quorum_denominator >= 1),
    criteria_version int NOT NULL DEFAULT 0,
    sessions int NOT NULL DEFAULT 0,
    row_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    UNIQUE (org_id, code)
);
CREATE INDEX committee_by_org ON committee (org_id, created_at, id);
COMMENT ON TABLE committee IS 'A judging committee of an organisation.';
COMMENT ON COLUMN committee.id IS 'Id, also of the event that founded it.';
COMMENT ON COLUMN committee.org_id IS 'Organisation.';
COMMENT ON COLUMN committee.code IS 'The name in addresses.';
COMMENT ON COLUMN committee.name_fa IS 'Persian name.';
COMMENT ON COLUMN committee.name_en IS 'English name.';
COMMENT ON COLUMN committee.quorum_members IS 'At least so many members must be there,';
COMMENT ON COLUMN committee.quorum_numerator IS 'and at least this part of those entitled: numerator.';
COMMENT ON COLUMN committee.quorum_denominator IS 'Denominator of that part.';
COMMENT ON COLUMN committee.criteria_version IS 'The present set of criteria; 0: none yet.';
COMMENT ON COLUMN committee.sessions IS 'How many sessions were planned so far: the number of the last one.';
COMMENT ON COLUMN committee.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN committee.created_at IS 'When it was founded.';
COMMENT ON COLUMN committee.updated_at IS 'Last change.';
COMMENT ON COLUMN committee.retired_at IS 'When it was dissolved; NULL: in office.';

CREATE TABLE committee_member (
    id uuid PRIMARY KEY,
    committee_id uuid NOT NULL REFERENCES committee,
    key_id uuid NOT NULL REFERENCES api_key,
    name text NOT NULL,
    unit_code text,
    office text NOT NULL CHECK (office IN ('chair', 'deputy', 'member', 'secretary')),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz CHECK (valid_to >= valid_from),
    created_at timestamptz NOT NULL
);
CREATE INDEX committee_member_by_committee ON committee_member (committee_id, valid_from, id);
COMMENT ON TABLE committee_member IS 'Who sits on a committee, as what, and how long. A new term is a new row.';
COMMENT ON COLUMN committee_member.id IS 'Id, also of its event.';
COMMENT ON COLUMN committee_member.committee_id IS 'Committee.';
COMMENT ON COLUMN committee_member.key_id IS 'The API key by which the member acts.';
COMMENT ON COLUMN committee_member.name IS 'Name, public.';
COMMENT ON COLUMN committee_member.unit_code IS 'Where the member works: suggestions of that unit are not the member''s to judge.';
COMMENT ON COLUMN committee_member.office IS 'chair; deputy, who presides for the chair; member; secretary, who has no vote.';
COMMENT ON COLUMN committee_member.valid_from IS 'Beginning of the term.';
COMMENT ON COLUMN committee_member.valid_to IS 'First instant after it; NULL: open.';
COMMENT ON COLUMN committee_member.created_at IS 'When it was entered.';

CREATE TABLE criterion (
    committee_id uuid NOT NULL REFERENCES committee,
    version int NOT NULL,
    position int NOT NULL,
    code text NOT NULL,
    weight int NOT NULL CHECK (weight BETWEEN 0 AND 100),
    max_points int NOT NULL CHECK (max_points BETWEEN 1 AND 20),
    title_fa text NOT NULL,
    title_en text NOT NULL,
    PRIMARY KEY (committee_id, version, code)
);
CREATE TRIGGER criterion_kept BEFORE UPDATE OR DELETE ON criterion FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER criterion_kept_all BEFORE TRUNCATE ON criterion FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
COMMENT ON TABLE criterion IS 'By what a committee judges. A change is a new set; a session keeps the set that stood when it opened.';
COMMENT ON COLUMN criterion.committee_id IS 'Committee.';
COMMENT ON COLUMN criterion.version IS 'Number of the set.';
COMMENT ON COLUMN criterion.position IS 'Order in the set.';
COMMENT ON COLUMN criterion.code IS 'Stable name.';
COMMENT ON COLUMN criterion.weight IS 'How much it counts.';
COMMENT ON COLUMN criterion.max_points IS 'Points go from 0 to this.';
COMMENT ON COLUMN criterion.title_fa IS 'Persian title.';
COMMENT ON COLUMN criterion.title_en IS 'English title.';

CREATE TABLE committee_session (
    id uuid PRIMARY KEY,
    committee_id uuid NOT NULL REFERENCES committee,
    number int NOT NULL,
    state text NOT NULL CHECK (state IN ('planned', 'open', 'closed', 'cancelled')),
    row_version int NOT NULL DEFAULT 1,
    ballots int NOT NULL DEFAULT 0,
    held_at timestamptz NOT NULL,
    place text,
    link text,
    criteria_version int,
    entitled uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(entitled) <= 100),
    present uuid[] NOT NULL DEFAULT '{}' CHECK (present <@ entitled),
    quorum_needed int,
    minutes text,
    minutes_at timestamptz,
    opened_at timestamptz,
    closed_at timestamptz,
    reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (committee_id, number),
    CHECK (state <> 'closed' OR (minutes IS NOT NULL AND quorum_needed IS NOT NULL AND closed_at IS NOT NULL))
);
COMMENT ON TABLE committee_session IS 'A sitting of a committee.';
COMMENT ON COLUMN committee_session.id IS 'Id, also of its event.';
COMMENT ON COLUMN committee_session.committee_id IS 'Committee.';
COMMENT ON COLUMN committee_session.number IS 'Counts from 1 in each committee: the name in addresses.';
COMMENT ON COLUMN committee_session.state IS 'planned, open, closed or cancelled.';
COMMENT ON COLUMN committee_session.row_version IS 'Rises with every change by the secretary: the entity tag.';
COMMENT ON COLUMN committee_session.ballots IS 'Rises with every ballot and recusal: whether a result was computed from all of them.';
COMMENT ON COLUMN committee_session.held_at IS 'When it is held.';
COMMENT ON COLUMN committee_session.place IS 'Where.';
COMMENT ON COLUMN committee_session.link IS 'Where, for those who are not there in person.';
COMMENT ON COLUMN committee_session.criteria_version IS 'The set of criteria, from the opening on.';
COMMENT ON COLUMN committee_session.entitled IS 'Members with a vote who were in office at the opening.';
COMMENT ON COLUMN committee_session.present IS 'Those of them who are there.';
COMMENT ON COLUMN committee_session.quorum_needed IS 'How many must be there, from the closing on.';
COMMENT ON COLUMN committee_session.minutes IS 'The minutes.';
COMMENT ON COLUMN committee_session.minutes_at IS 'When they were filed.';
COMMENT ON COLUMN committee_session.opened_at IS 'When it was opened.';
COMMENT ON COLUMN committee_session.closed_at IS 'When it was closed: nothing of it changes from then on.';
COMMENT ON COLUMN committee_session.reason IS 'Why it was cancelled.';
COMMENT ON COLUMN committee_session.created_at IS 'When it was planned.';
COMMENT ON COLUMN committee_session.updated_at IS 'Last change.';

CREATE TABLE session_item (
    session_id uuid NOT NULL REFERENCES committee_session,
    suggestion_id uuid NOT NULL REFERENCES casefile,
    position int NOT NULL,
    added_at timestamptz NOT NULL,
    is_pending boolean NOT NULL DEFAULT true,
    voters uuid[],
    is_quorate boolean,
    is_complete boolean,
    scored int,
    abstained int,
    mean_numerator bigint,
    mean_denominator bigint CHECK (mean_denominator > 0),
    score int CHECK (score BETWEEN 0 AND 10000),
    rank int,
    PRIMARY KEY (session_id, suggestion_id)
);
CREATE INDEX session_item_by_suggestion ON session_item (suggestion_id, added_at);
CREATE UNIQUE INDEX session_item_pending ON session_item (suggestion_id) WHERE is_pending;
COMMENT ON TABLE session_item IS 'A suggestion on the agenda of a session, and what came of it.';
COMMENT ON COLUMN session_item.session_id IS 'Session.';
COMMENT ON COLUMN session_item.suggestion_id IS 'Suggestion.';
COMMENT ON COLUMN session_item.position IS 'Order on the agenda.';
COMMENT ON COLUMN session_item.added_at IS 'When it was put there.';
COMMENT ON COLUMN session_item.is_pending IS 'Until the session is closed or cancelled: of one session at a time.';
COMMENT ON COLUMN session_item.voters IS 'Members present and not recused, from the closing on.';
COMMENT ON COLUMN session_item.is_quorate IS 'Whether they were enough.';
COMMENT ON COLUMN session_item.is_complete IS 'Whether each of them scored or abstained.';
COMMENT ON COLUMN session_item.scored IS 'How many scored.';
COMMENT ON COLUMN session_item.abstained IS 'How many abstained.';
COMMENT ON COLUMN session_item.mean_numerator IS 'The mean of their judgements, exact: numerator.';
COMMENT ON COLUMN session_item.mean_denominator IS 'Denominator; NULL: no result.';
COMMENT ON COLUMN session_item.score IS 'The same in hundredths of a percent, rounded half up.';
COMMENT ON COLUMN session_item.rank IS 'Place among the results of the session, 1 the best; equal results share one.';

CREATE TABLE ballot (
    session_id uuid NOT NULL,
    suggestion_id uuid NOT NULL,
    member_id uuid NOT NULL REFERENCES committee_member,
    points jsonb NOT NULL,
    abstains boolean NOT NULL,
    remark text,
    updated_at timestamptz NOT NULL,
    submitted_at timestamptz,
    PRIMARY KEY (session_id, suggestion_id, member_id),
    FOREIGN KEY (session_id, suggestion_id) REFERENCES session_item
);
COMMENT ON TABLE ballot IS 'One member''s judgement of one suggestion in one session.';
COMMENT ON COLUMN ballot.session_id IS 'Session.';
COMMENT ON COLUMN ballot.suggestion_id IS 'Suggestion.';
COMMENT ON COLUMN ballot.member_id IS 'Who judges.';
COMMENT ON COLUMN ballot.points IS 'Criterion code to points.';
COMMENT ON COLUMN ballot.abstains IS 'The member gives no judgement.';
COMMENT ON COLUMN ballot.remark IS 'The member''s words with it.';
COMMENT ON COLUMN ballot.updated_at IS 'Last change.';
COMMENT ON COLUMN ballot.submitted_at IS 'When it was given; it no longer changes. NULL: a draft that nobody else sees or counts.';

CREATE FUNCTION ballot_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.submitted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a submitted ballot no longer changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
COMMENT ON FUNCTION ballot_keep IS 'Refuses to change a ballot that was given.';
CREATE TRIGGER ballot_kept BEFORE UPDATE OR DELETE ON ballot FOR EACH ROW EXECUTE FUNCTION ballot_keep();
CREATE TRIGGER ballot_kept_all BEFORE TRUNCATE ON ballot FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();

CREATE TABLE recusal (
    session_id uuid NOT NULL,
    suggestion_id uuid NOT NULL,
    member_id uuid NOT NULL REFERENCES committee_member,
    ground text NOT NULL CHECK (ground IN ('own_unit', 'own_suggestion', 'declared')),
    text text,
    at timestamptz NOT NULL,
    PRIMARY KEY (session_id, suggestion_id, member_id),
    FOREIGN KEY (session_id, suggestion_id) REFERENCES session_item
);
COMMENT ON TABLE recusal IS 'Who may not judge what. Those that the server sees by itself are written down at the closing.';
COMMENT ON COLUMN recusal.session_id IS 'Session.';
COMMENT ON COLUMN recusal.suggestion_id IS 'Suggestion.';
COMMENT ON COLUMN recusal.member_id IS 'Who is recused.';
COMMENT ON COLUMN recusal.ground IS 'own_unit, own_suggestion, or declared by the member.';
COMMENT ON COLUMN recusal.text IS 'The member''s words.';
COMMENT ON COLUMN recusal.at IS 'When.';

-- One row for each suggestion of a session and each member with a vote: there or not, recused or not, and the ballot. Every
-- statement that shows or counts ballots begins here; who may see them is decided by ballots_shown().
CREATE FUNCTION session_seats(s committee_session) RETURNS TABLE (
    suggestion_id uuid, member_id uuid, key_id uuid, name text, office text, is_present boolean, ground text,
    is_submitted boolean, b ballot)
LANGUAGE sql STABLE AS $$
    SELECT i.suggestion_id, m.id, m.key_id, m.name, m.office, m.id = ANY (s.present),
        CASE WHEN r.ground IS NOT NULL THEN r.ground
             WHEN s.state = 'closed' THEN NULL
             WHEN c.filed_by = m.key_id OR EXISTS (
                 SELECT FROM case_suggestion o CROSS JOIN jsonb_array_elements(o.shares) p
                 WHERE o.case_id = c.id AND fa_fingerprint(p ->> 'name') = fa_fingerprint(m.name)) THEN 'own_suggestion'
             WHEN c.unit_code = m.unit_code THEN 'own_unit' END,
        b.submitted_at IS NOT NULL, b
    FROM session_item i
    JOIN casefile c ON c.id = i.suggestion_id
    JOIN committee_member m ON m.id = ANY (s.entitled)
    LEFT JOIN recusal r ON r.session_id = s.id AND r.suggestion_id = i.suggestion_id AND r.member_id = m.id
    LEFT JOIN ballot b ON b.session_id = s.id AND b.suggestion_id = i.suggestion_id AND b.member_id = m.id
    WHERE i.session_id = s.id
$$;
COMMENT ON FUNCTION session_seats IS 'Every member''s place before every suggestion of a session.';

-- The ballots on one suggestion as the holder of a key may see them. While the session is open: one's own, and those of others
-- once one's own is given. Afterwards: all. Who judged is no secret; points, abstention and remark are.
CREATE FUNCTION ballots_shown(s committee_session, suggestion uuid, viewer uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('member_id', t.member_id, 'name', t.name, 'office', t.office,
        'present', t.is_present, 'recused', t.ground, 'submitted', t.is_submitted, 'visible', k.may_see,
        'points', CASE WHEN k.may_see THEN (t.b).points END, 'abstains', CASE WHEN k.may_see THEN (t.b).abstains END,
        'remark', CASE WHEN k.may_see THEN (t.b).remark END) ORDER BY t.name, t.member_id), '[]')
    FROM session_seats(s) t
    CROSS JOIN LATERAL (SELECT (t.b).member_id IS NOT NULL AND (t.key_id = viewer OR t.is_submitted AND (s.state = 'closed'
        OR EXISTS (SELECT FROM session_seats(s) o WHERE o.suggestion_id = suggestion AND o.key_id = viewer
                   AND o.is_present AND o.is_submitted AND o.ground IS NULL))) AS may_see) k
    WHERE t.suggestion_id = suggestion
$$;
COMMENT ON FUNCTION ballots_shown IS 'The ballots on a suggestion as far as somebody may see them, as JSON.';

CREATE FUNCTION committee_members(c committee, at timestamptz, is_staff boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'unit_code', m.unit_code, 'office', m.office,
        'valid_from', json_instant(m.valid_from), 'valid_to', json_instant(m.valid_to),
        'key_id', CASE WHEN is_staff THEN m.key_id END)
        ORDER BY array_position('{chair,deputy,member,secretary}', m.office), m.valid_from, m.id), '[]')
    FROM committee_member m
    WHERE m.committee_id = c.id AND (is_staff OR m.valid_from <= at) AND (m.valid_to IS NULL OR m.valid_to > at)
$$;
COMMENT ON FUNCTION committee_members IS 'The members of a committee, as JSON; to staff those of the future, too.';

CREATE FUNCTION committee_criteria(committee uuid, version int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'weight', r.weight, 'max_points', r.max_points,
        'title_fa', r.title_fa, 'title_en', r.title_en) ORDER BY r.position), '[]')
    FROM criterion r WHERE r.committee_id = committee AND r.version = committee_criteria.version
$$;
COMMENT ON FUNCTION committee_criteria IS 'A set of criteria, as JSON.';

CREATE FUNCTION committee_shown(c committee, at timestamptz, is_staff boolean) RETURNS TABLE (
    code text, name_fa text, name_en text, quorum jsonb, members jsonb, criteria jsonb, criteria_version int,
    sessions_held int, suggestions_judged int, created_at timestamptz, updated_at timestamptz, retired_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT c.code, c.name_fa, c.name_en, jsonb_build_object('members', c.quorum_members, 'numerator', c.quorum_numerator,
            'denominator', c.quorum_denominator),
        committee_members(c, at, is_staff), committee_criteria(c.id, c.criteria_version), c.criteria_version,
        (SELECT count(*)::int FROM committee_session s WHERE s.committee_id = c.id AND s.state = 'closed'),
        (SELECT count(*)::int FROM committee_session s JOIN session_item i ON i.session_id = s.id
         WHERE s.committee_id = c.id AND s.state = 'closed' AND i.is_quorate AND i.is_complete),
        c.created_at, c.updated_at, c.retired_at
$$;
COMMENT ON FUNCTION committee_shown IS 'A committee as answers show it.';

-- Entity tag: what is stored, and what time and sessions make of it.
CREATE FUNCTION committee_tag(c committee, at timestamptz, is_staff boolean) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT c.row_version || '-' || left(md5(concat(s.members, s.sessions_held, s.suggestions_judged)), 12)
    FROM committee_shown(c, at, is_staff) s
$$;
COMMENT ON FUNCTION committee_tag IS 'Entity tag of a committee.';

-- A session as those see it who prepare it or sit in it. Results are there from the closing on, ballots nowhere.
CREATE FUNCTION session_shown(s committee_session) RETURNS TABLE (
    id uuid, number int, state text, "held_at held_on_jalali" timestamptz, place text, link text, members jsonb,
    criteria jsonb, quorum_needed int, minutes text, minutes_at timestamptz, opened_at timestamptz, closed_at timestamptz,
    reason text, items jsonb)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.number, s.state, s.held_at, s.place, s.link,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'office', m.office,
            'present', m.id = ANY (s.present)) ORDER BY m.name, m.id), '[]')
         FROM committee_member m WHERE m.id = ANY (s.entitled)),
        (SELECT committee_criteria(s.committee_id, coalesce(s.criteria_version, c.criteria_version))
         FROM committee c WHERE c.id = s.committee_id),
        s.quorum_needed, s.minutes, s.minutes_at, s.opened_at, s.closed_at, s.reason,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('suggestion_id', i.suggestion_id, 'number', f.number,
            'subject', CASE WHEN NOT f.is_confidential THEN f.subject END, 'position', i.position,
            'recused', t.recused, 'voters', t.voters, 'submitted', t.submitted,
            'result', CASE WHEN s.state = 'closed' THEN jsonb_build_object('quorate', i.is_quorate, 'complete', i.is_complete,
                'scored', i.scored, 'abstained', i.abstained, 'score', i.score, 'rank', i.rank,
                'exact', i.mean_numerator || '/' || i.mean_denominator) END) ORDER BY i.position), '[]')
         FROM session_item i JOIN casefile f ON f.id = i.suggestion_id
         CROSS JOIN LATERAL (
             SELECT coalesce(jsonb_agg(jsonb_build_object('member_id', x.member_id, 'ground', x.ground) ORDER BY x.name, x.member_id)
                        FILTER (WHERE x.ground IS NOT NULL), '[]') AS recused,
                 count(*) FILTER (WHERE x.is_present AND x.ground IS NULL) AS voters,
                 count(*) FILTER (WHERE x.is_present AND x.ground IS NULL AND x.is_submitted) AS submitted
             FROM session_seats(s) x WHERE x.suggestion_id = i.suggestion_id) t
         WHERE i.session_id = s.id)
$$;
COMMENT ON FUNCTION session_shown IS 'A session as those see it who prepare it or sit in it.';
