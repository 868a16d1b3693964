-- Information requests as everybody may read them: question and answer as the officer worded them for the public, the
-- applicant's name only where that was said.

CREATE TABLE info_publication (
    case_id uuid PRIMARY KEY REFERENCES casefile,
    org_id uuid NOT NULL REFERENCES organisation,
    row_version int NOT NULL DEFAULT 1,
    state text NOT NULL,
    title text NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    applicant text,
    published_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_by uuid NOT NULL
);
CREATE INDEX info_publication_by_org ON info_publication (org_id, published_at, case_id);
COMMENT ON TABLE info_publication IS 'Answered information requests, redacted for the public.';
COMMENT ON COLUMN info_publication.case_id IS 'The information request.';
COMMENT ON COLUMN info_publication.org_id IS 'Organisation.';
COMMENT ON COLUMN info_publication.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN info_publication.state IS 'Its outcome when this was written.';
COMMENT ON COLUMN info_publication.title IS 'Title for the public.';
COMMENT ON COLUMN info_publication.question IS 'What was asked, redacted.';
COMMENT ON COLUMN info_publication.answer IS 'What was answered, redacted.';
COMMENT ON COLUMN info_publication.applicant IS 'Name of the applicant; NULL: not told, as is the rule.';
COMMENT ON COLUMN info_publication.published_at IS 'When it became public.';
COMMENT ON COLUMN info_publication.updated_at IS 'Last change.';
COMMENT ON COLUMN info_publication.published_by IS 'API key of who published it.';

CREATE FUNCTION info_published(p info_publication, c casefile) RETURNS TABLE (
    id uuid, number text, title text, state text, applicant text, "received_on received_on_jalali" date,
    "published_at published_on_jalali" timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.case_id, c.number, p.title, p.state, p.applicant, c.received_on, p.published_at, p.updated_at
$$;
COMMENT ON FUNCTION info_published IS 'A published information request in a list.';
