-- Drafts of regulations and the comments on them (LIFECYCLES.md "Draft", "Comment").

CREATE SEQUENCE case_number;
COMMENT ON SEQUENCE case_number IS 'The running part of the human number 1405-0012345; gaps are fine.';

CREATE FUNCTION case_number_next(year int) RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT year || '-' || lpad(nextval('case_number')::text, 7, '0') $$;
COMMENT ON FUNCTION case_number_next IS 'A new human number of a Jalali year.';

CREATE TABLE draft (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('by_law', 'directive', 'criteria', 'circular', 'bill', 'tariff')),
    title text NOT NULL,
    summary text NOT NULL,
    state text NOT NULL CHECK (state IN ('preparing', 'published', 'reviewing', 'approved', 'promulgated', 'sent',
                                         'exempted', 'withdrawn')),
    row_version int NOT NULL DEFAULT 1,
    version int NOT NULL DEFAULT 1,
    public_version int NOT NULL DEFAULT 0,
    round int NOT NULL DEFAULT 0,
    opened_told int NOT NULL DEFAULT 0,
    closed_told int NOT NULL DEFAULT 0,
    opens_at timestamptz,
    closes_at timestamptz,
    promised jsonb,
    accepts_late boolean NOT NULL DEFAULT false,
    exemption_code text,
    exemption_reason text,
    withdrawal_reason text,
    promulgation_number text,
    promulgation_date date,
    sent_authority text,
    sent_letter_number text,
    created_at timestamptz NOT NULL,
    created_by uuid,
    updated_at timestamptz NOT NULL,
    published_at timestamptz,
    approved_at timestamptz,
    issued_at timestamptz,
    norm text GENERATED ALWAYS AS (fa_norm(title || ' ' || summary)) STORED,
    CHECK (closes_at > opens_at),
    CHECK (state <> 'published' OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND public_version > 0)),
    CHECK (public_version <= version)
);
CREATE INDEX draft_by_org ON draft (org_id, created_at DESC, id DESC);
CREATE INDEX draft_by_opening ON draft (opens_at) WHERE state = 'published';
CREATE INDEX draft_by_closing ON draft (closes_at) WHERE state = 'published';
CREATE INDEX draft_untold ON draft (id) WHERE opened_told < round OR closed_told < round;
CREATE INDEX draft_by_norm ON draft USING gin (norm gin_trgm_ops);
COMMENT ON TABLE draft IS 'A draft regulation on its way from preparation to promulgation or sending.';
COMMENT ON COLUMN draft.id IS 'Id in addresses.';
COMMENT ON COLUMN draft.org_id IS 'Whose draft.';
COMMENT ON COLUMN draft.number IS 'Human number.';
COMMENT ON COLUMN draft.kind IS 'by_law, directive, criteria, circular, bill or tariff.';
COMMENT ON COLUMN draft.title IS 'Title.';
COMMENT ON COLUMN draft.summary IS 'What it is about.';
COMMENT ON COLUMN draft.state IS 'Stored state; scheduled, open and closed are computed from it and the window.';
COMMENT ON COLUMN draft.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN draft.version IS 'The newest version of the text.';
COMMENT ON COLUMN draft.public_version IS 'The newest version that the public sees; 0: none.';
COMMENT ON COLUMN draft.round IS 'How many times it was opened to comment.';
COMMENT ON COLUMN draft.opened_told IS 'The round whose opening is recorded as an event.';
COMMENT ON COLUMN draft.closed_told IS 'The round whose closing is recorded as an event.';
COMMENT ON COLUMN draft.opens_at IS 'The window opens.';
COMMENT ON COLUMN draft.closes_at IS 'The window closes: the first instant at which it is closed.';
COMMENT ON COLUMN draft.promised IS 'What was promised when the window was set: unit, length, promise, least_closes_at.';
COMMENT ON COLUMN draft.accepts_late IS 'Whether comments after the window are taken, flagged late.';
COMMENT ON COLUMN draft.exemption_code IS 'Why it was not opened to comment: classified, urgent, ...';
COMMENT ON COLUMN draft.exemption_reason IS 'The same in words for the public.';
COMMENT ON COLUMN draft.withdrawal_reason IS 'Why it was withdrawn.';
COMMENT ON COLUMN draft.promulgation_number IS 'Number of the promulgated regulation.';
COMMENT ON COLUMN draft.promulgation_date IS 'Its date.';
COMMENT ON COLUMN draft.sent_authority IS 'To whom a bill or tariff was sent.';
COMMENT ON COLUMN draft.sent_letter_number IS 'Number of the covering letter.';
COMMENT ON COLUMN draft.created_at IS 'When work on it began.';
COMMENT ON COLUMN draft.created_by IS 'API key of who began.';
COMMENT ON COLUMN draft.updated_at IS 'Last change.';
COMMENT ON COLUMN draft.published_at IS 'First publication.';
COMMENT ON COLUMN draft.approved_at IS 'Approval.';
COMMENT ON COLUMN draft.issued_at IS 'Promulgation or sending.';
COMMENT ON COLUMN draft.norm IS 'Title and summary normalised for search.';

CREATE TABLE draft_version (
    draft_id uuid NOT NULL REFERENCES draft,
    n int NOT NULL CHECK (n > 0),
    clauses json NOT NULL,
    clause_ids text[] NOT NULL,
    changelog text,
    clause_map jsonb,
    created_at timestamptz NOT NULL,
    created_by uuid,
    frozen_at timestamptz,
    PRIMARY KEY (draft_id, n)
);
COMMENT ON TABLE draft_version IS 'A text of a draft, made of clauses with stable ids; immutable once frozen.';
COMMENT ON COLUMN draft_version.draft_id IS 'Draft.';
COMMENT ON COLUMN draft_version.n IS 'Number of the version, from 1.';
COMMENT ON COLUMN draft_version.clauses IS 'Array of {id, heading, text}; json, not jsonb: it is read far more often than searched.';
COMMENT ON COLUMN draft_version.clause_ids IS 'The ids of the clauses, in order.';
COMMENT ON COLUMN draft_version.changelog IS 'What changed against the version before, for the public.';
COMMENT ON COLUMN draft_version.clause_map IS 'Array of {change: kept|changed|split|merged|removed|added, from: [ids], to: [ids]}.';
COMMENT ON COLUMN draft_version.created_at IS 'When it was written.';
COMMENT ON COLUMN draft_version.created_by IS 'API key of who wrote it.';
COMMENT ON COLUMN draft_version.frozen_at IS 'When it was published or approved.';

CREATE DOMAIN comment_position AS text CHECK (VALUE IN ('for', 'against', 'neutral'));
COMMENT ON DOMAIN comment_position IS 'Where an author stands.';
CREATE DOMAIN comment_audience AS text CHECK (VALUE IN ('citizen', 'stakeholder', 'specialist'));
COMMENT ON DOMAIN comment_audience IS 'As whom an author speaks.';
CREATE DOMAIN comment_state AS text CHECK (VALUE IN ('pending', 'published', 'withheld', 'rejected', 'withdrawn'));
COMMENT ON DOMAIN comment_state IS 'Stored state of a comment.';
CREATE DOMAIN comment_disposition AS text
    CHECK (VALUE IN ('accepted', 'partly', 'not_accepted', 'noted', 'out_of_scope'));
COMMENT ON DOMAIN comment_disposition IS 'What is done with a comment.';

CREATE TABLE comment (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    draft_id uuid REFERENCES draft,
    draft_version int,
    subject_id uuid,
    clause_id text,
    number text NOT NULL,
    text text NOT NULL,
    public_text text,
    position comment_position,
    audience comment_audience,
    author_name text,
    contact jsonb,
    state comment_state NOT NULL,
    is_late boolean NOT NULL,
    row_version int NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    filed_by uuid,
    campaign_id uuid NOT NULL,
    tracking_hash bytea NOT NULL UNIQUE,
    request_digest bytea NOT NULL,
    reason_code text,
    reason text,
    objection text,
    objected_at timestamptz,
    disposition comment_disposition,
    disposition_reason text,
    disposed_at timestamptz,
    disposed_by uuid,
    confirmed_at timestamptz
);
CREATE INDEX comment_published ON comment (draft_id, received_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX comment_on_subject ON comment (subject_id, received_at DESC, id DESC)
    WHERE subject_id IS NOT NULL AND state = 'published';
CREATE INDEX comment_by_org ON comment (org_id, received_at, id);
CREATE INDEX comment_campaign ON comment (draft_id, campaign_id);
COMMENT ON TABLE comment IS 'What somebody said about a draft or one clause of it, or about a subject in force.';
COMMENT ON COLUMN comment.id IS 'Id in addresses.';
COMMENT ON COLUMN comment.org_id IS 'Organisation of what it is about.';
COMMENT ON COLUMN comment.draft_id IS 'Draft; NULL: it is about a subject.';
COMMENT ON COLUMN comment.draft_version IS 'The version that the author saw.';
COMMENT ON COLUMN comment.subject_id IS 'The policy, process, decision, action or service that it is about; NULL: it is about a draft.';
COMMENT ON COLUMN comment.clause_id IS 'The clause that it is about; NULL: the whole.';
COMMENT ON COLUMN comment.number IS 'Human number; opens nothing.';
COMMENT ON COLUMN comment.text IS 'As typed (NFC). Never changed.';
COMMENT ON COLUMN comment.public_text IS 'A redacted text for the public, where the original is not shown.';
COMMENT ON COLUMN comment.position IS 'for, against or neutral.';
COMMENT ON COLUMN comment.audience IS 'As whom: citizen, stakeholder or specialist.';
COMMENT ON COLUMN comment.author_name IS 'The name that the author wants shown.';
COMMENT ON COLUMN comment.contact IS 'How to reach the author; staff only.';
COMMENT ON COLUMN comment.state IS 'pending, published, withheld, rejected or withdrawn.';
COMMENT ON COLUMN comment.is_late IS 'Came after the window, to a draft that takes late ones.';
COMMENT ON COLUMN comment.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN comment.received_at IS 'When it came.';
COMMENT ON COLUMN comment.updated_at IS 'Last change.';
COMMENT ON COLUMN comment.filed_by IS 'API key of the trusted client or clerk that filed it.';
COMMENT ON COLUMN comment.campaign_id IS 'Equal for near-identical texts on the same draft or subject.';
COMMENT ON COLUMN comment.tracking_hash IS 'Keyed hash of the tracking code.';
COMMENT ON COLUMN comment.request_digest IS 'SHA-256 of the request that filed it.';
COMMENT ON COLUMN comment.reason_code IS 'Why it is withheld or rejected, from the published rules.';
COMMENT ON COLUMN comment.reason IS 'The same in words for the author.';
COMMENT ON COLUMN comment.objection IS 'What the author says against a rejection; once.';
COMMENT ON COLUMN comment.objected_at IS 'When.';
COMMENT ON COLUMN comment.disposition IS 'What is done with it: accepted, partly, not_accepted, noted, out_of_scope.';
COMMENT ON COLUMN comment.disposition_reason IS 'Why, for the author and the public.';
COMMENT ON COLUMN comment.disposed_at IS 'When it was proposed.';
COMMENT ON COLUMN comment.disposed_by IS 'API key of who proposed it.';
COMMENT ON COLUMN comment.confirmed_at IS 'When a head confirmed it; only then it is public.';

-- How a draft is shown -------------------------------------------------------------------------------

-- The state that a reader sees: the window is judged by the instant of reading.
CREATE FUNCTION draft_state(state text, opens_at timestamptz, closes_at timestamptz, at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN state <> 'published' THEN state
        WHEN at < opens_at THEN 'scheduled'
        WHEN at < closes_at THEN 'open'
        ELSE 'closed' END
$$;
COMMENT ON FUNCTION draft_state IS 'The state that a reader sees at an instant.';

-- The next instant at which the clock alone changes that state.
CREATE FUNCTION draft_turns_at(state text, opens_at timestamptz, closes_at timestamptz, at timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN state <> 'published' THEN NULL
        WHEN at < opens_at THEN opens_at
        WHEN at < closes_at THEN closes_at END
$$;
COMMENT ON FUNCTION draft_turns_at IS 'When the clock next changes what a reader sees.';

-- The columns of a draft in every answer that shows one.
CREATE FUNCTION draft_shown(d draft, at timestamptz) RETURNS TABLE (
    id uuid, number text, kind text, title text, summary text, state text, round int, version int,
    "opens_at opens_on_jalali" timestamptz, "closes_at closes_on_jalali" timestamptz,
    promised jsonb, accepts_late boolean, created_at timestamptz, updated_at timestamptz,
    "published_at published_on_jalali" timestamptz, approved_at timestamptz,
    "issued_at issued_on_jalali" timestamptz, exemption jsonb, withdrawal jsonb, promulgation jsonb, sent jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.id, d.number, d.kind, d.title, d.summary, draft_state(d.state, d.opens_at, d.closes_at, at), d.round,
        d.version, d.opens_at, d.closes_at,
        d.promised, d.accepts_late, d.created_at, d.updated_at,
        d.published_at, d.approved_at, d.issued_at,
        CASE WHEN d.exemption_code IS NOT NULL
            THEN jsonb_build_object('code', d.exemption_code, 'reason', d.exemption_reason) END,
        CASE WHEN d.withdrawal_reason IS NOT NULL THEN jsonb_build_object('reason', d.withdrawal_reason) END,
        CASE WHEN d.promulgation_number IS NOT NULL
            THEN jsonb_build_object('number', d.promulgation_number, 'date', d.promulgation_date) END,
        CASE WHEN d.sent_authority IS NOT NULL
            THEN jsonb_build_object('authority', d.sent_authority, 'letter_number', d.sent_letter_number) END
$$;
COMMENT ON FUNCTION draft_shown IS 'A draft as answers show it.';

-- Entity tag of that: what is stored and what the clock makes of it.
CREATE FUNCTION draft_tag(d draft, at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.row_version || '-' || draft_state(d.state, d.opens_at, d.closes_at, at)
$$;
COMMENT ON FUNCTION draft_tag IS 'Entity tag of a draft as answers show it.';

-- Words to find as LIKE patterns over normalised text, the longest first (it drives the trigram index).
CREATE FUNCTION search_patterns(q text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg('%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%' ORDER BY length(word) DESC),
                    ARRAY['%'])
    FROM unnest(string_to_array(fa_norm(q), ' ')) word WHERE word <> ''
$$;
COMMENT ON FUNCTION search_patterns IS 'LIKE patterns of a search, the longest first.';

-- The ids of clauses, in order.
CREATE FUNCTION clause_ids(clauses jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(c.value ->> 'id' ORDER BY c.n) FROM jsonb_array_elements(clauses) WITH ORDINALITY c(value, n)
$$;
COMMENT ON FUNCTION clause_ids IS 'The ids of clauses, in order.';

-- Clauses get a stable id where the writer gave none; the same request gives the same ids.
CREATE FUNCTION clauses_named(clauses jsonb, seed text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_agg(jsonb_build_object(
        'id', coalesce(c.value ->> 'id', substr(md5(seed || '/' || c.n), 1, 12)),
        'heading', c.value -> 'heading', 'text', c.value -> 'text') ORDER BY c.n)
    FROM jsonb_array_elements(clauses) WITH ORDINALITY c(value, n)
$$;
COMMENT ON FUNCTION clauses_named IS 'Clauses with ids.';

-- The columns of a comment that everybody may see.
CREATE FUNCTION comment_shown(c comment) RETURNS TABLE (
    id uuid, number text, draft_version int, clause_id text, "position" text, audience text, author_name text,
    text text, is_redacted boolean, late boolean, campaign_id uuid,
    "received_at received_on_jalali" timestamptz, disposition text, disposition_reason text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.id, c.number, c.draft_version, c.clause_id, c.position, c.audience, c.author_name,
        coalesce(c.public_text, c.text), c.public_text IS NOT NULL, c.is_late, c.campaign_id, c.received_at,
        CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition END,
        CASE WHEN c.confirmed_at IS NOT NULL THEN c.disposition_reason END
$$;
COMMENT ON FUNCTION comment_shown IS 'A comment as the public sees it.';

-- The columns of a comment that staff see.
CREATE FUNCTION comment_for_staff(c comment) RETURNS TABLE (
    id uuid, number text, draft_id uuid, draft_version int, subject_id uuid, clause_id text, state text, "position" text,
    audience text, author_name text, contact jsonb, text text, public_text text, late boolean, campaign_id uuid,
    "received_at received_on_jalali" timestamptz, updated_at timestamptz, filed_by uuid,
    reason_code text, reason text, objection text, objected_at timestamptz, disposition text,
    disposition_reason text, disposed_at timestamptz, confirmed_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.id, c.number, c.draft_id, c.draft_version, c.subject_id, c.clause_id, c.state, c.position,
        c.audience, c.author_name, c.contact, c.text, c.public_text, c.is_late, c.campaign_id,
        c.received_at, c.updated_at, c.filed_by,
        c.reason_code, c.reason, c.objection, c.objected_at, c.disposition,
        c.disposition_reason, c.disposed_at, c.confirmed_at
$$;
COMMENT ON FUNCTION comment_for_staff IS 'A comment as staff see it.';

-- Whether a map accounts for the change from one list of clauses to another: every clause stands in it exactly once on
-- its side, the sizes fit the kind of change, and what is called kept is the same.
CREATE FUNCTION clause_map_fits(map jsonb, before jsonb, after jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (SELECT coalesce(array_agg(x ORDER BY x), '{}') FROM jsonb_array_elements(map) m, jsonb_array_elements_text(m -> 'from') x)
         = (SELECT coalesce(array_agg(c ->> 'id' ORDER BY c ->> 'id'), '{}') FROM jsonb_array_elements(before) c)
       AND (SELECT coalesce(array_agg(x ORDER BY x), '{}') FROM jsonb_array_elements(map) m, jsonb_array_elements_text(m -> 'to') x)
         = (SELECT coalesce(array_agg(c ->> 'id' ORDER BY c ->> 'id'), '{}') FROM jsonb_array_elements(after) c)
       AND NOT EXISTS (
           SELECT FROM jsonb_array_elements(map) m
           CROSS JOIN LATERAL (SELECT m ->> 'change' AS change, jsonb_array_length(m -> 'from') AS f,
                                      jsonb_array_length(m -> 'to') AS t) k
           WHERE NOT CASE k.change
               WHEN 'kept' THEN f = 1 AND t = 1
                   AND (SELECT c - 'id' FROM jsonb_array_elements(before) c WHERE c ->> 'id' = m #>> '{from,0}')
                     = (SELECT c - 'id' FROM jsonb_array_elements(after) c WHERE c ->> 'id' = m #>> '{to,0}')
               WHEN 'changed' THEN f = 1 AND t = 1
               WHEN 'split' THEN f = 1 AND t > 1
               WHEN 'merged' THEN f > 1 AND t = 1
               WHEN 'removed' THEN f = 1 AND t = 0
               WHEN 'added' THEN f = 0 AND t = 1 END)
$$;
COMMENT ON FUNCTION clause_map_fits IS 'Whether a clause map accounts for every clause of two versions.';

-- What the public sees of a draft is read a thousand times for each time that it changes: it is written down when it
-- changes, but for what the clock decides (state) and what is shown in two calendars (the instants).
CREATE TABLE draft_public (
    draft_id uuid PRIMARY KEY REFERENCES draft,
    org_id uuid NOT NULL,
    row_version int NOT NULL,
    state text NOT NULL,
    opens_at timestamptz,
    closes_at timestamptz,
    published_at timestamptz,
    issued_at timestamptz,
    body json NOT NULL
) WITH (toast_tuple_target = 8160, fillfactor = 70);
ALTER TABLE draft_public ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE draft_public IS 'Public drafts as answers show them, kept by a trigger on draft.';
COMMENT ON COLUMN draft_public.draft_id IS 'Draft.';
COMMENT ON COLUMN draft_public.org_id IS 'Whose draft.';
COMMENT ON COLUMN draft_public.row_version IS 'The draft''s.';
COMMENT ON COLUMN draft_public.state IS 'The draft''s stored state.';
COMMENT ON COLUMN draft_public.opens_at IS 'The draft''s.';
COMMENT ON COLUMN draft_public.closes_at IS 'The draft''s.';
COMMENT ON COLUMN draft_public.published_at IS 'The draft''s.';
COMMENT ON COLUMN draft_public.issued_at IS 'The draft''s.';
COMMENT ON COLUMN draft_public.body IS 'All other members of the answer, uncompressed.';

CREATE FUNCTION draft_show() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO draft_public
    SELECT NEW.id, NEW.org_id, NEW.row_version, NEW.state, NEW.opens_at, NEW.closes_at, NEW.published_at, NEW.issued_at,
        (to_jsonb(s) - '{state,opens_at opens_on_jalali,closes_at closes_on_jalali,published_at published_on_jalali,issued_at issued_on_jalali}'::text[]
         || jsonb_build_object('created_at', json_instant(NEW.created_at), 'updated_at', json_instant(NEW.updated_at),
             'approved_at', json_instant(NEW.approved_at), 'shown_version', v.n, 'clauses', v.clauses,
             'changelog', v.changelog, 'allowed_transitions', NULL))::text::json
    FROM draft_shown(NEW, NEW.updated_at) s LEFT JOIN draft_version v ON v.draft_id = NEW.id AND v.n = NEW.public_version
    ON CONFLICT (draft_id) DO UPDATE
    SET (row_version, state, opens_at, closes_at, published_at, issued_at, body) =
        (excluded.row_version, excluded.state, excluded.opens_at, excluded.closes_at, excluded.published_at,
         excluded.issued_at, excluded.body);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION draft_show IS 'Writes down what the public sees of a draft.';
CREATE TRIGGER draft_show AFTER INSERT OR UPDATE ON draft
    FOR EACH ROW WHEN (NEW.public_version > 0 OR NEW.exemption_code IS NOT NULL) EXECUTE FUNCTION draft_show();

CREATE TRIGGER draft_window_set AFTER UPDATE OF opens_at, closes_at ON draft
    FOR EACH ROW WHEN (OLD.closes_at IS DISTINCT FROM NEW.closes_at OR OLD.round <> NEW.round)
    EXECUTE FUNCTION worker_wake();

-- The fact that a window opened or closed, recorded once per round whoever comes first.
CREATE FUNCTION draft_window_tell(d draft, what text, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    VALUES (once_id('draft.' || what || ':' || d.id || ':' || d.round), d.org_id, at, 'draft.' || what, 'draft', d.id,
        'system', true, jsonb_build_object('round', d.round,
            'at', json_instant(CASE what WHEN 'opened' THEN d.opens_at ELSE d.closes_at END)))
    ON CONFLICT (id) DO NOTHING
$$;
COMMENT ON FUNCTION draft_window_tell IS 'Records draft.opened or draft.closed of the present round, once.';
