-- The service desk: the catalogue of services with its ratings, frequent questions, contacts, and the subjects in force
-- that people may criticise (I13–I15, I17, I22, S2, B9).

-- Services -----------------------------------------------------------------------------------------------

-- Everything that an answer, a search or the strategy file can say of a service in one normalised text.
CREATE FUNCTION service_words(title_fa text, title_en text, keywords text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN fa_norm(concat_ws(' ', title_fa, title_en, array_to_string(keywords, ' ')));
COMMENT ON FUNCTION service_words IS 'The words by which a service is found.';

CREATE TABLE service (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    title_fa text NOT NULL,
    title_en text,
    unit_code text,
    keywords text[] NOT NULL,
    documents text[] NOT NULL,
    fee text,
    duration text,
    channel text,
    address text,
    origin text NOT NULL DEFAULT 'file' CHECK (origin IN ('file', 'staff')),
    row_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    norm text NOT NULL GENERATED ALWAYS AS (service_words(title_fa, title_en, keywords)) STORED,
    UNIQUE (org_id, code),
    FOREIGN KEY (org_id, unit_code) REFERENCES unit (org_id, code)
);
COMMENT ON TABLE service IS 'The electronic service desk: what an organisation does for people.';
COMMENT ON COLUMN service.id IS 'Internal id; also of its subject.';
COMMENT ON COLUMN service.org_id IS 'Who offers it.';
COMMENT ON COLUMN service.code IS 'Stable name in addresses and in cases about it.';
COMMENT ON COLUMN service.position IS 'Order in the catalogue.';
COMMENT ON COLUMN service.title_fa IS 'Persian title.';
COMMENT ON COLUMN service.title_en IS 'English title.';
COMMENT ON COLUMN service.unit_code IS 'The unit that provides it.';
COMMENT ON COLUMN service.keywords IS 'Other words by which people look for it.';
COMMENT ON COLUMN service.documents IS 'What an applicant has to bring.';
COMMENT ON COLUMN service.fee IS 'What it costs, in words.';
COMMENT ON COLUMN service.duration IS 'How long it takes, in words.';
COMMENT ON COLUMN service.channel IS 'How it is had, in words.';
COMMENT ON COLUMN service.address IS 'Where it is had on the web.';
COMMENT ON COLUMN service.origin IS 'file: as the strategy file says; staff: made or changed by the API, and left alone when a file is applied.';
COMMENT ON COLUMN service.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN service.created_at IS 'When it came.';
COMMENT ON COLUMN service.updated_at IS 'Last change.';
COMMENT ON COLUMN service.retired_at IS 'When it was taken out of the catalogue.';
COMMENT ON COLUMN service.norm IS 'Title and keywords normalised for search.';

-- NULL names none, and that is fine; so is any name as long as there is no catalogue.
CREATE FUNCTION service_is_there(org uuid, service_code text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN service_code IS NULL
        OR EXISTS (SELECT FROM service s WHERE s.org_id = org AND s.code = service_code AND s.retired_at IS NULL)
        OR NOT EXISTS (SELECT FROM service s WHERE s.org_id = org AND s.retired_at IS NULL);
END $$;
COMMENT ON FUNCTION service_is_there IS 'Whether a case may be about this service of an organisation.';

-- What is about a service goes to the unit that gives it.
CREATE FUNCTION unit_of_service(org uuid, service_code text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT s.unit_code FROM service s
            WHERE s.org_id = org AND s.code = service_code AND s.retired_at IS NULL AND unit_is_there(org, s.unit_code));
END $$;
COMMENT ON FUNCTION unit_of_service IS 'The unit that a case about this service goes to; NULL: nobody said which.';

CREATE DOMAIN stars AS smallint CHECK (VALUE BETWEEN 1 AND 5);
COMMENT ON DOMAIN stars IS 'A rating, 5 being best.';

CREATE TABLE service_rating (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL,
    org_id uuid NOT NULL,
    rating stars NOT NULL,
    text text,
    rated_at timestamptz NOT NULL,
    rated_on date NOT NULL,
    voter bytea NOT NULL,
    request_digest bytea NOT NULL
);
CREATE UNIQUE INDEX service_rating_once ON service_rating (voter, rated_on);
CREATE INDEX service_rating_by_service ON service_rating (service_id, rated_at, id) INCLUDE (rating);
COMMENT ON TABLE service_rating IS 'What people think of a service; a device or a verified citizen once a day.';
COMMENT ON COLUMN service_rating.id IS 'Of the request.';
COMMENT ON COLUMN service_rating.service_id IS 'Service.';
COMMENT ON COLUMN service_rating.org_id IS 'Organisation.';
COMMENT ON COLUMN service_rating.rating IS '1 to 5.';
COMMENT ON COLUMN service_rating.text IS 'Why; for staff.';
COMMENT ON COLUMN service_rating.rated_at IS 'When.';
COMMENT ON COLUMN service_rating.rated_on IS 'The local day of it.';
COMMENT ON COLUMN service_rating.voter IS 'Keyed hash of device or identity, another one for each service.';
COMMENT ON COLUMN service_rating.request_digest IS 'SHA-256 of the request.';

-- Frequent questions ---------------------------------------------------------------------------------------

CREATE TABLE faq (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    topic text,
    updated_on date NOT NULL,
    origin text NOT NULL DEFAULT 'file' CHECK (origin IN ('file', 'staff')),
    row_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    norm text NOT NULL GENERATED ALWAYS AS (fa_norm(coalesce(topic, '') || ' ' || question || ' ' || answer)) STORED,
    UNIQUE (org_id, code)
);
COMMENT ON TABLE faq IS 'Frequent questions and their answers.';
COMMENT ON COLUMN faq.id IS 'Internal id.';
COMMENT ON COLUMN faq.org_id IS 'Who answers.';
COMMENT ON COLUMN faq.code IS 'Stable name in addresses.';
COMMENT ON COLUMN faq.position IS 'Order in the list.';
COMMENT ON COLUMN faq.question IS 'Question.';
COMMENT ON COLUMN faq.answer IS 'Answer.';
COMMENT ON COLUMN faq.topic IS 'What it is about, in a word or two.';
COMMENT ON COLUMN faq.updated_on IS 'The day up to which the answer is known to be right.';
COMMENT ON COLUMN faq.origin IS 'file: as the strategy file says; staff: made or changed by the API, and left alone when a file is applied.';
COMMENT ON COLUMN faq.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN faq.created_at IS 'When it came.';
COMMENT ON COLUMN faq.updated_at IS 'Last change.';
COMMENT ON COLUMN faq.retired_at IS 'When it was taken out.';
COMMENT ON COLUMN faq.norm IS 'All its words normalised for search.';

-- Contacts -------------------------------------------------------------------------------------------------

CREATE TABLE contact (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    kind text NOT NULL CHECK (kind IN ('phone', 'fax', 'email', 'web', 'postal', 'hours')),
    title_fa text NOT NULL,
    unit_code text,
    as_published text NOT NULL,
    address text,
    note text,
    origin text NOT NULL DEFAULT 'file' CHECK (origin IN ('file', 'staff')),
    row_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    UNIQUE (org_id, code),
    FOREIGN KEY (org_id, unit_code) REFERENCES unit (org_id, code)
);
COMMENT ON TABLE contact IS 'Phones, addresses and hours of an organisation or one of its units, as published, beside what works.';
COMMENT ON COLUMN contact.id IS 'Internal id.';
COMMENT ON COLUMN contact.org_id IS 'Whose.';
COMMENT ON COLUMN contact.code IS 'Stable name in addresses.';
COMMENT ON COLUMN contact.position IS 'Order in the list.';
COMMENT ON COLUMN contact.kind IS 'phone, fax, email, web, postal or hours.';
COMMENT ON COLUMN contact.title_fa IS 'Persian title.';
COMMENT ON COLUMN contact.unit_code IS 'The unit that is reached; NULL: the organisation.';
COMMENT ON COLUMN contact.as_published IS 'As published, mistakes included.';
COMMENT ON COLUMN contact.address IS 'A URI that works, once validated; NULL where the published one gives none.';
COMMENT ON COLUMN contact.note IS 'What is wrong with the published one.';
COMMENT ON COLUMN contact.origin IS 'file: as the strategy file says; staff: made or changed by the API, and left alone when a file is applied.';
COMMENT ON COLUMN contact.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN contact.created_at IS 'When it came.';
COMMENT ON COLUMN contact.updated_at IS 'Last change.';
COMMENT ON COLUMN contact.retired_at IS 'When it was taken out.';

CREATE FUNCTION contacts_of(org uuid, of_unit text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'kind', c.kind, 'title_fa', c.title_fa,
        'unit_code', c.unit_code, 'as_published', c.as_published, 'address', c.address, 'note', c.note,
        'version', c.row_version::text)
        ORDER BY c.position, c.code), '[]')
    FROM contact c
    WHERE c.org_id = org AND c.retired_at IS NULL AND (of_unit IS NULL OR c.unit_code = of_unit)
$$;
COMMENT ON FUNCTION contacts_of IS 'How an organisation, or one of its units, is reached, as JSON.';

-- Subjects in force -----------------------------------------------------------------------------------------

CREATE TABLE subject (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    kind text NOT NULL CHECK (kind IN ('policy', 'process', 'decision', 'action', 'service')),
    code text,
    title text NOT NULL,
    text text NOT NULL,
    unit_code text,
    in_force_from date NOT NULL,
    in_force_to date,
    source text,
    row_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    norm text NOT NULL GENERATED ALWAYS AS (fa_norm(title || ' ' || text)) STORED,
    CHECK ((kind = 'service') = (code IS NOT NULL)),
    FOREIGN KEY (org_id, unit_code) REFERENCES unit (org_id, code)
);
CREATE INDEX subject_by_org ON subject (org_id, created_at DESC, id DESC);
COMMENT ON TABLE subject IS 'What is in force and may be criticised: policies, processes, decisions, actions, and every service.';
COMMENT ON COLUMN subject.id IS 'Id in addresses.';
COMMENT ON COLUMN subject.org_id IS 'Whose.';
COMMENT ON COLUMN subject.kind IS 'policy, process, decision, action, or service (kept by a trigger on service).';
COMMENT ON COLUMN subject.code IS 'Code of the service; NULL for the other kinds.';
COMMENT ON COLUMN subject.title IS 'Title.';
COMMENT ON COLUMN subject.text IS 'What it says.';
COMMENT ON COLUMN subject.unit_code IS 'The unit that is responsible.';
COMMENT ON COLUMN subject.in_force_from IS 'First local day in force.';
COMMENT ON COLUMN subject.in_force_to IS 'Last local day in force; NULL: no end is set.';
COMMENT ON COLUMN subject.source IS 'Where it is published.';
COMMENT ON COLUMN subject.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN subject.created_at IS 'When it was entered.';
COMMENT ON COLUMN subject.updated_at IS 'Last change.';
COMMENT ON COLUMN subject.norm IS 'Title and text normalised for search.';

CREATE FUNCTION subject_in_force(s subject, on_day date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT on_day BETWEEN s.in_force_from AND coalesce(s.in_force_to, 'infinity')
$$;
COMMENT ON FUNCTION subject_in_force IS 'Whether a subject is in force on a day: only then it takes comments.';

CREATE FUNCTION service_is_subject() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO subject (id, org_id, kind, code, title, text, unit_code, in_force_from, in_force_to, source, created_at,
        updated_at)
    VALUES (NEW.id, NEW.org_id, 'service', NEW.code, NEW.title_fa,
        concat_ws(E'\n', NEW.title_en, array_to_string(NEW.documents, E'\n'), NEW.fee, NEW.duration, NEW.channel),
        NEW.unit_code, (NEW.created_at AT TIME ZONE 'Asia/Tehran')::date,
        (NEW.retired_at AT TIME ZONE 'Asia/Tehran')::date - 1, NEW.address, NEW.created_at, NEW.updated_at)
    ON CONFLICT (id) DO UPDATE
    SET (title, text, unit_code, in_force_to, source, updated_at, row_version) =
        (EXCLUDED.title, EXCLUDED.text, EXCLUDED.unit_code, EXCLUDED.in_force_to, EXCLUDED.source, EXCLUDED.updated_at,
         subject.row_version + 1);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION service_is_subject IS 'Every service is a subject that people comment on.';
CREATE TRIGGER service_is_subject AFTER INSERT OR UPDATE ON service
    FOR EACH ROW EXECUTE FUNCTION service_is_subject();

-- What a comment is about, for staff.
CREATE FUNCTION comment_about(c comment) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN c.draft_id IS NULL
        THEN (SELECT jsonb_build_object('kind', s.kind, 'id', s.id, 'code', s.code, 'title', s.title)
              FROM subject s WHERE s.id = c.subject_id)
        ELSE (SELECT jsonb_build_object('kind', 'draft', 'id', d.id, 'code', d.number, 'title', d.title)
              FROM draft d WHERE d.id = c.draft_id) END
$$;
COMMENT ON FUNCTION comment_about IS 'What a comment is about, as JSON.';

-- How they are shown -----------------------------------------------------------------------------------------

CREATE FUNCTION service_shown(s service) RETURNS TABLE (
    code text, title_fa text, title_en text, unit_code text, keywords text[], documents text[], fee text, duration text,
    channel text, address text, subject_id uuid, updated_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.code, s.title_fa, s.title_en, s.unit_code, s.keywords, s.documents, s.fee, s.duration, s.channel, s.address,
        s.id, s.updated_at
$$;
COMMENT ON FUNCTION service_shown IS 'A service as answers show it.';

CREATE FUNCTION faq_shown(f faq) RETURNS TABLE (
    code text, question text, answer text, topic text, "updated_on updated_on_jalali" date)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT f.code, f.question, f.answer, f.topic, f.updated_on
$$;
COMMENT ON FUNCTION faq_shown IS 'A frequent question as answers show it.';

CREATE FUNCTION subject_shown(s subject, on_day date) RETURNS TABLE (
    id uuid, kind text, code text, title text, text text, unit_code text, "in_force_from in_force_from_jalali" date,
    "in_force_to in_force_to_jalali" date, in_force boolean, source text, updated_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.id, s.kind, s.code, s.title, s.text, s.unit_code, s.in_force_from, s.in_force_to,
        subject_in_force(s, on_day), s.source, s.updated_at
$$;
COMMENT ON FUNCTION subject_shown IS 'A subject as answers show it on a day.';

-- Changes are told whole: the newest hundred versions of a thing, as its events keep them.
CREATE FUNCTION history_of(subject uuid) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', json_instant(e.at), 'on_jalali', jalali_on(e.at),
        'kind', e.kind, 'data', e.data)
        ORDER BY e.at, e.id), '[]')
    FROM (SELECT e.* FROM event e WHERE e.subject_id = subject AND e.is_public
          ORDER BY e.at DESC, e.id DESC LIMIT 100) e
$$;
COMMENT ON FUNCTION history_of IS 'The public events of a thing, oldest first, as JSON.';
