-- Results of surveys. Nothing is counted when somebody answers: the worker takes responses into survey_tally in batches
-- (survey_roll), and makes from it what readers get (survey_result_page). It does so in steps: while a survey runs, or
-- once its results are public, two states of the results differ by k responses at least, or whoever looks often would see
-- single ones.

CREATE TABLE survey_tally (
    survey_id uuid NOT NULL,
    version int NOT NULL,
    question text NOT NULL,
    cell text NOT NULL,
    by_question text NOT NULL,
    by_cell text NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (survey_id, version, question, cell, by_question, by_cell)
) WITH (fillfactor = 70);
COMMENT ON TABLE survey_tally IS 'How many responses gave an answer, and how many gave two answers together; survey_rebuild() counts it anew.';
COMMENT ON COLUMN survey_tally.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_tally.version IS 'Version of the questions.';
COMMENT ON COLUMN survey_tally.question IS 'Question; empty: all responses.';
COMMENT ON COLUMN survey_tally.cell IS 'Answer as survey_cells() names it; empty: any.';
COMMENT ON COLUMN survey_tally.by_question IS 'A second question, answered together with this; empty: none.';
COMMENT ON COLUMN survey_tally.by_cell IS 'The answer to that.';
COMMENT ON COLUMN survey_tally.n IS 'How many.';

CREATE TABLE survey_result (
    survey_id uuid PRIMARY KEY REFERENCES survey,
    rolled int NOT NULL DEFAULT 0,
    shown int NOT NULL DEFAULT 0,
    is_final boolean NOT NULL DEFAULT false,
    at timestamptz
);
COMMENT ON TABLE survey_result IS 'How far the results of a survey are; who holds its row counts.';
COMMENT ON COLUMN survey_result.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_result.rolled IS 'Rises with every batch that is taken in.';
COMMENT ON COLUMN survey_result.shown IS 'The batch up to which the pages are made.';
COMMENT ON COLUMN survey_result.is_final IS 'Everything that came until its end was taken in.';
COMMENT ON COLUMN survey_result.at IS 'When the pages were made.';

CREATE TABLE survey_result_page (
    survey_id uuid NOT NULL,
    by_question text NOT NULL,
    body json NOT NULL,
    PRIMARY KEY (survey_id, by_question)
);
COMMENT ON TABLE survey_result_page IS 'Results as they are shown, small groups hidden: one page plain, one for each question that they are broken down by.';
COMMENT ON COLUMN survey_result_page.survey_id IS 'Survey.';
COMMENT ON COLUMN survey_result_page.by_question IS 'Question; empty: plain.';
COMMENT ON COLUMN survey_result_page.body IS 'As domain/results.h writes it.';

-- Three significant digits: whole numbers below 1000 stay what they are, and there are never many.
CREATE FUNCTION survey_rounded(x numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN abs(x) < 1e-6 THEN '0'
                ELSE trim_scale(round(x, 2 - floor(log(abs(x)))::int))::text END
$$;
COMMENT ON FUNCTION survey_rounded IS 'A number as results count it: to three significant digits.';

-- What an answer counts as; always the empty cell, too, and of texts nothing but that.
CREATE FUNCTION survey_cells(type text, answer jsonb) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT unnest(ARRAY[''] || CASE
        WHEN type IN ('single', 'rating', 'nps', 'date') THEN ARRAY[answer #>> '{}']
        WHEN type = 'number' THEN ARRAY[survey_rounded((answer #>> '{}')::numeric)]
        WHEN type = 'multiple' THEN ARRAY(SELECT jsonb_array_elements_text(answer))
        WHEN type = 'ranking' THEN ARRAY(
            SELECT r.value || '.' || r.ordinality FROM jsonb_array_elements_text(answer) WITH ORDINALITY r)
        WHEN type = 'matrix' THEN ARRAY(SELECT m.key || '.' || m.value FROM jsonb_each_text(answer) m)
        ELSE '{}' END)
$$;
COMMENT ON FUNCTION survey_cells IS 'The cells of survey_tally that an answer counts in.';

-- is_by: results are broken down by the first five single-choice questions of a version that have at most 20 options
-- (domain/results.h).
CREATE FUNCTION survey_questions(survey uuid) RETURNS TABLE (version int, id text, type text, is_closed boolean, is_by boolean)
LANGUAGE sql STABLE AS $$
    SELECT v.n, q.value ->> 'id', q.value ->> 'type',
        q.value ->> 'type' IN ('single', 'multiple', 'rating', 'nps', 'matrix'),
        s.is_short AND count(*) FILTER (WHERE s.is_short) OVER (PARTITION BY v.n ORDER BY q.ordinality) <= 5
    FROM survey_version v
    CROSS JOIN LATERAL json_array_elements(v.questions) WITH ORDINALITY q
    CROSS JOIN LATERAL (SELECT q.value ->> 'type' = 'single'
                               AND json_array_length(q.value -> 'options') <= 20 AS is_short) s
    WHERE v.survey_id = survey
$$;
COMMENT ON FUNCTION survey_questions IS 'The questions of all versions of a survey, as results need them.';

-- The sums of some responses; a negative sign takes them out. Responses that differ in nothing but the words of texts are
-- looked at once.
CREATE FUNCTION survey_sums(survey uuid, responses uuid[], signs int[])
RETURNS TABLE (version int, question text, cell text, by_question text, by_cell text, n bigint)
LANGUAGE sql STABLE AS $$
    WITH asked AS MATERIALIZED (
        SELECT * FROM survey_questions(survey)
    ),
    texts AS MATERIALIZED (
        SELECT q.version, coalesce(array_agg(q.id) FILTER (WHERE q.type IN ('short_text', 'long_text')), '{}') AS ids
        FROM asked q GROUP BY q.version
    ),
    alike AS MATERIALIZED (
        SELECT row_number() OVER () AS id, r.version, r.answers - t.ids AS answers, s.said, sum(b.sign) AS n
        FROM unnest(responses, signs) b(id, sign)
        JOIN survey_response r ON r.survey_id = survey AND r.id = b.id
        JOIN texts t ON t.version = r.version
        CROSS JOIN LATERAL (SELECT ARRAY(SELECT id FROM unnest(t.ids) id WHERE r.answers ? id) AS said) s
        GROUP BY r.version, r.answers - t.ids, s.said
    ),
    cells AS MATERIALIZED (
        SELECT a.id, a.version, a.n, q.id AS question, q.is_closed, q.is_by, c.cell
        FROM alike a JOIN asked q ON q.version = a.version AND (a.answers ? q.id OR q.id = ANY (a.said))
        CROSS JOIN LATERAL survey_cells(q.type, a.answers -> q.id) c(cell)
    )
    SELECT a.version, '', '', '', '', sum(a.n)::bigint FROM alike a GROUP BY a.version
    UNION ALL
    SELECT c.version, c.question, c.cell, '', '', sum(c.n)::bigint FROM cells c GROUP BY c.version, c.question, c.cell
    UNION ALL
    SELECT c.version, c.question, c.cell, x.question, x.cell, sum(c.n)::bigint
    FROM cells c JOIN cells x ON x.id = c.id AND x.question <> c.question AND x.is_by AND x.cell <> ''
    WHERE c.is_closed
    GROUP BY c.version, c.question, c.cell, x.question, x.cell
$$;
COMMENT ON FUNCTION survey_sums IS 'What some responses add to survey_tally.';

-- Takes at most `most` responses into the tallies, and discarded ones out. Returns how many.
CREATE FUNCTION survey_roll(survey uuid, most int) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    WITH batch AS MATERIALIZED (
        SELECT r.id, CASE WHEN r.tallied THEN -1 ELSE 1 END AS sign
        FROM survey_response r
        WHERE r.survey_id = survey AND r.tallied <> (r.discarded_at IS NULL)
        ORDER BY r.survey_id, r.day, r.id
        LIMIT most
        FOR UPDATE
    ),
    lists AS MATERIALIZED (
        SELECT coalesce(array_agg(id), '{}') AS ids, coalesce(array_agg(sign), '{}') AS signs FROM batch
    ),
    counted AS (
        INSERT INTO survey_tally AS t
        SELECT survey, s.version, s.question, s.cell, s.by_question, s.by_cell, s.n
        FROM lists l CROSS JOIN LATERAL survey_sums(survey, l.ids, l.signs) s
        WHERE s.n <> 0
        ON CONFLICT (survey_id, version, question, cell, by_question, by_cell) DO UPDATE SET n = t.n + excluded.n
    ),
    flipped AS (
        UPDATE survey_response r SET tallied = NOT r.tallied
        WHERE r.survey_id = survey AND r.id = ANY ((SELECT ids FROM lists)::uuid[]) -- by key: a join may read all of them
    ),
    told AS (
        UPDATE survey_result SET rolled = rolled + 1 WHERE survey_id = survey AND EXISTS (SELECT FROM batch)
    )
    SELECT count(*) FROM batch
$$;
COMMENT ON FUNCTION survey_roll IS 'Takes responses that came, or were discarded, into the tallies of a survey.';

-- How many responses a survey may take in at this instant. Before its end, k of them are always left for the last step;
-- before it, and after it where the results are public already, fewer than k are no step.
CREATE FUNCTION survey_step(s survey, r survey_result, at timestamptz, most int) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN t.is_over AND NOT (r.is_final AND t.is_public) THEN least(w.n, most)
        WHEN w.n < s.least_group THEN 0
        WHEN t.is_over THEN least(w.n, most)
        WHEN w.n >= 2 * s.least_group THEN least(w.n - s.least_group, most)
        ELSE 0 END
    FROM (SELECT survey_state(s.state, s.opens_at, s.closes_at, at) NOT IN ('scheduled', 'running', 'paused') AS is_over,
              s.results_visibility = 'live' OR s.published_at IS NOT NULL AS is_public) t
    CROSS JOIN (SELECT count(*)::int AS n FROM (
        SELECT FROM survey_response p WHERE p.survey_id = s.id AND p.tallied <> (p.discarded_at IS NULL)
        ORDER BY p.survey_id, p.day, p.id
        LIMIT most + s.least_group) p) w
$$;
COMMENT ON FUNCTION survey_step IS 'How many responses may be taken into the results of a survey now; 0: none yet.';

-- Counts anew what is in the tallies, twenty thousand responses at a time. Returns how many of them were wrong.
CREATE FUNCTION survey_rebuild(survey uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    ids uuid[];
    last uuid := '00000000-0000-0000-0000-000000000000';
    wrong bigint;
BEGIN
    PERFORM FROM survey_result WHERE survey_id = survey FOR UPDATE;
    CREATE TEMP TABLE survey_counted (LIKE survey_tally INCLUDING INDEXES) ON COMMIT DROP;
    LOOP
        ids := ARRAY(SELECT r.id FROM survey_response r WHERE r.survey_id = survey AND r.tallied AND r.id > last
                     ORDER BY r.id LIMIT 20000);
        EXIT WHEN cardinality(ids) = 0;
        last := ids[cardinality(ids)];
        INSERT INTO survey_counted AS c
        SELECT survey, s.* FROM survey_sums(survey, ids, array_fill(1, ARRAY[cardinality(ids)])) s
        ON CONFLICT (survey_id, version, question, cell, by_question, by_cell) DO UPDATE SET n = c.n + excluded.n;
    END LOOP;
    SELECT count(*) INTO wrong
    FROM (SELECT * FROM survey_tally WHERE survey_id = survey AND n <> 0) t
    FULL JOIN survey_counted c USING (version, question, cell, by_question, by_cell)
    WHERE t.n IS DISTINCT FROM c.n;
    IF wrong > 0 THEN
        DELETE FROM survey_tally WHERE survey_id = survey;
        INSERT INTO survey_tally SELECT * FROM survey_counted;
    END IF;
    UPDATE survey_result SET rolled = rolled + 1 WHERE survey_id = survey;
    NOTIFY mosharekat_work;
    RETURN wrong;
END $$;
COMMENT ON FUNCTION survey_rebuild IS 'Counts the tallies of a survey anew; returns how many were wrong.';
