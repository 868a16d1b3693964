-- Suggestions: what a case file of this kind has besides (S3, S4, B7), who judges it, who supports it, and by which words
-- it is found. Committees and rewards stand in a file of their own.

-- What was suggested -----------------------------------------------------------------------------------

CREATE TABLE case_suggestion (
    case_id uuid PRIMARY KEY REFERENCES casefile,
    org_id uuid NOT NULL,
    state text NOT NULL,
    title text NOT NULL,
    problem text NOT NULL,
    proposal text NOT NULL,
    benefit text,
    cost text,
    shows_name boolean NOT NULL DEFAULT false,
    is_confidential boolean NOT NULL DEFAULT false,
    shares jsonb NOT NULL DEFAULT '[]',
    review_round int NOT NULL DEFAULT 0,
    public_at timestamptz,
    supports int NOT NULL DEFAULT 0,
    norm text NOT NULL GENERATED ALWAYS AS (fa_norm(title || ' ' || problem || ' ' || proposal)) STORED
);
CREATE INDEX case_suggestion_public ON case_suggestion (org_id, public_at, case_id) WHERE public_at IS NOT NULL;
CREATE INDEX case_suggestion_by_support ON case_suggestion (org_id, supports, case_id) WHERE public_at IS NOT NULL;
COMMENT ON TABLE case_suggestion IS 'What a suggestion has besides its case file.';
COMMENT ON COLUMN case_suggestion.case_id IS 'Case file.';
COMMENT ON COLUMN case_suggestion.org_id IS 'The case''s organisation.';
COMMENT ON COLUMN case_suggestion.state IS 'The case''s state, kept by a trigger, for lists.';
COMMENT ON COLUMN case_suggestion.title IS 'The case''s subject, for search.';
COMMENT ON COLUMN case_suggestion.problem IS 'What is wrong today.';
COMMENT ON COLUMN case_suggestion.proposal IS 'What to do about it; empty until a converted message is completed.';
COMMENT ON COLUMN case_suggestion.benefit IS 'What it would bring.';
COMMENT ON COLUMN case_suggestion.cost IS 'What it would cost, in the author''s words.';
COMMENT ON COLUMN case_suggestion.shows_name IS 'The author agreed to be named in public.';
COMMENT ON COLUMN case_suggestion.is_confidential IS 'It was a confidential message: it never becomes public.';
COMMENT ON COLUMN case_suggestion.shares IS 'Who suggested it: [{points, main, name, mobile, email, national_id}], the author first; hundredths of a percent, 10000 together. Empty: anonymous, no reward.';
COMMENT ON COLUMN case_suggestion.review_round IS 'How many times it went to experts.';
COMMENT ON COLUMN case_suggestion.public_at IS 'When it was first approved: public from then on.';
COMMENT ON COLUMN case_suggestion.supports IS 'Supports that are counted already; suggestion_supports() adds the others.';
COMMENT ON COLUMN case_suggestion.norm IS 'Title, problem and proposal as fa_norm() has them.';

CREATE TABLE suggestion_expert (
    case_id uuid NOT NULL REFERENCES case_suggestion,
    review_round int NOT NULL,
    key_id uuid NOT NULL,
    name text,
    unit_code text,
    assigned_at timestamptz NOT NULL,
    assigned_by uuid NOT NULL,
    recused_at timestamptz,
    recusal text,
    filed_at timestamptz,
    recommendation text CHECK (recommendation IN ('approve', 'reject', 'revise')),
    opinion text,
    PRIMARY KEY (case_id, review_round, key_id),
    CHECK ((filed_at IS NULL) = (opinion IS NULL) AND (filed_at IS NULL) = (recommendation IS NULL)),
    CHECK (recused_at IS NULL OR filed_at IS NULL)
);
COMMENT ON TABLE suggestion_expert IS 'Who was asked for an opinion in each review of a suggestion, and what they said.';
COMMENT ON COLUMN suggestion_expert.case_id IS 'Suggestion.';
COMMENT ON COLUMN suggestion_expert.review_round IS 'Review, from 1.';
COMMENT ON COLUMN suggestion_expert.key_id IS 'The expert''s API key.';
COMMENT ON COLUMN suggestion_expert.name IS 'The expert''s name.';
COMMENT ON COLUMN suggestion_expert.unit_code IS 'The expert''s unit.';
COMMENT ON COLUMN suggestion_expert.assigned_at IS 'When.';
COMMENT ON COLUMN suggestion_expert.assigned_by IS 'By whose key.';
COMMENT ON COLUMN suggestion_expert.recused_at IS 'When the expert declared a conflict of interest.';
COMMENT ON COLUMN suggestion_expert.recusal IS 'Which.';
COMMENT ON COLUMN suggestion_expert.filed_at IS 'When the opinion came.';
COMMENT ON COLUMN suggestion_expert.recommendation IS 'approve, reject or revise.';
COMMENT ON COLUMN suggestion_expert.opinion IS 'The opinion, for staff and committee.';

CREATE TABLE suggestion_progress (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES case_suggestion,
    at timestamptz NOT NULL,
    state text NOT NULL,
    text text NOT NULL,
    author_id uuid NOT NULL
);
CREATE INDEX suggestion_progress_by_case ON suggestion_progress (case_id, at, id);
COMMENT ON TABLE suggestion_progress IS 'What is told in public about an approved suggestion on its way.';
COMMENT ON COLUMN suggestion_progress.id IS 'Id, also of its event.';
COMMENT ON COLUMN suggestion_progress.case_id IS 'Suggestion.';
COMMENT ON COLUMN suggestion_progress.at IS 'When.';
COMMENT ON COLUMN suggestion_progress.state IS 'The state that it was in then.';
COMMENT ON COLUMN suggestion_progress.text IS 'As typed.';
COMMENT ON COLUMN suggestion_progress.author_id IS 'API key of a member of staff.';

-- Whoever filed it first, with what the others leave.
CREATE FUNCTION suggestion_owners(person jsonb, share jsonb, others jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN person IS NULL THEN '[]' ELSE
        jsonb_build_array(person || jsonb_build_object('main', true,
            'points', coalesce(((share #>> '{}')::numeric * 100)::int, 10000)))
        || coalesce((SELECT jsonb_agg((o.value - 'share') || jsonb_build_object('main', false,
                         'points', ((o.value ->> 'share')::numeric * 100)::int) ORDER BY o.ordinality)
                     FROM jsonb_array_elements(others) WITH ORDINALITY o), '[]')
        END
$$;
COMMENT ON FUNCTION suggestion_owners IS 'case_suggestion.shares of what was filed, its shares in percent.';

-- Those who are named; else those of the review before who had no conflict of interest.
CREATE FUNCTION suggestion_experts_asked(s case_suggestion, experts jsonb)
RETURNS TABLE (key_id uuid, name text, unit_code text)
LANGUAGE sql STABLE AS $$
    SELECT (e ->> 'key_id')::uuid, e ->> 'name', e ->> 'unit_code' FROM jsonb_array_elements(experts) e
    UNION ALL
    SELECT e.key_id, e.name, e.unit_code FROM suggestion_expert e
    WHERE experts IS NULL AND e.case_id = s.case_id AND e.review_round = s.review_round AND e.recused_at IS NULL
$$;
COMMENT ON FUNCTION suggestion_experts_asked IS 'Whom the next review of a suggestion asks.';

-- Support ------------------------------------------------------------------------------------------------

-- No counter is touched by a support. The worker counts what has gathered, and until then what is not counted is few.
CREATE TABLE suggestion_support (
    case_id uuid NOT NULL,
    voter bytea NOT NULL,
    is_active boolean NOT NULL,
    is_counted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, voter)
);
CREATE INDEX suggestion_support_pending ON suggestion_support (case_id) WHERE is_active <> is_counted;
COMMENT ON TABLE suggestion_support IS 'Who supports a suggestion, once each; nobody can be told from it.';
COMMENT ON COLUMN suggestion_support.case_id IS 'Suggestion.';
COMMENT ON COLUMN suggestion_support.voter IS 'Keyed hash of identity or device, another one for each suggestion; of the author of a duplicate: the id of that.';
COMMENT ON COLUMN suggestion_support.is_active IS 'False: taken back.';
COMMENT ON COLUMN suggestion_support.is_counted IS 'Whether case_suggestion.supports has it in.';
COMMENT ON COLUMN suggestion_support.changed_at IS 'When it was given or taken back.';

CREATE FUNCTION suggestion_supports(s case_suggestion) RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.supports + coalesce((SELECT sum(p.is_active::int - p.is_counted::int)::int FROM suggestion_support p
                                  WHERE p.case_id = s.case_id AND p.is_active <> p.is_counted), 0)
$$;
COMMENT ON FUNCTION suggestion_supports IS 'How many support a suggestion, to the last one.';

-- Words --------------------------------------------------------------------------------------------------

-- The words of a normalised text as numbers, each once. Endings of plural, comparison and ezafe are dropped where they
-- are written without a space; fa_norm() has made words of the others.
CREATE FUNCTION suggestion_words(norm text) RETURNS int[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT hashtext(CASE
        WHEN length(word) > 6 AND right(word, 4) IN ('هایی', 'ترین') THEN left(word, -4)
        WHEN length(word) > 5 AND right(word, 3) = 'های' THEN left(word, -3)
        WHEN length(word) > 4 AND right(word, 2) IN ('ها', 'تر') THEN left(word, -2)
        WHEN length(word) > 3 AND right(word, 1) = 'ی' THEN left(word, -1)
        ELSE word END)), '{}')
    FROM string_to_table(regexp_replace(norm COLLATE "C", '[^0-9a-z\u0620-\u0669\u066E-\u06D3]+', ' ', 'g'), ' ') word
    WHERE length(word) > 1
$$;
COMMENT ON FUNCTION suggestion_words IS 'The words of a normalised text as numbers.';

CREATE TABLE suggestion_terms (
    case_id uuid PRIMARY KEY REFERENCES case_suggestion,
    org_id uuid NOT NULL,
    is_public boolean NOT NULL,
    words int[] NOT NULL
);
-- The commonest words of this many are known to the statistics: a search begins with the rarest.
ALTER TABLE suggestion_terms ALTER COLUMN words SET STATISTICS 150;
CREATE INDEX suggestion_terms_words ON suggestion_terms USING gin (words) WITH (fastupdate = off);
COMMENT ON TABLE suggestion_terms IS 'By which words a suggestion is found; kept small, apart from the texts.';
COMMENT ON COLUMN suggestion_terms.case_id IS 'Suggestion.';
COMMENT ON COLUMN suggestion_terms.org_id IS 'Organisation.';
COMMENT ON COLUMN suggestion_terms.is_public IS 'Whether the public may see it.';
COMMENT ON COLUMN suggestion_terms.words IS 'As suggestion_words() has them.';

CREATE FUNCTION suggestion_indexed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO suggestion_terms
    VALUES (NEW.case_id, NEW.org_id, NEW.public_at IS NOT NULL, suggestion_words(NEW.norm))
    ON CONFLICT (case_id) DO UPDATE SET (is_public, words) = (excluded.is_public, excluded.words);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION suggestion_indexed IS 'Notes by which words a suggestion is found.';
CREATE TRIGGER suggestion_indexed AFTER INSERT ON case_suggestion FOR EACH ROW EXECUTE FUNCTION suggestion_indexed();
CREATE TRIGGER suggestion_indexed_anew AFTER UPDATE ON case_suggestion
    FOR EACH ROW WHEN (OLD.norm <> NEW.norm OR (OLD.public_at IS NULL) <> (NEW.public_at IS NULL))
    EXECUTE FUNCTION suggestion_indexed();

-- The lifecycle --------------------------------------------------------------------------------------------

CREATE FUNCTION suggestion_turned() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_suggestion s SET state = NEW.state,
        review_round = s.review_round + (NEW.state = 'expert_review')::int,
        public_at = CASE WHEN NEW.state = 'approved' AND NOT s.is_confidential THEN coalesce(s.public_at, NEW.answered_at)
                         ELSE s.public_at END
    WHERE s.case_id = NEW.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION suggestion_turned IS 'Follows the state of a suggestion''s case file.';
CREATE TRIGGER suggestion_turned AFTER UPDATE OF state ON casefile
    FOR EACH ROW WHEN (NEW.kind = 'suggestion' AND OLD.state <> NEW.state) EXECUTE FUNCTION suggestion_turned();

-- How it is shown --------------------------------------------------------------------------------------------

-- The share of each who suggested it, in percent; contacts for staff alone.
CREATE FUNCTION suggestion_shares(shares jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg((p.value - 'points') || jsonb_build_object(
        'share', trim_scale((p.value ->> 'points')::numeric / 100)) ORDER BY p.ordinality), '[]')
    FROM jsonb_array_elements(shares) WITH ORDINALITY p
$$;
COMMENT ON FUNCTION suggestion_shares IS 'The shares of a suggestion as answers show them.';

CREATE FUNCTION suggestion_told_progress(suggestion uuid) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', json_instant(p.at), 'on_jalali', jalali_on(p.at),
        'state', p.state, 'text', p.text)
                              ORDER BY p.at, p.id), '[]')
    FROM (SELECT p.* FROM suggestion_progress p WHERE p.case_id = suggestion ORDER BY p.at DESC, p.id DESC LIMIT 200) p
$$;
COMMENT ON FUNCTION suggestion_told_progress IS 'What was told about a suggestion on its way, newest 200, in the order of time.';

CREATE FUNCTION suggestion_opened(suggestion uuid) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('problem', s.problem, 'proposal', s.proposal, 'benefit', s.benefit, 'cost', s.cost,
        'show_name', s.shows_name, 'reward_possible', s.shares <> '[]', 'shares', suggestion_shares(s.shares),
        'review_round', s.review_round, 'public_at', json_instant(s.public_at), 'supports', suggestion_supports(s),
        'experts', (SELECT coalesce(jsonb_agg(jsonb_build_object('review_round', e.review_round, 'key_id', e.key_id,
            'name', e.name, 'unit_code', e.unit_code, 'assigned_at', json_instant(e.assigned_at),
            'recused_at', json_instant(e.recused_at), 'recusal', e.recusal, 'filed_at', json_instant(e.filed_at),
            'recommendation', e.recommendation, 'opinion', e.opinion) ORDER BY e.review_round, e.assigned_at, e.key_id), '[]')
            FROM suggestion_expert e WHERE e.case_id = s.case_id),
        'progress', suggestion_told_progress(s.case_id))
    FROM case_suggestion s WHERE s.case_id = suggestion
$$;
COMMENT ON FUNCTION suggestion_opened IS 'What a suggestion has besides its case file, for staff.';

-- `own` is the suggestion that a code opens, `followed` the one that it is a duplicate of, or itself.
CREATE FUNCTION suggestion_told(own uuid, followed uuid) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('problem', s.problem, 'proposal', s.proposal, 'benefit', s.benefit, 'cost', s.cost,
        'show_name', s.shows_name, 'reward_possible', s.shares <> '[]',
        'share', trim_scale((s.shares -> 0 ->> 'points')::numeric / 100),
        'co_suggesters', greatest(jsonb_array_length(s.shares) - 1, 0), 'may_complete', s.state = 'needs_completion',
        'supports', suggestion_supports(f), 'progress', suggestion_told_progress(f.case_id))
    FROM case_suggestion s JOIN case_suggestion f ON f.case_id = followed WHERE s.case_id = own
$$;
COMMENT ON FUNCTION suggestion_told IS 'What a suggestion has besides its case file, for whoever filed it.';

-- A suggestion as the public sees it in lists. The author is named only where they agreed, contacts are nowhere.
CREATE FUNCTION suggestion_listed(s case_suggestion, c casefile) RETURNS TABLE (
    id uuid, number text, state text, subject text, service_code text, unit_code text, author_name text,
    "received_at received_on_jalali" timestamptz, "public_at public_on_jalali" timestamptz, supports int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.id, c.number, c.state, c.subject, c.service_code, c.unit_code,
        CASE WHEN s.shows_name THEN c.person ->> 'name' END, c.received_at, s.public_at, suggestion_supports(s)
$$;
COMMENT ON FUNCTION suggestion_listed IS 'A suggestion in public lists.';
