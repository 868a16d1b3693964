-- Surveys and polls (LIFECYCLES.md "Survey"): the questions in versions, the answers, and, apart from them, who answered.
--
-- survey_response takes a whole province in an evening. So it has its key, one partial index that is empty most of the
-- time, domains instead of CHECKs, no foreign keys, and nothing counts in a shared row.
--
-- What anonymity means here. Where a survey is anonymised, survey_response and survey_participation share no value: ids
-- of responses are random (not of the time, not of the Idempotency-Key), neither table has an instant, rows of one batch
-- are written in the order of random values, and no event is written. What a database cannot hide from whoever reads its
-- files is which rows one transaction wrote (xmin, the order in the heap). Taking a response into the roll-ups rewrites
-- its row together with others in another transaction, and once an anonymised survey has ended nobody can answer twice
-- any more, so the worker removes who took part (survey_forget()). Backups of the time before keep it: survey_declared()
-- tells people so.

CREATE TABLE survey (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('poll', 'satisfaction', 'visitor', 'service', 'topical')),
    title_fa text NOT NULL,
    title_en text,
    introduction_fa text NOT NULL,
    introduction_en text,
    unit_code text,
    service_code text,
    links jsonb NOT NULL DEFAULT '[]',
    mode text NOT NULL CHECK (mode IN ('open', 'device', 'link', 'identity')),
    is_anonymised boolean NOT NULL,
    least_group int NOT NULL DEFAULT 5 CHECK (least_group BETWEEN 2 AND 1000),
    results_visibility text NOT NULL DEFAULT 'published' CHECK (results_visibility IN ('published', 'live')),
    is_after_cases boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('drafting', 'scheduled', 'paused', 'results_published', 'archived',
                                         'cancelled')),
    row_version int NOT NULL DEFAULT 1,
    version int NOT NULL DEFAULT 1,
    opens_at timestamptz,
    closes_at timestamptz,
    reason text,
    created_at timestamptz NOT NULL,
    created_by uuid,
    updated_at timestamptz NOT NULL,
    scheduled_at timestamptz,
    published_at timestamptz,
    forgotten_at timestamptz,
    opened_told boolean NOT NULL DEFAULT false,
    ended_told boolean NOT NULL DEFAULT false,
    norm text GENERATED ALWAYS AS (fa_norm(title_fa || ' ' || coalesce(title_en, '') || ' ' || introduction_fa)) STORED,
    CHECK (closes_at > opens_at),
    CHECK (state IN ('drafting', 'cancelled') OR (opens_at IS NOT NULL AND closes_at IS NOT NULL))
);
CREATE INDEX survey_by_org ON survey (org_id, created_at DESC, id DESC);
CREATE INDEX survey_by_service ON survey (org_id, service_code) WHERE service_code IS NOT NULL;
CREATE INDEX survey_by_opening ON survey (opens_at) WHERE state IN ('scheduled', 'paused');
CREATE INDEX survey_by_closing ON survey (closes_at) WHERE state IN ('scheduled', 'paused');
CREATE INDEX survey_untold ON survey (id) WHERE state IN ('scheduled', 'paused') AND NOT ended_told;
CREATE INDEX survey_to_forget ON survey (closes_at) WHERE is_anonymised AND forgotten_at IS NULL;
CREATE INDEX survey_after_cases ON survey (org_id) WHERE is_after_cases AND state = 'scheduled';
COMMENT ON TABLE survey IS 'A survey or poll, from its drafting to its published results.';
COMMENT ON COLUMN survey.id IS 'Id in addresses.';
COMMENT ON COLUMN survey.org_id IS 'Whose survey.';
COMMENT ON COLUMN survey.number IS 'Human number.';
COMMENT ON COLUMN survey.kind IS 'poll, satisfaction, visitor, service or topical.';
COMMENT ON COLUMN survey.title_fa IS 'Persian title.';
COMMENT ON COLUMN survey.title_en IS 'English title.';
COMMENT ON COLUMN survey.introduction_fa IS 'What it is about and what for, in Persian.';
COMMENT ON COLUMN survey.introduction_en IS 'The same in English.';
COMMENT ON COLUMN survey.unit_code IS 'The deputy, general office or county office that it is about; NULL: the whole house.';
COMMENT ON COLUMN survey.service_code IS 'The service of the service desk that it is about.';
COMMENT ON COLUMN survey.links IS 'Array of {title, url}: directives and pages that belong to its topic.';
COMMENT ON COLUMN survey.mode IS 'Who may answer: open, device (once per device token), link (one-time links), identity (verified citizens, once).';
COMMENT ON COLUMN survey.is_anonymised IS 'Who answered and what they answered are stored apart, nothing finer than a day.';
COMMENT ON COLUMN survey.least_group IS 'Results show no group of fewer respondents (k).';
COMMENT ON COLUMN survey.results_visibility IS 'published: once published; live: to everybody while it runs.';
COMMENT ON COLUMN survey.is_after_cases IS 'Offered to the citizen of an answered case, beside the rating.';
COMMENT ON COLUMN survey.state IS 'Stored state; scheduled, running and ended are computed from it and the window (survey_state).';
COMMENT ON COLUMN survey.row_version IS 'Rises with every change: the entity tag. Answers do not change it.';
COMMENT ON COLUMN survey.version IS 'The version of the questions that is answered now.';
COMMENT ON COLUMN survey.opens_at IS 'From when on it is answered.';
COMMENT ON COLUMN survey.closes_at IS 'The first instant at which it is no longer.';
COMMENT ON COLUMN survey.reason IS 'Why it is paused or was cancelled, for the public.';
COMMENT ON COLUMN survey.created_at IS 'When work on it began.';
COMMENT ON COLUMN survey.created_by IS 'API key of who began.';
COMMENT ON COLUMN survey.updated_at IS 'Last change.';
COMMENT ON COLUMN survey.scheduled_at IS 'When it was scheduled: from here on the public sees it and its questions are frozen.';
COMMENT ON COLUMN survey.published_at IS 'When its results were published.';
COMMENT ON COLUMN survey.forgotten_at IS 'When who took part was removed (anonymised surveys, after their end).';
COMMENT ON COLUMN survey.opened_told IS 'Its opening is recorded as an event.';
COMMENT ON COLUMN survey.ended_told IS 'Its end is recorded as an event.';
COMMENT ON COLUMN survey.norm IS 'Titles and introduction normalised for search.';

CREATE TABLE survey_version (
    survey_id uuid NOT NULL REFERENCES survey,
    n int NOT NULL CHECK (n > 0),
    questions json NOT NULL,
    changelog text,
    created_at timestamptz NOT NULL,
    created_by uuid,
    frozen_at timestamptz,
    PRIMARY KEY (survey_id, n)
);
COMMENT ON TABLE survey_version IS 'The questions of a survey; immutable once they can be answered, so that every answer keeps its questions.';
COMMENT ON COLUMN survey_version.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_version.n IS 'Number of the version, from 1.';
COMMENT ON COLUMN survey_version.questions IS 'Array of questions as the contract describes them; json, not jsonb: it is read, never searched.';
COMMENT ON COLUMN survey_version.changelog IS 'What changed against the version before, for the public.';
COMMENT ON COLUMN survey_version.created_at IS 'When it was written.';
COMMENT ON COLUMN survey_version.created_by IS 'API key of who wrote it.';
COMMENT ON COLUMN survey_version.frozen_at IS 'From when on it could be answered.';

CREATE DOMAIN survey_source AS text CHECK (VALUE IN ('web', 'clerk'));
COMMENT ON DOMAIN survey_source IS 'How a response came: by the web, or on paper through a clerk.';

CREATE TABLE survey_response (
    survey_id uuid NOT NULL,
    id uuid NOT NULL,
    version int NOT NULL,
    day date NOT NULL,
    received_at timestamptz,
    source survey_source NOT NULL,
    tallied boolean NOT NULL DEFAULT false,
    answers jsonb NOT NULL,
    request_digest bytea,
    filed_by uuid,
    discarded_at timestamptz,
    discarded_by uuid,
    discard_reason text,
    PRIMARY KEY (survey_id, id)
);
-- What the roll-ups do not say yet: responses to take in (neither), and discarded ones to take out again (both). Whoever
-- reads it asks for this order, which the primary key does not have: that one would be read from its beginning.
CREATE INDEX survey_response_untallied ON survey_response (survey_id, day, id) WHERE tallied <> (discarded_at IS NULL);
CREATE INDEX survey_response_discarded ON survey_response (survey_id) WHERE discarded_at IS NOT NULL;
COMMENT ON TABLE survey_response IS 'What somebody answered. In an anonymised survey nothing here says who or, finer than the day, when.';
COMMENT ON COLUMN survey_response.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_response.id IS 'Random where the survey is anonymised.';
COMMENT ON COLUMN survey_response.version IS 'The version of the questions that was answered.';
COMMENT ON COLUMN survey_response.day IS 'Local date of receipt.';
COMMENT ON COLUMN survey_response.received_at IS 'When it came; NULL where the survey is anonymised.';
COMMENT ON COLUMN survey_response.source IS 'web, or clerk: entered from a paper form.';
COMMENT ON COLUMN survey_response.tallied IS 'It is in the roll-ups; ahead of or behind them where this is not the same as not being discarded.';
COMMENT ON COLUMN survey_response.answers IS 'Object from question id to answer; hidden and unanswered questions are absent.';
COMMENT ON COLUMN survey_response.request_digest IS 'SHA-256 of the request; NULL where the survey is anonymised.';
COMMENT ON COLUMN survey_response.filed_by IS 'API key of the clerk who entered it.';
COMMENT ON COLUMN survey_response.discarded_at IS 'When it was taken out.';
COMMENT ON COLUMN survey_response.discarded_by IS 'API key of who did that.';
COMMENT ON COLUMN survey_response.discard_reason IS 'Why.';

CREATE TABLE survey_participation (
    survey_id uuid NOT NULL,
    voter bytea NOT NULL,
    request_id uuid NOT NULL,
    PRIMARY KEY (survey_id, voter)
);
COMMENT ON TABLE survey_participation IS 'Who took part, once each; removed after the end of an anonymised survey.';
COMMENT ON COLUMN survey_participation.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_participation.voter IS 'Keyed hash of device, identity or link, different for every survey.';
COMMENT ON COLUMN survey_participation.request_id IS 'Tells a repeated request from a second vote: random, or a keyed hash of the Idempotency-Key. In an anonymised survey no response has it.';

CREATE TABLE survey_link (
    survey_id uuid NOT NULL,
    voter bytea NOT NULL,
    made_by uuid NOT NULL,
    PRIMARY KEY (survey_id, voter)
);
COMMENT ON TABLE survey_link IS 'One-time links that were handed out. A used one is a row of survey_participation: nothing is written here.';
COMMENT ON COLUMN survey_link.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_link.voter IS 'Keyed hash of the link''s token; the token itself is nowhere.';
COMMENT ON COLUMN survey_link.made_by IS 'The event that made it and its siblings.';

-- The state that a reader sees: the window is judged by the instant of reading.
CREATE FUNCTION survey_state(state text, opens_at timestamptz, closes_at timestamptz, at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN state NOT IN ('scheduled', 'paused') THEN state
        WHEN at >= closes_at THEN 'ended'
        WHEN state = 'paused' THEN 'paused'
        WHEN at < opens_at THEN 'scheduled'
        ELSE 'running' END
$$;
COMMENT ON FUNCTION survey_state IS 'The state that a reader sees at an instant.';

-- The next instant at which the clock alone changes that state.
CREATE FUNCTION survey_turns_at(state text, opens_at timestamptz, closes_at timestamptz, at timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN state NOT IN ('scheduled', 'paused') OR at >= closes_at THEN NULL
        WHEN state = 'scheduled' AND at < opens_at THEN opens_at
        ELSE closes_at END
$$;
COMMENT ON FUNCTION survey_turns_at IS 'When the clock next changes what a reader sees.';

-- The columns of a survey in every answer that shows one.
CREATE FUNCTION survey_shown(s survey, at timestamptz) RETURNS TABLE (
    id uuid, number text, kind text, title_fa text, title_en text, introduction_fa text, introduction_en text,
    unit_code text, service_code text, links jsonb, mode text, anonymised boolean, least_group int,
    results_visibility text, after_cases boolean, state text, version int,
    "opens_at opens_on_jalali" timestamptz, "closes_at closes_on_jalali" timestamptz, reason text,
    created_at timestamptz, updated_at timestamptz, "published_at published_on_jalali" timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.id, s.number, s.kind, s.title_fa, s.title_en, s.introduction_fa, s.introduction_en, s.unit_code,
        s.service_code, s.links, s.mode, s.is_anonymised, s.least_group, s.results_visibility, s.is_after_cases,
        survey_state(s.state, s.opens_at, s.closes_at, at), s.version, s.opens_at, s.closes_at, s.reason,
        s.created_at, s.updated_at, s.published_at
$$;
COMMENT ON FUNCTION survey_shown IS 'A survey as answers show it.';

-- Entity tag of that: what is stored and what the clock makes of it.
CREATE FUNCTION survey_tag(s survey, at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.row_version || '-' || survey_state(s.state, s.opens_at, s.closes_at, at)
$$;
COMMENT ON FUNCTION survey_tag IS 'Entity tag of a survey as answers show it.';

-- What a reader is told before answering, and printed with the results.
CREATE FUNCTION survey_declared(mode text, is_anonymised boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object(
        'who_fa', CASE mode
            WHEN 'open' THEN 'هر کس می‌تواند پاسخ دهد؛ پاسخ دوباره بازشناخته نمی‌شود.'
            WHEN 'device' THEN 'از هر دستگاه یک بار می‌توان پاسخ داد؛ کسی که چند دستگاه دارد بازشناخته نمی‌شود.'
            WHEN 'link' THEN 'تنها با پیوند یک‌بارمصرفی که به شما داده شده است می‌توان پاسخ داد.'
            WHEN 'identity' THEN 'تنها شهروندانی که هویتشان تأیید شده است، هر نفر یک بار.' END,
        'who_en', CASE mode
            WHEN 'open' THEN 'Anybody may answer; a second answer is not recognised.'
            WHEN 'device' THEN 'Once from each device; somebody with several devices is not recognised.'
            WHEN 'link' THEN 'Only with the one-time link that was handed to you.'
            WHEN 'identity' THEN 'Citizens whose identity is verified, once each.' END,
        'anonymity_fa', CASE WHEN is_anonymised
            THEN 'آنچه پاسخ داده‌اید جدا از این که چه کسی پاسخ داده نگه‌داری می‌شود و هیچ زمانی دقیق‌تر از روز کنار آن نمی‌آید. فهرست کسانی که پاسخ داده‌اند پس از پایان نظرسنجی پاک می‌شود. تا آن هنگام، و در پشتیبان‌های آن زمان، کسی که خود فایل‌های پایگاه داده را دارد شاید بتواند از روی ترتیب ثبت، این دو را به هم نزدیک کند.'
            ELSE 'زمان هر پاسخ کنار آن نگه‌داری می‌شود و برای جلوگیری از پاسخ دوباره، نشانی رمزشده از پاسخ‌دهنده می‌ماند.' END,
        'anonymity_en', CASE WHEN is_anonymised
            THEN 'What you answer is kept apart from who answered, with nothing finer than the day beside it. The list of who took part is removed after the end. Until then, and in backups of that time, somebody who has the files of the database itself may be able to bring the two closer by the order in which they were written.'
            ELSE 'The time of each answer is kept with it, and a keyed mark of who answered stays to prevent a second answer.' END)
$$;
COMMENT ON FUNCTION survey_declared IS 'Who may answer and how anonymous it is, in Persian and English.';

-- Removes who took part in anonymised surveys that are over, at most `most` rows: a pass of the worker. The grace is
-- longer than any request lives. Returns how many rows went; a survey without any more is marked.
CREATE FUNCTION survey_forget(at timestamptz, most int) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    WITH over AS MATERIALIZED (
        SELECT id FROM survey
        WHERE is_anonymised AND forgotten_at IS NULL AND closes_at < at - interval '10 minutes'
        ORDER BY closes_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ),
    gone AS (
        DELETE FROM survey_participation p USING over
        WHERE p.survey_id = over.id AND p.ctid = ANY (ARRAY(
            SELECT q.ctid FROM survey_participation q WHERE q.survey_id = over.id LIMIT most))
        RETURNING 1
    ),
    marked AS (
        UPDATE survey s SET forgotten_at = at FROM over
        WHERE s.id = over.id AND (SELECT count(*) FROM gone) < most
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM marked)
$$;
COMMENT ON FUNCTION survey_forget IS 'Removes who took part in anonymised surveys that are over.';

-- The fact that a survey opened or ended, recorded once whoever comes first.
CREATE FUNCTION survey_window_tell(s survey, what text, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    VALUES (once_id('survey.' || what || ':' || s.id), s.org_id, at, 'survey.' || what, 'survey', s.id, 'system', true,
        jsonb_build_object('at', json_instant(CASE what WHEN 'opened' THEN s.opens_at ELSE s.closes_at END)))
    ON CONFLICT (id) DO NOTHING
$$;
COMMENT ON FUNCTION survey_window_tell IS 'Records survey.opened or survey.ended, once.';

CREATE TRIGGER survey_window_set AFTER UPDATE OF state, opens_at, closes_at ON survey
    FOR EACH ROW WHEN (OLD.closes_at IS DISTINCT FROM NEW.closes_at OR OLD.opens_at IS DISTINCT FROM NEW.opens_at
                       OR OLD.state <> NEW.state)
    EXECUTE FUNCTION worker_wake();
