-- One search over everything that the public may read of an organisation.

-- name: search_documents
-- lane: slow
-- $1 org uuid  $2 q text  $3 kind text  $4 limit int4 (one more than asked)  $5 slug text
-- Titles come first, then whole words, then the newest. Each class is looked for in its own index, and only while the
-- better ones do not fill the page. A word may stand in every document, and the index knows no order: so no step looks at
-- more than some hundreds, and the newest documents are read besides.
WITH asked AS MATERIALIZED (
    SELECT w.words, search_query(w.words, m.marks, true) AS part, search_query(w.words, m.marks, false) AS exact,
        EXISTS (SELECT FROM unnest(w.words) word WHERE length(word) > 1) AS is_enough
    FROM (SELECT search_words($2) AS words) w,
        (SELECT array_remove(ARRAY['@' || $1, '@' || $3], NULL) AS marks) m
),
newest AS MATERIALIZED (
    SELECT n.id, n.words @@ a.exact AS is_exact
    FROM (SELECT d.id, d.kind, d.words FROM search_document d WHERE d.org_id = $1 ORDER BY d.at DESC LIMIT 500) n
    JOIN asked a ON n.words @@ a.part AND a.is_enough AND ($3 IS NULL OR n.kind = $3)
),
title_exact AS MATERIALIZED (
    SELECT d.id FROM search_document d
    WHERE d.title_words @@ (SELECT exact FROM asked WHERE is_enough) LIMIT 500
),
title_part AS MATERIALIZED (
    SELECT d.id FROM search_document d
    WHERE d.title_words @@ (SELECT part FROM asked
                            WHERE is_enough AND (SELECT count(*) FROM title_exact) < $4 - 1) LIMIT 200
),
text_exact AS MATERIALIZED (
    SELECT d.id FROM search_document d
    WHERE d.words @@ (SELECT exact FROM asked
                      WHERE is_enough AND greatest((SELECT count(*) FROM title_exact), (SELECT count(*) FROM title_part),
                          (SELECT count(*) FROM newest WHERE is_exact)) < $4 - 1) LIMIT 200
),
text_part AS MATERIALIZED (
    SELECT d.id FROM search_document d
    WHERE d.words @@ (SELECT part FROM asked
                      WHERE is_enough AND greatest((SELECT count(*) FROM title_exact), (SELECT count(*) FROM title_part),
                          (SELECT count(*) FROM newest WHERE is_exact), (SELECT count(*) FROM text_exact)) < $4 - 1) LIMIT 200
),
found AS (
    SELECT id FROM title_exact UNION SELECT id FROM title_part UNION SELECT id FROM text_exact
    UNION SELECT id FROM text_part UNION SELECT id FROM newest
),
ranked AS MATERIALIZED (
    SELECT d.id, d.kind, d.code, d.title, d.text, d.at, a.words, CASE
            WHEN d.title_words @@ a.exact THEN 3
            WHEN d.title_words @@ a.part THEN 2
            WHEN d.words @@ a.exact THEN 1 ELSE 0 END AS score
    FROM found f JOIN search_document d ON d.id = f.id CROSS JOIN asked a
    ORDER BY score DESC, d.at DESC, d.id
    LIMIT $4 - 1
)
SELECT CASE WHEN NOT a.is_enough THEN 'search_too_short' END AS _problem, r.id, r.kind, r.code, r.title, s.snippet, s.hit,
    r.at AS "at on_jalali", '/v1/orgs/' || $5 || '/' || CASE r.kind
        WHEN 'draft' THEN 'drafts/' || r.id WHEN 'service' THEN 'services/' || r.code WHEN 'faq' THEN 'faq/' || r.code
        WHEN 'subject' THEN 'subjects/' || r.id WHEN 'suggestion' THEN 'suggestions/public/' || r.id
        ELSE 'measures/' || r.id END AS address, r.at AS _cursor_at, r.id AS _cursor_id
FROM asked a LEFT JOIN ranked r ON true LEFT JOIN LATERAL search_snippet(r.text, r.words) s ON true
ORDER BY r.score DESC, r.at DESC, r.id;
