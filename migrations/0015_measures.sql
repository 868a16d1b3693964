-- Measures: what an organisation does about what it was told (I21).

CREATE TABLE measure (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation,
    title text NOT NULL,
    text text NOT NULL,
    state text NOT NULL CHECK (state IN ('planned', 'under_way', 'done', 'dropped')),
    reason text,
    unit_code text,
    started_on date,
    finished_on date,
    links jsonb NOT NULL DEFAULT '{}',
    row_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (state <> 'dropped' OR reason IS NOT NULL),
    FOREIGN KEY (org_id, unit_code) REFERENCES unit (org_id, code)
);
CREATE INDEX measure_by_org ON measure (org_id, created_at DESC, id DESC);
COMMENT ON TABLE measure IS 'What an organisation does about suggestions, comments, complaints and survey results.';
COMMENT ON COLUMN measure.id IS 'Id in addresses.';
COMMENT ON COLUMN measure.org_id IS 'Whose.';
COMMENT ON COLUMN measure.title IS 'Title.';
COMMENT ON COLUMN measure.text IS 'What is done.';
COMMENT ON COLUMN measure.state IS 'planned, under_way, done or dropped.';
COMMENT ON COLUMN measure.reason IS 'Why it was dropped, for the public.';
COMMENT ON COLUMN measure.unit_code IS 'The unit that is responsible.';
COMMENT ON COLUMN measure.started_on IS 'When work on it began.';
COMMENT ON COLUMN measure.finished_on IS 'When it was done or dropped.';
COMMENT ON COLUMN measure.links IS 'What it answers: {suggestions, comments, complaints, surveys: [ids]}.';
COMMENT ON COLUMN measure.row_version IS 'Rises with every change: the entity tag.';
COMMENT ON COLUMN measure.created_at IS 'When it was entered.';
COMMENT ON COLUMN measure.updated_at IS 'Last change.';

CREATE FUNCTION measure_linked(links jsonb, kind text) RETURNS uuid[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT DISTINCT x::uuid FROM jsonb_array_elements_text(coalesce(links -> kind, '[]')) x)
$$;
COMMENT ON FUNCTION measure_linked IS 'The ids of one kind that a measure answers, each once.';

CREATE FUNCTION measure_links_are_there(org uuid, links jsonb) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NOT EXISTS (
        SELECT unnest(measure_linked(links, 'suggestions'))
        EXCEPT SELECT c.id FROM casefile c
               WHERE c.id = ANY (measure_linked(links, 'suggestions')) AND c.org_id = org AND c.kind = 'suggestion')
      AND NOT EXISTS (
        SELECT unnest(measure_linked(links, 'complaints'))
        EXCEPT SELECT c.id FROM casefile c
               WHERE c.id = ANY (measure_linked(links, 'complaints')) AND c.org_id = org AND c.kind = 'complaint')
      AND NOT EXISTS (
        SELECT unnest(measure_linked(links, 'comments'))
        EXCEPT SELECT c.id FROM comment c WHERE c.id = ANY (measure_linked(links, 'comments')) AND c.org_id = org)
      AND NOT EXISTS (
        SELECT unnest(measure_linked(links, 'surveys'))
        EXCEPT SELECT s.id FROM survey s WHERE s.id = ANY (measure_linked(links, 'surveys')) AND s.org_id = org)
$$;
COMMENT ON FUNCTION measure_links_are_there IS 'Whether everything that a measure links to is this organisation''s.';

-- Suggestions that are public, published comments (with how many are alike: a campaign is linked by one of its comments)
-- and surveys by name; complaints as a number alone.
CREATE FUNCTION measure_links_shown(m measure, at timestamptz, is_exact boolean) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object(
        'suggestions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'title', s.title,
                'state', c.state) ORDER BY c.number), '[]')
            FROM casefile c JOIN case_suggestion s ON s.case_id = c.id
            WHERE c.id = ANY (measure_linked(m.links, 'suggestions')) AND s.public_at IS NOT NULL),
        'comments', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'alike',
                (SELECT count(*) FROM comment g WHERE g.draft_id = c.draft_id AND g.campaign_id = c.campaign_id
                 AND g.state = 'published')
                + (SELECT count(*) FROM comment g WHERE g.subject_id = c.subject_id AND g.campaign_id = c.campaign_id
                 AND g.state = 'published'))
                ORDER BY c.number), '[]')
            FROM comment c WHERE c.id = ANY (measure_linked(m.links, 'comments')) AND c.state = 'published'),
        'complaints', count_told(cardinality(measure_linked(m.links, 'complaints')), is_exact),
        'surveys', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'title', s.title_fa,
                'state', survey_state(s.state, s.opens_at, s.closes_at, at)) ORDER BY s.opens_at, s.id), '[]')
            FROM survey s WHERE s.id = ANY (measure_linked(m.links, 'surveys'))
              AND s.state IN ('scheduled', 'paused', 'results_published', 'archived')))
$$;
COMMENT ON FUNCTION measure_links_shown IS 'What a measure answers, as the public may know it.';

CREATE FUNCTION measure_shown(m measure) RETURNS TABLE (
    id uuid, title text, text text, state text, reason text, unit_code text,
    "started_on started_on_jalali" date, "finished_on finished_on_jalali" date, updated_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.id, m.title, m.text, m.state, m.reason, m.unit_code, m.started_on, m.finished_on, m.updated_at
$$;
COMMENT ON FUNCTION measure_shown IS 'A measure as answers show it.';

-- A version of a measure as its event keeps it; of links only which kinds there are, for complaints are nobody's business.
CREATE FUNCTION measure_version(m measure) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('version', m.row_version, 'title', m.title, 'text', m.text, 'state', m.state,
        'reason', m.reason, 'unit_code', m.unit_code, 'started_on', m.started_on, 'finished_on', m.finished_on)
$$;
COMMENT ON FUNCTION measure_version IS 'A version of a measure, for its history.';
