-- The house: the clock, organisations and what their strategies promise, API keys, events, and what everything stands on.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Text ------------------------------------------------------------------------------------------

-- fa_norm(): one spelling for what people spell in many ways; equal to text_fa_norm() in src/base/text_fa.c on
-- every input (tests/unit/base/fa_norm_golden.tsv is made by this function).
--
-- In this order: NFKC; letters (ي ى ئ→ی, ك→ک, ة ۀ→ه, أ إ آ ٱ→ا, ؤ→و) and Arabic and Persian digits; A-Z to lower
-- case; tatweel, harakat and invisible characters dropped; a run of blanks (ZWNJ and ZWJ are blanks) to one
-- space; ends trimmed. translate() costs its list for every character of the text, hence the digits only when
-- there are any (NFKC makes none of them), and character classes for all else. COLLATE "C" makes it immutable.
-- Not STRICT: with its CASE that would keep it from being inlined. NULL gives NULL all the same.
CREATE FUNCTION fa_norm(s text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(regexp_replace(lower(translate(
    normalize(s COLLATE "C", NFKC),
    CASE WHEN s COLLATE "C" ~ '[\u0660-\u0669\u06F0-\u06F9]'
        THEN U&'\064A\0649\0626\0643\0629\06C0\0623\0625\0622\0671\0624\0660\0661\0662\0663\0664\0665\0666\0667\0668\0669\06F0\06F1\06F2\06F3\06F4\06F5\06F6\06F7\06F8\06F9'
        ELSE U&'\064A\0649\0626\0643\0629\06C0\0623\0625\0622\0671\0624'
    END,
    U&'\06CC\06CC\06CC\06A9\0647\0647\0627\0627\0627\0627\064801234567890123456789')),
    '[\u00AD\u061C\u0640\u064B-\u065F\u0670\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]+', '', 'g'),
    ' [\t-\r \u0085\u1680\u200B-\u200D\u2028\u2029]+|[\t-\r\u0085\u1680\u200B-\u200D\u2028\u2029][\t-\r \u0085\u1680\u200B-\u200D\u2028\u2029]*', ' ', 'g'));

-- fa_fingerprint(): fa_norm() with everything but letters and digits dropped; equal to text_fingerprint().
CREATE FUNCTION fa_fingerprint(s text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(replace(fa_norm(s), ' ', '') COLLATE "C",
    '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u02B0-\u036F\u0600-\u061F\u066A-\u066D\u06D4\u06D6-\u06ED\u06FD\u06FE\u2000-\u2BFF\u2E00-\u2E7F\u3000-\u303F\uE000-\uF8FF\uFD3E-\uFD4F\uFDCF\uFDFD-\uFE6F\uFFF0-\uFFFF\U0001F000-\U0001FBFF\U000E0000-\U0010FFFF]+', '', 'g');

COMMENT ON FUNCTION fa_norm IS 'One spelling of a Persian text, for search and comparison.';
COMMENT ON FUNCTION fa_fingerprint IS 'fa_norm without anything but letters and digits.';

-- An instant inside a JSON document, as the engine writes instants: RFC 3339 UTC, a fraction only where there is one.
-- Stable as to_char() is: what promises more than its parts is not inlined, and planned at each call.
CREATE FUNCTION json_instant(at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN to_jsonb(replace(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') || 'Z');
COMMENT ON FUNCTION json_instant IS 'An instant as JSON, RFC 3339 UTC.';

-- The clock ---------------------------------------------------------------------------------------

CREATE TABLE clock (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    shift interval NOT NULL DEFAULT '0'
);
INSERT INTO clock DEFAULT VALUES;
-- A worker sleeps until something falls due, and that comes sooner when the clock is moved.
CREATE FUNCTION clock_moved() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NOTIFY mosharekat_clock; NOTIFY mosharekat_work; RETURN NULL; END $$;
COMMENT ON FUNCTION clock_moved IS 'Tells the servers and the workers that the clock was moved.';
CREATE TRIGGER clock_moved AFTER UPDATE ON clock FOR EACH STATEMENT EXECUTE FUNCTION clock_moved();
COMMENT ON TABLE clock IS 'One row: how far the servers'' clock is moved. Zero in production; tests and rehearsals move it.';
COMMENT ON COLUMN clock.single IS 'Keeps the table at one row.';
COMMENT ON COLUMN clock.shift IS 'Added to the database''s clock.';

-- The worker sleeps until the next instant that it knows of: whoever sets another one wakes it.
CREATE FUNCTION worker_wake() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NOTIFY mosharekat_work; RETURN NULL; END $$;
COMMENT ON FUNCTION worker_wake IS 'Wakes the worker.';

-- Organisations and strategies ----------------------------------------------------------------------

CREATE TABLE organisation (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 64),
    parent_id uuid REFERENCES organisation,
    kind text NOT NULL CHECK (kind IN ('governorate', 'county_office')),
    name_fa text NOT NULL,
    name_en text NOT NULL,
    statement_title text NOT NULL,
    statement text NOT NULL,
    position int NOT NULL DEFAULT 0,
    applied_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    weeks_version int NOT NULL DEFAULT 0
);
COMMENT ON TABLE organisation IS 'A governorate, or a county office under it, with its participation strategy.';
COMMENT ON COLUMN organisation.id IS 'Internal id.';
COMMENT ON COLUMN organisation.slug IS 'The name in addresses: /v1/orgs/{slug}.';
COMMENT ON COLUMN organisation.parent_id IS 'The governorate of a county office.';
COMMENT ON COLUMN organisation.kind IS 'governorate or county_office.';
COMMENT ON COLUMN organisation.name_fa IS 'Persian name.';
COMMENT ON COLUMN organisation.name_en IS 'English name.';
COMMENT ON COLUMN organisation.statement_title IS 'Title of the published strategy.';
COMMENT ON COLUMN organisation.statement IS 'The published strategy, word for word.';
COMMENT ON COLUMN organisation.position IS 'Order in lists.';
COMMENT ON COLUMN organisation.applied_at IS 'When its strategy file was last applied with a change.';
COMMENT ON COLUMN organisation.retired_at IS 'When it was taken out of service.';
COMMENT ON COLUMN organisation.weeks_version IS 'Rises whenever staff set its weeks, so that of two who do so at once the second sees the first.';

CREATE TABLE legal_basis (
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    as_published text NOT NULL,
    note text,
    retired_at timestamptz,
    PRIMARY KEY (org_id, code)
);
COMMENT ON TABLE legal_basis IS 'The decrees and laws that a strategy cites.';
COMMENT ON COLUMN legal_basis.org_id IS 'Whose strategy.';
COMMENT ON COLUMN legal_basis.code IS 'Stable name within the strategy.';
COMMENT ON COLUMN legal_basis.position IS 'Order in the strategy.';
COMMENT ON COLUMN legal_basis.as_published IS 'The citation as published, mistakes included.';
COMMENT ON COLUMN legal_basis.note IS 'What is wrong or missing in the citation.';
COMMENT ON COLUMN legal_basis.retired_at IS 'When it left the strategy.';

CREATE TABLE promise (
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    sentence text NOT NULL,
    gloss text NOT NULL,
    kind text NOT NULL,
    measure text,
    not_measurable text,
    covers text[],
    retired_at timestamptz,
    PRIMARY KEY (org_id, code),
    CHECK ((measure IS NULL) <> (not_measurable IS NULL))
);
COMMENT ON TABLE promise IS 'One promise of a strategy: the sentence that a citizen reads and how it is measured.';
COMMENT ON COLUMN promise.org_id IS 'Who promised.';
COMMENT ON COLUMN promise.code IS 'Stable id: I3, S4, B2.';
COMMENT ON COLUMN promise.position IS 'Order in the strategy.';
COMMENT ON COLUMN promise.sentence IS 'The Persian words as published.';
COMMENT ON COLUMN promise.gloss IS 'What they mean, in English.';
COMMENT ON COLUMN promise.kind IS 'What kind of promise: window, deadline, channel, ...';
COMMENT ON COLUMN promise.measure IS 'The figure of this server that says whether it is kept.';
COMMENT ON COLUMN promise.not_measurable IS 'Why this server cannot measure it; set if measure is not.';
COMMENT ON COLUMN promise.covers IS 'What its measure looks at: kinds of drafts, cases or surveys, channels, or audiences; NULL: all of them.';
COMMENT ON COLUMN promise.retired_at IS 'When it left the strategy.';

CREATE TABLE window_policy (
    org_id uuid NOT NULL REFERENCES organisation,
    draft_kind text NOT NULL CHECK (draft_kind IN ('by_law', 'directive', 'criteria', 'circular', 'bill', 'tariff')),
    unit text NOT NULL CHECK (unit IN ('none', 'days', 'months')),
    length int CHECK (length > 0),
    promise_code text,
    PRIMARY KEY (org_id, draft_kind),
    FOREIGN KEY (org_id, promise_code) REFERENCES promise (org_id, code),
    CHECK ((unit = 'none') = (length IS NULL) AND (unit = 'none') = (promise_code IS NULL))
);
COMMENT ON TABLE window_policy IS 'How long a draft of a kind must stand open to comment.';
COMMENT ON COLUMN window_policy.org_id IS 'Who promised.';
COMMENT ON COLUMN window_policy.draft_kind IS 'Kind of draft.';
COMMENT ON COLUMN window_policy.unit IS 'days, months (Jalali, never under 30 days each), or none: no promise was made.';
COMMENT ON COLUMN window_policy.length IS 'How many; NULL without a promise.';
COMMENT ON COLUMN window_policy.promise_code IS 'The promise that says so.';

CREATE TABLE unit (
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    kind text NOT NULL,
    name_fa text NOT NULL,
    name_en text NOT NULL,
    parent_code text,
    note text,
    retired_at timestamptz,
    PRIMARY KEY (org_id, code),
    FOREIGN KEY (org_id, parent_code) REFERENCES unit (org_id, code) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE unit IS 'Deputies, general offices, inspection, public relations, committees.';
COMMENT ON COLUMN unit.org_id IS 'Organisation.';
COMMENT ON COLUMN unit.code IS 'Stable name within the organisation.';
COMMENT ON COLUMN unit.position IS 'Order among its siblings.';
COMMENT ON COLUMN unit.kind IS 'deputy, office, inspection, public_relations, committee, ...';
COMMENT ON COLUMN unit.name_fa IS 'Persian name.';
COMMENT ON COLUMN unit.name_en IS 'English name.';
COMMENT ON COLUMN unit.parent_code IS 'The unit above.';
COMMENT ON COLUMN unit.note IS 'Where the name comes from, when the strategy does not give it.';
COMMENT ON COLUMN unit.retired_at IS 'When it was dissolved.';

CREATE TABLE channel (
    org_id uuid NOT NULL REFERENCES organisation,
    code text NOT NULL,
    position int NOT NULL,
    kind text NOT NULL,
    title_fa text NOT NULL,
    as_published text NOT NULL,
    address text,
    note text,
    retired_at timestamptz,
    PRIMARY KEY (org_id, code)
);
COMMENT ON TABLE channel IS 'The ways in that a strategy names.';
COMMENT ON COLUMN channel.org_id IS 'Organisation.';
COMMENT ON COLUMN channel.code IS 'Stable name within the organisation.';
COMMENT ON COLUMN channel.position IS 'Order in the strategy.';
COMMENT ON COLUMN channel.kind IS 'web, email, sms, phone, voicemail, social, samad, s111, foia, ...';
COMMENT ON COLUMN channel.title_fa IS 'Persian title.';
COMMENT ON COLUMN channel.as_published IS 'The address as published, mistakes included.';
COMMENT ON COLUMN channel.address IS 'The address that works, once validated; NULL where the published one cannot.';
COMMENT ON COLUMN channel.note IS 'What is wrong with the published address.';
COMMENT ON COLUMN channel.retired_at IS 'When it was closed.';

CREATE TABLE working_week (
    org_id uuid NOT NULL REFERENCES organisation,
    valid_from date NOT NULL,
    valid_to date,
    days text[] NOT NULL CHECK (days <@ ARRAY['sat', 'sun', 'mon', 'tue', 'wed', 'thu', 'fri'] AND cardinality(days) > 0),
    note text,
    PRIMARY KEY (org_id, valid_from),
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    EXCLUDE USING gist (org_id WITH =, daterange(valid_from, valid_to) WITH &&) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE working_week IS 'Which days of the week are worked, and since when.';
COMMENT ON COLUMN working_week.org_id IS 'Organisation.';
COMMENT ON COLUMN working_week.valid_from IS 'First day of this pattern.';
COMMENT ON COLUMN working_week.valid_to IS 'First day after it; NULL: still in force.';
COMMENT ON COLUMN working_week.days IS 'Working days: sat, sun, mon, tue, wed, thu, fri.';
COMMENT ON COLUMN working_week.note IS 'Source of the pattern.';

CREATE TABLE escalation_step (
    org_id uuid NOT NULL REFERENCES organisation,
    position int NOT NULL,
    offset_days int NOT NULL,
    role text NOT NULL,
    title_fa text NOT NULL,
    PRIMARY KEY (org_id, offset_days)
);
COMMENT ON TABLE escalation_step IS 'The ladder by which an unanswered case climbs.';
COMMENT ON COLUMN escalation_step.org_id IS 'Organisation.';
COMMENT ON COLUMN escalation_step.position IS 'Level, from 1, as the strategy file counts.';
COMMENT ON COLUMN escalation_step.offset_days IS 'Working days from the due date; negative: before it.';
COMMENT ON COLUMN escalation_step.role IS 'Whom to tell.';
COMMENT ON COLUMN escalation_step.title_fa IS 'Persian name of the level.';

CREATE TABLE role (
    org_id uuid NOT NULL REFERENCES organisation,
    name text NOT NULL,
    title_fa text NOT NULL,
    permissions text[] NOT NULL,
    retired_at timestamptz,
    PRIMARY KEY (org_id, name)
);
COMMENT ON TABLE role IS 'What the holders of a role may do in an organisation.';
COMMENT ON COLUMN role.org_id IS 'Organisation.';
COMMENT ON COLUMN role.name IS 'expert, head, moderator, ...';
COMMENT ON COLUMN role.title_fa IS 'Persian title.';
COMMENT ON COLUMN role.permissions IS 'Names of permissions, as in the contract.';
COMMENT ON COLUMN role.retired_at IS 'When the role was taken away; it then permits nothing.';

-- Keys ---------------------------------------------------------------------------------------------

CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    org_id uuid REFERENCES organisation,
    name text NOT NULL,
    roles text[] NOT NULL CHECK (cardinality(roles) BETWEEN 1 AND 16),
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON TABLE api_key IS 'Keys of staff and of client programs.';
COMMENT ON COLUMN api_key.id IS 'Names the key in events and logs.';
COMMENT ON COLUMN api_key.org_id IS 'Organisation; NULL: all of them.';
COMMENT ON COLUMN api_key.name IS 'Who or what holds it.';
COMMENT ON COLUMN api_key.roles IS 'Roles of the holder.';
COMMENT ON COLUMN api_key.hash IS 'SHA-256 of the key; the key itself is nowhere.';
COMMENT ON COLUMN api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN api_key.expires_at IS 'From when on it is refused.';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was revoked.';

-- Events -------------------------------------------------------------------------------------------

-- Tables that take many rows have their lists of words as domains and few other constraints: PostgreSQL reads a CHECK of
-- a table anew for every statement (a fifth of an insert's time, measured), but keeps that of a domain.
CREATE DOMAIN actor_kind AS text CHECK (VALUE IN ('public', 'staff', 'system'));
COMMENT ON DOMAIN actor_kind IS 'Who makes things happen.';

CREATE TABLE event (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    actor_kind actor_kind NOT NULL,
    actor_id uuid,
    is_public boolean NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    request_digest bytea
);
CREATE INDEX event_by_subject ON event (subject_id, at, id);
COMMENT ON TABLE event IS 'Everything that happened, written by the statement that made it happen. Never changed.';
COMMENT ON COLUMN event.id IS 'New; or derived from an Idempotency-Key: the record of that request; or once_id().';
COMMENT ON COLUMN event.org_id IS 'Organisation.';
COMMENT ON COLUMN event.at IS 'When, by the servers'' clock.';
COMMENT ON COLUMN event.kind IS 'draft.opened, comment.received, ...';
COMMENT ON COLUMN event.subject_kind IS 'draft, comment, ...';
COMMENT ON COLUMN event.subject_id IS 'What it happened to.';
COMMENT ON COLUMN event.actor_kind IS 'public, staff or system.';
COMMENT ON COLUMN event.actor_id IS 'The API key of a member of staff.';
COMMENT ON COLUMN event.is_public IS 'Whether the public timeline shows it.';
COMMENT ON COLUMN event.data IS 'What changed; no personal data.';
COMMENT ON COLUMN event.request_digest IS 'SHA-256 of the request, to tell a repeated one from another under the same key.';

-- What may happen once, whoever comes first, has an id that its name decides: INSERT ... ON CONFLICT (id) DO NOTHING.
CREATE FUNCTION once_id(name text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN md5(name)::uuid;
COMMENT ON FUNCTION once_id IS 'The id of the record of a thing that may happen once, e.g. draft.opened:<id>:<round>.';

CREATE FUNCTION append_only_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
COMMENT ON FUNCTION append_only_refuse IS 'Refuses to change what may only be added to.';

-- Counts ------------------------------------------------------------------------------------------

-- The public gets multiples of five: what lies between two published figures is then never a single person.
CREATE FUNCTION stat_told(n bigint, is_exact boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN is_exact THEN coalesce(n, 0) ELSE (coalesce(n, 0) + 2) / 5 * 5 END;
COMMENT ON FUNCTION stat_told IS 'A count as it is told: exact, or to the nearest multiple of five.';

-- The same, where a small group has no row of its own that could be left out: NULL.
CREATE FUNCTION count_told(n bigint, is_exact boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_exact OR n = 0 THEN n WHEN n >= 5 THEN stat_told(n, false) END
$$;
COMMENT ON FUNCTION count_told IS 'As stat_told(), NULL for fewer than five.';
