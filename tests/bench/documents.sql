-- What search is measured on: COUNT documents of Isfahan that say pieces of the three published strategies with rare words
-- behind them. «مشارکت» stands in all of them, «پیش نویس» and «آیین نامه» in a tenth. They are written where search looks,
-- without what they would be found as.
DROP INDEX search_document_by_title, search_document_by_word;
CREATE TEMP TABLE said AS
SELECT string_to_array(regexp_replace(string_agg(statement, ' '), '\s+', ' ', 'g'), ' ') AS words FROM organisation;

CREATE TEMP TABLE piece AS
SELECT p.n, p.title, p.text, search_vector(w.of_title, '{}') AS title_words, search_vector(w.of_title || w.of_text, '{}') AS words
FROM (SELECT n, array_to_string(words[n + 1 : n + 7], ' ') AS title, concat_ws(' ', 'مشارکت',
          array_to_string(words[n + 8 : n + 60], ' '), CASE WHEN n % 10 = 0 THEN 'پیش نویس آیین نامه' END) AS text
      FROM said CROSS JOIN generate_series(0, 999) n) p
CROSS JOIN LATERAL (SELECT search_words(p.title) AS of_title, search_words(p.text) AS of_text) w;
CREATE UNIQUE INDEX ON piece (n);
ANALYZE piece;

INSERT INTO search_document (id, org_id, kind, code, title, text, at, title_words, words)
SELECT gen_random_uuid(), o.id, 'faq', 'd' || g.n, p.title, p.text || ' ' || array_to_string(r.words, ' '),
    now() - g.n * interval '1 minute', p.title_words || m.marks, p.words || m.marks || array_to_tsvector(r.words)
FROM generate_series(1, COUNT) g(n)
JOIN piece p ON p.n = g.n * 7 % 1000
JOIN organisation o ON o.slug = 'isfahan'
CROSS JOIN LATERAL (SELECT array_to_tsvector(ARRAY['@' || o.id, '@faq']) AS marks) m
CROSS JOIN LATERAL (
    SELECT array_agg(translate(left(md5((g.n * 7919 + k) % (2000 * k) || '!'), 5), '0123456789abcdef', 'ابتجدرزسشفقکلمنو')) AS words
    FROM generate_series(1, 12) k) r;

SET maintenance_work_mem = '256MB';
CREATE INDEX search_document_by_title ON search_document USING gin (title_words);
CREATE INDEX search_document_by_word ON search_document USING gin (words);
VACUUM ANALYZE search_document;
