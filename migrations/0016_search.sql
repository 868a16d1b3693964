-- One search over everything that the public may read.

-- The words of a text as search compares them, in order. Nothing else than letters and digits is left.
CREATE FUNCTION search_words(s text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(left(word, 40) ORDER BY n), '{}')
    FROM regexp_split_to_table(fa_norm(s) COLLATE "C", '[^0-9a-z\u0620-\u0669\u066E-\u06D3]+') WITH ORDINALITY w(word, n)
    WHERE word <> ''
$$;
COMMENT ON FUNCTION search_words IS 'The words of a text, normalised, in order.';

-- Persian writes one word in two parts or in one («پیش نویس», «پیشنویس»; «نامه ها», «نامهها»). So two short neighbours are
-- there as one word too, unless one of them is among the words that stand everywhere.
CREATE FUNCTION search_joined(before text, word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN length(before) BETWEEN 2 AND 5 AND length(word) BETWEEN 2 AND 5
        AND before <> ALL ('{در,از,به,که,را,با,این,ان,است,برای,تا,یا,هر,بر}')
        AND word <> ALL ('{در,از,به,که,را,با,این,ان,است,برای,تا,یا,هر,بر}') THEN before || word END
$$;
COMMENT ON FUNCTION search_joined IS 'Two neighbours as one word; NULL where they hardly are.';

-- Marks narrow the search to an organisation or kind inside the index.
CREATE FUNCTION search_vector(words text[], marks text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(words || marks || coalesce(
        (SELECT array_agg(DISTINCT search_joined(before, word)) FILTER (WHERE search_joined(before, word) IS NOT NULL)
         FROM (SELECT word, lag(word) OVER (ORDER BY n) AS before FROM unnest(words) WITH ORDINALITY w(word, n)) p), '{}'))
$$;
COMMENT ON FUNCTION search_vector IS 'The words by which a document is found.';

-- Every word must be there (the first eight, each once), alone or as a part of a word in two parts; is_part: or, of the
-- first four, the beginning of a word. A letter by itself is an ending or an «و», and asks for nothing.
CREATE FUNCTION search_query(words text[], marks text[], is_part boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg('''' || mark || '''', ' & ')::tsquery && (
        SELECT string_agg('(' || concat_ws(' | ', word || tail, before, after) || ')', ' & ')
        FROM (SELECT word, before, after, k, CASE WHEN is_part AND length(word) > 1 AND k <= 4 THEN ':*' ELSE '' END AS tail
              FROM (SELECT word, before, after, row_number() OVER (ORDER BY n) AS k
                    FROM (SELECT DISTINCT ON (word) n, word, before, after
                          FROM (SELECT n, word, search_joined(lag(word) OVER w, word) AS before,
                                    search_joined(word, lead(word) OVER w) AS after
                                FROM unnest(words) WITH ORDINALITY x(word, n) WINDOW w AS (ORDER BY n)) neighbours
                          WHERE length(word) > 1 OR word ~ '[0-9]'
                          ORDER BY word, n) once) counted
              WHERE k <= 8) asked)::tsquery
    FROM unnest(marks) mark
$$;
COMMENT ON FUNCTION search_query IS 'A question to search_vector().';

CREATE TABLE search_document (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    kind text NOT NULL,
    code text,
    title text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL,
    title_words tsvector NOT NULL,
    words tsvector NOT NULL
);
CREATE INDEX search_document_by_title ON search_document USING gin (title_words);
CREATE INDEX search_document_by_word ON search_document USING gin (words);
CREATE INDEX search_document_newest ON search_document (org_id, at DESC);
COMMENT ON TABLE search_document IS 'Everything that the public may find, kept by triggers on the tables that it comes from.';
COMMENT ON COLUMN search_document.id IS 'Of the draft, service, question, subject, suggestion or measure.';
COMMENT ON COLUMN search_document.org_id IS 'Organisation.';
COMMENT ON COLUMN search_document.kind IS 'draft, service, faq, subject, suggestion or measure.';
COMMENT ON COLUMN search_document.code IS 'Its name in addresses, where that is not the id.';
COMMENT ON COLUMN search_document.title IS 'Title.';
COMMENT ON COLUMN search_document.text IS 'All else that it says, as written.';
COMMENT ON COLUMN search_document.at IS 'How new it is.';
COMMENT ON COLUMN search_document.title_words IS 'search_vector() of the title.';
COMMENT ON COLUMN search_document.words IS 'search_vector() of title and text.';

CREATE FUNCTION search_put(id uuid, org uuid, kind text, code text, title text, text text, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO search_document
    SELECT id, org, kind, code, title, left(text, 20000), at, search_vector(w.words, m.marks),
        search_vector(w.words || search_words(left(text, 20000)), m.marks)
    FROM (SELECT search_words(title) AS words) w, (SELECT ARRAY['@' || org, '@' || kind] AS marks) m
    ON CONFLICT (id) DO UPDATE
    SET (code, title, text, at, title_words, words) =
        (EXCLUDED.code, EXCLUDED.title, EXCLUDED.text, EXCLUDED.at, EXCLUDED.title_words, EXCLUDED.words)
$$;
COMMENT ON FUNCTION search_put IS 'Makes a document findable, or findable by other words.';

-- Letters that are written in several ways become one, each character one character: places stay the same.
CREATE FUNCTION search_plain(s text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(s,
    U&'\064A\0649\0626\0643\0629\06C0\0623\0625\0622\0671\0624\0660\0661\0662\0663\0664\0665\0666\0667\0668\0669\06F0\06F1\06F2\06F3\06F4\06F5\06F6\06F7\06F8\06F9\200C\00A0',
    U&'\06CC\06CC\06CC\06A9\0647\0647\0627\0627\0627\0627\064801234567890123456789  '));
COMMENT ON FUNCTION search_plain IS 'A text in which a word is looked for by place.';

-- A piece of the text around the longest word that is found in it, and that word as it is written there.
CREATE FUNCTION search_snippet(s text, words text[]) RETURNS TABLE (snippet text, hit text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH plain AS MATERIALIZED (
        SELECT search_plain(s) AS text),
    place AS (
        SELECT strpos(p.text, word) AS at, length(word) AS len
        FROM plain p CROSS JOIN (SELECT DISTINCT word FROM unnest(words[1:8]) word WHERE length(word) > 1) w
        WHERE strpos(p.text, word) > 0
        ORDER BY 2 DESC, 1 LIMIT 1),
    cut AS (
        SELECT coalesce(greatest(p.at - 60, 1), 1) AS first, p.at, p.len FROM (SELECT) one LEFT JOIN place p ON true)
    SELECT CASE WHEN first > 1 THEN '…' ELSE '' END
            || regexp_replace(CASE WHEN first > 1 THEN regexp_replace(substr(s, first, 200), '^\S*\s', '')
                                   ELSE substr(s, first, 200) END, '\s+', ' ', 'g')
            || CASE WHEN length(s) >= first + 200 THEN '…' ELSE '' END,
        substr(s, at, len)
    FROM cut
$$;
COMMENT ON FUNCTION search_snippet IS 'What of a text is shown with a hit.';

CREATE FUNCTION draft_findable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put(NEW.id, NEW.org_id, 'draft', NULL, NEW.title, NEW.summary || coalesce(
        (SELECT string_agg(E'\n' || concat_ws(E'\n', c ->> 'heading', c ->> 'text'), '' ORDER BY e.n)
         FROM draft_version v CROSS JOIN json_array_elements(v.clauses) WITH ORDINALITY e(c, n)
         WHERE v.draft_id = NEW.id AND v.n = NEW.public_version), ''), coalesce(NEW.published_at, NEW.updated_at));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION draft_findable IS 'Makes a public draft findable.';
CREATE TRIGGER draft_findable AFTER INSERT OR UPDATE OF public_version, exemption_code, title, summary ON draft
    FOR EACH ROW WHEN (NEW.public_version > 0 OR NEW.exemption_code IS NOT NULL) EXECUTE FUNCTION draft_findable();

CREATE FUNCTION service_findable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.retired_at IS NOT NULL THEN
        DELETE FROM search_document d WHERE d.id = NEW.id;
    ELSE
        PERFORM search_put(NEW.id, NEW.org_id, 'service', NEW.code, NEW.title_fa, concat_ws(E'\n', NEW.title_en,
            array_to_string(NEW.keywords, E'\n'), array_to_string(NEW.documents, E'\n'), NEW.fee, NEW.duration,
            NEW.channel), NEW.updated_at);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION service_findable IS 'Makes a service findable.';
CREATE TRIGGER service_findable AFTER INSERT OR UPDATE ON service FOR EACH ROW EXECUTE FUNCTION service_findable();

CREATE FUNCTION faq_findable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.retired_at IS NOT NULL THEN
        DELETE FROM search_document d WHERE d.id = NEW.id;
    ELSE
        PERFORM search_put(NEW.id, NEW.org_id, 'faq', NEW.code, NEW.question, concat_ws(E'\n', NEW.answer, NEW.topic),
            NEW.updated_at);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION faq_findable IS 'Makes a frequent question findable.';
CREATE TRIGGER faq_findable AFTER INSERT OR UPDATE ON faq FOR EACH ROW EXECUTE FUNCTION faq_findable();

CREATE FUNCTION subject_findable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put(NEW.id, NEW.org_id, 'subject', NULL, NEW.title, NEW.text, NEW.created_at);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION subject_findable IS 'Makes a subject findable; a service is already.';
CREATE TRIGGER subject_findable AFTER INSERT OR UPDATE ON subject
    FOR EACH ROW WHEN (NEW.kind <> 'service') EXECUTE FUNCTION subject_findable();

CREATE FUNCTION suggestion_findable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put(NEW.case_id, NEW.org_id, 'suggestion', NULL, NEW.title,
        concat_ws(E'\n', NEW.problem, NEW.proposal), NEW.public_at);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION suggestion_findable IS 'Makes a suggestion findable once it is public.';
CREATE TRIGGER suggestion_findable AFTER INSERT OR UPDATE OF public_at, title, problem, proposal ON case_suggestion
    FOR EACH ROW WHEN (NEW.public_at IS NOT NULL) EXECUTE FUNCTION suggestion_findable();

CREATE FUNCTION measure_findable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put(NEW.id, NEW.org_id, 'measure', NULL, NEW.title, NEW.text, NEW.updated_at);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION measure_findable IS 'Makes a measure findable.';
CREATE TRIGGER measure_findable AFTER INSERT OR UPDATE ON measure FOR EACH ROW EXECUTE FUNCTION measure_findable();
