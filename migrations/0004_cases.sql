-- Case files: one engine for complaints, messages, information requests (and, later, suggestions).

CREATE TABLE channel_kind (
    code text PRIMARY KEY,
    title_fa text NOT NULL,
    title_en text NOT NULL
);
COMMENT ON TABLE channel_kind IS 'The ways in which a case reaches the house.';
COMMENT ON COLUMN channel_kind.code IS 'Stable name.';
COMMENT ON COLUMN channel_kind.title_fa IS 'Persian name.';
COMMENT ON COLUMN channel_kind.title_en IS 'English name.';
INSERT INTO channel_kind VALUES
    ('web', 'درگاه', 'web'), ('email', 'پست الکترونیکی', 'e-mail'), ('sms', 'پیامک', 'SMS'), ('phone', 'تلفن', 'phone'),
    ('voicemail', 'پیام‌گیر', 'voicemail'), ('in_person', 'حضوری', 'in person'), ('letter', 'نامه', 'letter'),
    ('social', 'شبکهٔ اجتماعی', 'social network'), ('samad', 'سامد', 'Samad'), ('s111', 'سامانهٔ ۱۱۱', 'system 111'),
    ('foia', 'سامانهٔ دسترسی آزاد به اطلاعات', 'freedom of information system');

CREATE TABLE casefile (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('complaint', 'message', 'info_request', 'suggestion')),
    number text NOT NULL UNIQUE,
    state text NOT NULL,
    row_version int NOT NULL DEFAULT 1,
    round int NOT NULL DEFAULT 1,
    subject text NOT NULL,
    text text NOT NULL,
    unit_code text,
    service_code text,
    county text,
    person jsonb,
    addressee jsonb,
    is_confidential boolean NOT NULL DEFAULT false,
    wants_call boolean NOT NULL DEFAULT false,
    is_untranscribed boolean NOT NULL DEFAULT false,
    channel text NOT NULL,
    external_ref text,
    reference text COLLATE "C" GENERATED ALWAYS AS (fa_norm(external_ref)) STORED,
    received_at timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    filed_by uuid,
    received_on date NOT NULL,
    working_days int,
    followup_from date,
    closes_on date,
    first_response_at timestamptz,
    answered_at timestamptz,
    answered_days int,
    total_days int,
    closed_at timestamptz,
    paused_at timestamptz,
    paused_days int NOT NULL DEFAULT 0,
    answer text,
    outcome jsonb,
    reason_code text,
    reason text,
    merged_into uuid REFERENCES casefile,
    converted_from uuid REFERENCES casefile,
    converted_into uuid REFERENCES casefile,
    rating int CHECK (rating BETWEEN 1 AND 5),
    rating_text text,
    rated_at timestamptz,
    tracking_hash bytea NOT NULL UNIQUE,
    request_digest bytea NOT NULL,
    receipt_received_at timestamptz NOT NULL,
    receipt_due_on date,
    receipt_due_at timestamptz,
    CHECK (received_at <= registered_at)
) WITH (fillfactor = 85); -- most changes of a case touch none of its indexes, if its page has room
CREATE INDEX casefile_by_org ON casefile (org_id, kind, received_at, id);
CREATE INDEX casefile_by_unit ON casefile (org_id, unit_code, received_at, id);
CREATE INDEX casefile_by_service ON casefile (org_id, service_code, kind) WHERE service_code IS NOT NULL;
CREATE UNIQUE INDEX casefile_by_reference ON casefile (org_id, kind, channel, reference)
    WHERE reference IS NOT NULL;
CREATE INDEX casefile_by_closing ON casefile (closes_on) WHERE closes_on IS NOT NULL;
CREATE INDEX casefile_by_survivor ON casefile (merged_into) WHERE merged_into IS NOT NULL;
COMMENT ON TABLE casefile IS 'A complaint, message, information request or suggestion on its way to an answer.';
COMMENT ON COLUMN casefile.id IS 'Id in addresses.';
COMMENT ON COLUMN casefile.org_id IS 'Organisation.';
COMMENT ON COLUMN casefile.kind IS 'Which door it came through.';
COMMENT ON COLUMN casefile.number IS 'Human number; opens nothing.';
COMMENT ON COLUMN casefile.state IS 'Stored state of its lifecycle.';
COMMENT ON COLUMN casefile.row_version IS 'Rises with every change of this row; case_version() counts moves of the deadline as well.';
COMMENT ON COLUMN casefile.round IS '1, or more after it was reopened.';
COMMENT ON COLUMN casefile.subject IS 'Subject.';
COMMENT ON COLUMN casefile.text IS 'As typed (NFC). Never changed, but for the transcript of a voicemail.';
COMMENT ON COLUMN casefile.unit_code IS 'The responsible unit.';
COMMENT ON COLUMN casefile.service_code IS 'The service that it is about.';
COMMENT ON COLUMN casefile.county IS 'County code: which closures concern it.';
COMMENT ON COLUMN casefile.person IS 'name, mobile, email, national_id; NULL: anonymous.';
COMMENT ON COLUMN casefile.addressee IS 'Of a message: {kind: governor} or {kind: manager, name}.';
COMMENT ON COLUMN casefile.is_confidential IS 'Readable by holders of case.confidential alone; each reading is an event.';
COMMENT ON COLUMN casefile.wants_call IS 'The citizen wishes to be called back.';
COMMENT ON COLUMN casefile.is_untranscribed IS 'A voicemail whose text no clerk has confirmed.';
COMMENT ON COLUMN casefile.channel IS 'How it came.';
COMMENT ON COLUMN casefile.external_ref IS 'Its number in the system that it came from, as typed.';
COMMENT ON COLUMN casefile.reference IS 'The same in one spelling, whatever digits and blanks it is typed in: unique per door and channel.';
COMMENT ON COLUMN casefile.received_at IS 'When the citizen handed it in, wherever: rules the deadline.';
COMMENT ON COLUMN casefile.registered_at IS 'When it was registered here.';
COMMENT ON COLUMN casefile.updated_at IS 'Last change of this row; the deadline may have moved later (case_clock.moved_at).';
COMMENT ON COLUMN casefile.filed_by IS 'API key of the clerk or client that filed it.';
COMMENT ON COLUMN casefile.received_on IS 'Local date of receipt (of the present round): day zero.';
COMMENT ON COLUMN casefile.working_days IS 'Working days promised when it came; NULL: none.';
COMMENT ON COLUMN casefile.followup_from IS 'From when on the citizen is told to follow up (S9).';
COMMENT ON COLUMN casefile.closes_on IS 'The last local day before an answered case closes by itself.';
COMMENT ON COLUMN casefile.first_response_at IS 'First reaction of the unit.';
COMMENT ON COLUMN casefile.answered_at IS 'The answer of the present round.';
COMMENT ON COLUMN casefile.answered_days IS 'Working days from receipt to answer, pauses left out.';
COMMENT ON COLUMN casefile.total_days IS 'The same, pauses included.';
COMMENT ON COLUMN casefile.closed_at IS 'When it ended: closed, withdrawn, merged, converted, spam.';
COMMENT ON COLUMN casefile.paused_at IS 'Since when the clock stands; only where the policy allows.';
COMMENT ON COLUMN casefile.paused_days IS 'Working days of pauses that are over.';
COMMENT ON COLUMN casefile.answer IS 'The answer''s text.';
COMMENT ON COLUMN casefile.outcome IS 'What belongs to an outcome: severed parts, article, institution, address.';
COMMENT ON COLUMN casefile.reason_code IS 'Why it was rejected, forwarded, ended.';
COMMENT ON COLUMN casefile.reason IS 'The same in words for the citizen.';
COMMENT ON COLUMN casefile.merged_into IS 'The surviving case.';
COMMENT ON COLUMN casefile.converted_from IS 'The message that it was.';
COMMENT ON COLUMN casefile.converted_into IS 'What a message became; its tracking code now opens that.';
COMMENT ON COLUMN casefile.rating IS 'The citizen''s satisfaction, 1 to 5, once.';
COMMENT ON COLUMN casefile.rating_text IS 'The citizen''s words with it.';
COMMENT ON COLUMN casefile.rated_at IS 'When.';
COMMENT ON COLUMN casefile.tracking_hash IS 'Keyed hash of the tracking code.';
COMMENT ON COLUMN casefile.request_digest IS 'SHA-256 of the request that filed it.';
COMMENT ON COLUMN casefile.receipt_received_at IS 'received_at as the receipt has it: a receipt never changes.';
COMMENT ON COLUMN casefile.receipt_due_on IS 'due_on as first computed.';
COMMENT ON COLUMN casefile.receipt_due_at IS 'due_at as first computed.';

-- What is written often, or read by an index that is dear to keep, stands beside the case and not in it: each change of a
-- row writes into all its indexes. So has each case that was promised an answer its clock: a calendar that moves a hundred
-- thousand deadlines, and steps of the ladder that are taken, write into this narrow table alone. It has no index by
-- organisation: what asks for all open cases of one does so once a day at most, and reads the table from end to end.
CREATE TABLE case_clock (
    case_id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    due_at timestamptz,
    moved_at timestamptz NOT NULL,
    next_step_at timestamptz GENERATED ALWAYS AS (CASE WHEN is_running THEN steps[steps_done + 1] END) STORED,
    due_on date,
    counted_from date NOT NULL,
    counted_days int,
    deadline_version int NOT NULL DEFAULT 1,
    steps_done int NOT NULL DEFAULT 0,
    is_open boolean NOT NULL DEFAULT true,
    is_running boolean NOT NULL DEFAULT true,
    kind text NOT NULL,
    county text,
    steps timestamptz[] NOT NULL
);
CREATE INDEX case_clock_by_step ON case_clock (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE TRIGGER case_clock_came_late AFTER INSERT ON case_clock
    FOR EACH ROW WHEN (NEW.next_step_at <= NEW.moved_at) EXECUTE FUNCTION worker_wake();
COMMENT ON TABLE case_clock IS 'By when a case is to be answered, and how far it has climbed the ladder. A case that was promised nothing has none.';
COMMENT ON COLUMN case_clock.case_id IS 'Case.';
COMMENT ON COLUMN case_clock.org_id IS 'Its organisation.';
COMMENT ON COLUMN case_clock.due_at IS 'The first instant after due_on: overdue from then on.';
COMMENT ON COLUMN case_clock.moved_at IS 'When the deadline was set: at filing, by a new round, by the calendar.';
COMMENT ON COLUMN case_clock.next_step_at IS 'The instant of the next step; NULL: none is left, or the clock stands.';
COMMENT ON COLUMN case_clock.due_on IS 'The last local day for the answer; NULL: a promise that is none any more.';
COMMENT ON COLUMN case_clock.counted_from IS 'The day after which due_on was counted.';
COMMENT ON COLUMN case_clock.counted_days IS 'How many working days were counted: those promised, and those of pauses.';
COMMENT ON COLUMN case_clock.deadline_version IS 'Rises when the calendar moves the deadline or a new round sets one.';
COMMENT ON COLUMN case_clock.steps_done IS 'How many steps the worker has taken.';
COMMENT ON COLUMN case_clock.is_open IS 'Whether the case waits for an answer; only then the calendar moves its deadline. Kept by a trigger of the case.';
COMMENT ON COLUMN case_clock.is_running IS 'Whether it does so and is not paused. Kept likewise, so that a step taken while an answer comes needs to look nowhere else.';
COMMENT ON COLUMN case_clock.kind IS 'Kind of the case.';
COMMENT ON COLUMN case_clock.county IS 'The county by whose closures due_on was counted.';
COMMENT ON COLUMN case_clock.steps IS 'Instants of the steps of the ladder.';

CREATE TABLE case_search (
    case_id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    kind text NOT NULL,
    norm text NOT NULL
);
CREATE INDEX case_search_by_norm ON case_search USING gin (norm gin_trgm_ops);
COMMENT ON TABLE case_search IS 'The words of cases, for search.';
COMMENT ON COLUMN case_search.case_id IS 'Case.';
COMMENT ON COLUMN case_search.org_id IS 'Its organisation.';
COMMENT ON COLUMN case_search.kind IS 'Its kind.';
COMMENT ON COLUMN case_search.norm IS 'Subject, text, external reference and number as fa_norm() has them.';

CREATE TABLE case_message (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casefile,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reply', 'note', 'citizen')),
    text text NOT NULL,
    author_id uuid,
    channel text REFERENCES channel_kind,
    request_digest bytea NOT NULL,
    delivery text CHECK (delivery IN ('waiting', 'delivered', 'failed')),
    delivered_at timestamptz,
    delivery_note text,
    CHECK (kind = 'reply' OR delivery IS NULL)
);
CREATE INDEX case_message_by_case ON case_message (case_id, at, id);
CREATE INDEX case_message_undelivered ON case_message (at, id) WHERE delivery IN ('waiting', 'failed');
COMMENT ON TABLE case_message IS 'The thread of a case: replies to the citizen, internal notes, what the citizen adds.';
COMMENT ON COLUMN case_message.id IS 'Id, also of its event.';
COMMENT ON COLUMN case_message.case_id IS 'Case.';
COMMENT ON COLUMN case_message.at IS 'When.';
COMMENT ON COLUMN case_message.kind IS 'reply (to the citizen), note (internal) or citizen.';
COMMENT ON COLUMN case_message.text IS 'As typed.';
COMMENT ON COLUMN case_message.author_id IS 'API key of a member of staff who wrote it, or wrote down what the citizen said; NULL: the citizen.';
COMMENT ON COLUMN case_message.channel IS 'How it came, or how it goes out.';
COMMENT ON COLUMN case_message.request_digest IS 'SHA-256 of the request.';
COMMENT ON COLUMN case_message.delivery IS 'Of a reply: whether it has reached the citizen by the channel; here, where the tracking code shows it, at once.';
COMMENT ON COLUMN case_message.delivered_at IS 'When that was last recorded.';
COMMENT ON COLUMN case_message.delivery_note IS 'What is to be known about it, e.g. why it failed.';

CREATE TABLE attachment (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    size bigint NOT NULL CHECK (size > 0),
    media_type text NOT NULL,
    name text,
    uploaded_at timestamptz NOT NULL,
    uploaded_by uuid,
    request_digest bytea,
    scan text NOT NULL CHECK (scan IN ('clean', 'none', 'infected', 'waiting')),
    scan_at timestamptz,
    case_id uuid REFERENCES casefile,
    message_id uuid REFERENCES case_message,
    CHECK ((scan = 'waiting') = (scan_at IS NOT NULL))
);
CREATE INDEX attachment_by_case ON attachment (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX attachment_orphaned ON attachment (uploaded_at) WHERE case_id IS NULL;
CREATE INDEX attachment_by_content ON attachment (sha256);
CREATE INDEX attachment_waiting ON attachment (scan_at) WHERE scan_at IS NOT NULL;
CREATE TRIGGER attachment_waits AFTER INSERT ON attachment
    FOR EACH ROW WHEN (NEW.scan_at IS NOT NULL) EXECUTE FUNCTION worker_wake();
COMMENT ON TABLE attachment IS 'Uploaded files; the bytes lie in the state directory under their SHA-256.';
COMMENT ON COLUMN attachment.id IS 'Id by which a case names it.';
COMMENT ON COLUMN attachment.org_id IS 'Organisation.';
COMMENT ON COLUMN attachment.sha256 IS 'SHA-256 of the content.';
COMMENT ON COLUMN attachment.size IS 'Bytes.';
COMMENT ON COLUMN attachment.media_type IS 'By content, from the allow-list.';
COMMENT ON COLUMN attachment.name IS 'File name that the uploader gave.';
COMMENT ON COLUMN attachment.uploaded_at IS 'When it came.';
COMMENT ON COLUMN attachment.uploaded_by IS 'API key of a member of staff; NULL: the public.';
COMMENT ON COLUMN attachment.request_digest IS 'SHA-256 of the request.';
COMMENT ON COLUMN attachment.scan IS 'clean, none (no scanner), infected or waiting; served only when clean or none.';
COMMENT ON COLUMN attachment.scan_at IS 'When the scanner is asked next; NULL unless it waits.';
COMMENT ON COLUMN attachment.case_id IS 'The case that took it; NULL: an upload that nobody claimed yet.';
COMMENT ON COLUMN attachment.message_id IS 'The message in that case.';

CREATE TABLE notification (
    id uuid NOT NULL,
    org_id uuid NOT NULL,
    case_id uuid,
    kind text NOT NULL,
    role text NOT NULL,
    unit_code text,
    at timestamptz NOT NULL,
    data jsonb,
    PRIMARY KEY (org_id, at, id) -- what the id is made of decides the instant too
);
COMMENT ON TABLE notification IS 'Whom the worker has to tell; read by whoever delivers.';
COMMENT ON COLUMN notification.id IS 'once_id() of the thing told, e.g. escalation:<case>:<level>:<deadline version>.';
COMMENT ON COLUMN notification.org_id IS 'Organisation.';
COMMENT ON COLUMN notification.case_id IS 'Case; NULL: it is about several.';
COMMENT ON COLUMN notification.kind IS 'escalation: a step of the ladder. reminder: on a working day at seven, once for each unit and each role that the ladder tells ahead of time, how many of its cases fall due by the end of the next working day.';
COMMENT ON COLUMN notification.role IS 'Whom to tell.';
COMMENT ON COLUMN notification.unit_code IS 'Of a reminder: of which unit. Of an escalation it is the unit that has the case.';
COMMENT ON COLUMN notification.at IS 'When it was due to be told.';
COMMENT ON COLUMN notification.data IS 'Of a reminder: cases (how many) and due_by (the day).';
