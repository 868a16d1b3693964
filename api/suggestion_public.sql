-- What everybody sees of suggestions that were approved, who supports them, and which are like another one.

-- name: suggestion_public_list
-- lane: slow
-- $1 org uuid  $2 state text  $3 service text  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4  $7 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT s, c FROM case_suggestion s JOIN casefile c ON c.id = s.case_id
    WHERE s.org_id = $1 AND s.public_at IS NOT NULL AND ($2 IS NULL OR s.state = $2)
      AND ($3 IS NULL OR c.service_code = $3))
SELECT p.*, (x.s).public_at AS _cursor_at, (x.s).case_id AS _cursor_id,
    CASE WHEN $7 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL suggestion_listed(x.s, x.c) p
WHERE ((x.s).public_at, (x.s).case_id) < (coalesce($4, 'infinity'), coalesce($5, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (x.s).public_at DESC, (x.s).case_id DESC
LIMIT $6;

-- name: suggestion_public_list_by_support
-- lane: slow
-- $1 org uuid  $2 state text  $3 service text  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4  $7 count bool
-- In the order of what the worker has counted; a cursor holds an instant, so a number travels as seconds.
WITH chosen AS NOT MATERIALIZED (
    SELECT s, c FROM case_suggestion s JOIN casefile c ON c.id = s.case_id
    WHERE s.org_id = $1 AND s.public_at IS NOT NULL AND ($2 IS NULL OR s.state = $2)
      AND ($3 IS NULL OR c.service_code = $3))
SELECT p.*, to_timestamp((x.s).supports) AS _cursor_at, (x.s).case_id AS _cursor_id,
    CASE WHEN $7 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen x CROSS JOIN LATERAL suggestion_listed(x.s, x.c) p
WHERE ((x.s).supports, (x.s).case_id) < (coalesce(extract(epoch FROM $4)::int, 2147483647),
    coalesce($5, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (x.s).supports DESC, (x.s).case_id DESC
LIMIT $6;

-- name: suggestion_public_get
-- lane: read
-- $1 org uuid  $2 id uuid
SELECT p.*, s.problem, s.proposal, s.benefit, c.answer, suggestion_told_progress(s.case_id) AS progress
FROM case_suggestion s JOIN casefile c ON c.id = s.case_id CROSS JOIN LATERAL suggestion_listed(s, c) p
WHERE s.case_id = $2 AND s.org_id = $1 AND s.public_at IS NOT NULL;

-- name: suggestion_support
-- lane: write
-- $1 org uuid  $2 id uuid  $3 voter bytea  $4 is_active bool  $5 now timestamptz
-- The row of the voter alone is written, and only if it changes; no event, which would say when somebody did it.
WITH made AS (
    INSERT INTO suggestion_support AS p (case_id, voter, is_active, is_counted, changed_at)
    SELECT s.case_id, $3, true, false, $5
    FROM case_suggestion s WHERE $4 AND s.case_id = $2 AND s.org_id = $1 AND s.public_at IS NOT NULL
    ON CONFLICT (case_id, voter) DO UPDATE SET is_active = true, changed_at = $5 WHERE NOT p.is_active
    RETURNING 1
),
ended AS (
    UPDATE suggestion_support p SET is_active = false, changed_at = $5
    WHERE NOT $4 AND p.case_id = $2 AND p.voter = $3 AND p.is_active
    RETURNING 1
)
SELECT s.case_id AS id, $4 AS supported,
    suggestion_supports(s) + (SELECT count(*) FROM made)::int - (SELECT count(*) FROM ended)::int AS supports,
    EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM ended) AS _public
FROM case_suggestion s
WHERE s.case_id = $2 AND s.org_id = $1 AND s.public_at IS NOT NULL;

-- name: suggestion_similar
-- lane: slow
-- $1 org uuid  $2 text text  $3 is_staff bool  $4 limit int4
-- The rarest words of the text find candidates, so common ones are never looked up while there are others: the statistics
-- of PostgreSQL know how common a word is. What is found is ranked by the weight of all words shared, and by how much the
-- letters agree.
WITH asked AS MATERIALIZED (
    SELECT left(n.norm, 2000) AS norm, suggestion_words(n.norm) AS words FROM (SELECT fa_norm($2) AS norm) n
),
common AS MATERIALIZED (
    SELECT e.word, e.share FROM pg_stats t
    CROSS JOIN LATERAL unnest(t.most_common_elems::text::int[], t.most_common_elem_freqs) e(word, share)
    WHERE t.schemaname = current_schema() AND t.tablename = 'suggestion_terms' AND t.attname = 'words'
      AND e.word IS NOT NULL
),
weighed AS MATERIALIZED (
    SELECT q.word, coalesce(c.share, r.rare) AS share, -ln(coalesce(c.share, r.rare)) AS weight
    FROM asked a CROSS JOIN LATERAL unnest(a.words) q(word) LEFT JOIN common c ON c.word = q.word
    CROSS JOIN (SELECT coalesce(min(share) / 2, 0.001) AS rare FROM common) r
),
chosen AS MATERIALIZED (
    SELECT w.word, w.weight FROM (
        SELECT w.*, sum(w.share) OVER (ORDER BY w.share, w.word) - w.share AS before, row_number() OVER (
            ORDER BY w.share, w.word) AS n FROM weighed w) w
    WHERE w.n <= 24 AND (w.before * greatest((SELECT reltuples FROM pg_class WHERE oid = 'suggestion_terms'::regclass), 1)
        <= 2000 AND w.share < 0.1 OR w.n = 1)
),
found AS MATERIALIZED (
    SELECT h.case_id, sum(k.weight) AS weight
    FROM chosen k CROSS JOIN LATERAL (
        SELECT t.case_id FROM suggestion_terms t
        WHERE t.words @> ARRAY[k.word] AND t.org_id = $1 AND ($3 OR t.is_public)
        LIMIT 3000) h
    GROUP BY h.case_id
    ORDER BY sum(k.weight) DESC
    LIMIT 40
),
closest AS MATERIALIZED (
    SELECT s, k.shared
    FROM found f JOIN case_suggestion s ON s.case_id = f.case_id JOIN suggestion_terms t ON t.case_id = f.case_id
    CROSS JOIN LATERAL (SELECT sum(w.weight) FILTER (WHERE w.word = ANY (t.words)) / nullif(sum(w.weight), 0) AS shared
                        FROM weighed w) k
    WHERE s.state NOT IN ('withdrawn', 'duplicate') AND NOT s.is_confidential
    ORDER BY k.shared DESC
    LIMIT 20
),
ranked AS (
    SELECT x.s, round(((x.shared + word_similarity(left(a.norm, 200), (x.s).norm)) / 2)::numeric, 2)::float8 AS similarity
    FROM closest x CROSS JOIN asked a
)
SELECT c.id, c.number, c.state, c.subject, (r.s).public_at IS NOT NULL AS public, suggestion_supports(r.s) AS supports,
    r.similarity
FROM ranked r JOIN casefile c ON c.id = (r.s).case_id
WHERE r.similarity >= 0.3
ORDER BY r.similarity DESC, c.received_at, c.id
LIMIT $4;
