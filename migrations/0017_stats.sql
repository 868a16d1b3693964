-- Figures: how many cases and comments there are of which sort, kept beside them as they change.
--
-- A trigger writes down each change as it happens, as rows of its own (what counted no more, what counts now), so that no
-- two transactions ever meet in a counter. The worker folds these rows into cells; whoever reads adds what is not folded
-- yet, so the sum is exact at every instant, however late the worker is.

-- What counts -----------------------------------------------------------------------------------------

-- What a case and its clock say to the figures. A message that was converted counts as what it became. Days are since 2000-01-01.
CREATE FUNCTION case_fact(c casefile, due_on date, due_at timestamptz) RETURNS TABLE (
    org_id uuid, kind text, unit text, channel text, topic text, month int, state text, due int, is_late boolean,
    answered_days int, total_days int, first_days int, is_told boolean, is_reopened boolean, rating int, subject text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.org_id, c.kind, coalesce(c.unit_code, ''), c.channel, coalesce(c.service_code, ''),
        jalali_month((c.received_at AT TIME ZONE 'Asia/Tehran')::date),
        CASE WHEN c.state = 'converted' THEN 'converted' WHEN c.answered_at IS NOT NULL THEN 'answered'
             WHEN c.closed_at IS NOT NULL THEN 'ended' ELSE 'open' END,
        CASE WHEN c.paused_at IS NULL OR c.answered_at IS NOT NULL THEN due_on - date '2000-01-01' END,
        c.answered_at >= due_at, coalesce(c.answered_days, 0), coalesce(c.total_days, c.answered_days, 0),
        greatest((c.first_response_at AT TIME ZONE 'Asia/Tehran')::date
            - (c.received_at AT TIME ZONE 'Asia/Tehran')::date, 0),
        c.answer IS NOT NULL OR c.outcome IS NOT NULL, c.round > 1, c.rating,
        CASE WHEN c.state <> 'converted' AND NOT c.is_confidential THEN c.subject END
$$;
COMMENT ON FUNCTION case_fact IS 'What a case says to the figures.';

CREATE TABLE stat_case_change (
    org_id uuid NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    channel text NOT NULL,
    topic text NOT NULL,
    month int NOT NULL,
    state text NOT NULL,
    due int,
    is_late boolean,
    answered_days int NOT NULL,
    total_days int NOT NULL,
    first_days int,
    is_told boolean NOT NULL,
    is_reopened boolean NOT NULL,
    rating int,
    subject text,
    n int NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE stat_case_change IS 'Changes of cases that no cell has yet: what counts since, and what counts no more.';
COMMENT ON COLUMN stat_case_change.org_id IS 'Organisation.';
COMMENT ON COLUMN stat_case_change.kind IS 'Kind of the case.';
COMMENT ON COLUMN stat_case_change.unit IS 'Its unit; empty: none.';
COMMENT ON COLUMN stat_case_change.channel IS 'Its channel.';
COMMENT ON COLUMN stat_case_change.topic IS 'The service that it is about; empty: none.';
COMMENT ON COLUMN stat_case_change.month IS 'The Jalali month of its receipt: 140508.';
COMMENT ON COLUMN stat_case_change.state IS 'open, answered, ended (without an answer) or converted; named, named_answered: the row tells of nothing but the subject of a case.';
COMMENT ON COLUMN stat_case_change.due IS 'The last day for its answer, in days since 2000-01-01; NULL: none, or it is paused.';
COMMENT ON COLUMN stat_case_change.is_late IS 'Whether the answer came after that day; NULL: no answer, or no such day.';
COMMENT ON COLUMN stat_case_change.answered_days IS 'Working days to the answer, pauses left out.';
COMMENT ON COLUMN stat_case_change.total_days IS 'The same, pauses included.';
COMMENT ON COLUMN stat_case_change.first_days IS 'Days to the first response; NULL: none yet.';
COMMENT ON COLUMN stat_case_change.is_told IS 'Whether the answer has words that its citizen can read.';
COMMENT ON COLUMN stat_case_change.is_reopened IS 'Whether it is in a later round than the first.';
COMMENT ON COLUMN stat_case_change.rating IS 'The citizen''s rating.';
COMMENT ON COLUMN stat_case_change.subject IS 'Its subject; NULL: confidential.';
COMMENT ON COLUMN stat_case_change.n IS 'How many cases count since; negative: no more.';

-- The clocks by key, forced by OFFSET 0: a plan that was made while the table was empty would read all of it each time.
CREATE FUNCTION cases_counted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stat_case_change SELECT f.*, 1
    FROM filed c
    LEFT JOIN LATERAL (SELECT k.due_on, k.due_at FROM case_clock k WHERE k.case_id = c.id OFFSET 0) k ON true
    CROSS JOIN LATERAL case_fact(c, k.due_on, k.due_at) f;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cases_counted IS 'Writes down what new cases count as.';
CREATE TRIGGER cases_counted AFTER INSERT ON casefile REFERENCING NEW TABLE AS filed
FOR EACH STATEMENT EXECUTE FUNCTION cases_counted();

-- What a statement changed, equal facts together: a change that says nothing to the figures is no row. Subjects are noted
-- apart, because hardly two cases share theirs, and few change it. Case and deadline change apart from each other, and each
-- change counts from where the other stands: so the clocks are locked here, where the cases are already, and whoever moves
-- deadlines reads the cases when it has the clocks (deadlines_counted). A statement that changes both leaves the cases to
-- this trigger, which finds the clock as it has become, and tells deadline_counted() what became of the clock.
CREATE FUNCTION cases_recounted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    WITH held AS MATERIALIZED (
        SELECT k.* FROM (SELECT id FROM after ORDER BY id) c
        CROSS JOIN LATERAL (SELECT k.case_id, k.due_on, k.due_at FROM case_clock k WHERE k.case_id = c.id OFFSET 0 FOR UPDATE) k
    ),
    facts AS MATERIALIZED (
        SELECT f.*, -1 AS n
        FROM before c LEFT JOIN held k ON k.case_id = c.id CROSS JOIN LATERAL case_fact(c, k.due_on, k.due_at) f
        UNION ALL
        SELECT f.*, 1
        FROM after c LEFT JOIN held k ON k.case_id = c.id CROSS JOIN LATERAL case_fact(c, k.due_on, k.due_at) f
    )
    INSERT INTO stat_case_change
    SELECT f.org_id, f.kind, f.unit, f.channel, f.topic, f.month, f.state, f.due, f.is_late, f.answered_days, f.total_days,
        f.first_days, f.is_told, f.is_reopened, f.rating, NULL, sum(f.n)
    FROM facts f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    HAVING sum(f.n) <> 0
    UNION ALL
    SELECT f.org_id, f.kind, '', '', '', 0, CASE WHEN f.state = 'answered' THEN 'named_answered' ELSE 'named' END, NULL, NULL, 0, 0,
        NULL, false, false, NULL, f.subject, sum(f.n)
    FROM facts f WHERE f.subject IS NOT NULL GROUP BY f.org_id, f.kind, 7, f.subject
    HAVING sum(f.n) <> 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cases_recounted IS 'Writes down what changed cases no longer count as, and what they count as now.';
CREATE TRIGGER cases_recounted AFTER UPDATE ON casefile REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION cases_recounted();

-- The deadline of a case as it was before it changed: what it counts as with the clock that it has now, and no more with
-- the one that it had.
CREATE FUNCTION deadline_counted(c casefile, was case_clock, now case_clock) RETURNS SETOF stat_case_change
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT f.org_id, f.kind, f.unit, f.channel, f.topic, f.month, f.state, f.due, f.is_late, f.answered_days, f.total_days,
        f.first_days, f.is_told, f.is_reopened, f.rating, NULL, k.n
    FROM (VALUES (was.due_on, was.due_at, -1), (now.due_on, now.due_at, 1)) k(due_on, due_at, n)
    CROSS JOIN LATERAL case_fact(c, k.due_on, k.due_at) f
    WHERE (was.due_on, was.due_at) IS DISTINCT FROM (now.due_on, now.due_at)
$$;
COMMENT ON FUNCTION deadline_counted IS 'What a case counts as, and no longer, by the move of its deadline alone: to be written down.';

-- The same for many open cases, of which the calendar moved the deadlines: a few rows. Cases that differ in nothing which
-- counts besides their deadline go together, and one of them speaks for all, because whatever else it says is taken back in
-- the same breath. Reads the cases as they are when it is called, which is after their clocks were locked (cases_recounted).
-- Returns how many rows it wrote.
CREATE FUNCTION deadlines_counted(ids uuid[], was date[], now date[]) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    WITH sorts AS MATERIALIZED (
        SELECT (array_agg(m.id))[1] AS id, m.was, m.now, count(*)::int AS n
        FROM unnest(ids, was, now) m(id, was, now)
        CROSS JOIN LATERAL (
            SELECT c.unit_code, c.channel, c.service_code, (c.received_at AT TIME ZONE 'Asia/Tehran')::date AS received_on,
                c.kind, c.paused_at IS NULL AS is_running
            FROM casefile c WHERE c.id = m.id OFFSET 0) c
        WHERE m.was <> m.now
        GROUP BY m.was, m.now, c.received_on, c.kind, c.unit_code, c.channel, c.service_code, c.is_running
    ),
    written AS (
        INSERT INTO stat_case_change
        SELECT f.org_id, f.kind, f.unit, f.channel, f.topic, f.month, f.state, f.due, f.is_late, f.answered_days, f.total_days,
            f.first_days, f.is_told, f.is_reopened, f.rating, NULL, k.n
        FROM sorts s JOIN casefile c ON c.id = s.id
        CROSS JOIN LATERAL (VALUES (s.was, -s.n), (s.now, s.n)) k(due, n)
        CROSS JOIN LATERAL case_fact(c, k.due, NULL) f
        RETURNING 1
    )
    SELECT count(*) FROM written
$$;
COMMENT ON FUNCTION deadlines_counted IS 'Writes down what open cases no longer count as, and what they count as now, by moves of their deadlines.';

-- What a comment says: its unit is the draft or subject, its topic the audience.
CREATE FUNCTION comment_fact(c comment) RETURNS TABLE (
    org_id uuid, unit text, topic text, month int, is_published boolean, is_disposed boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.org_id, coalesce(c.draft_id, c.subject_id)::text, coalesce(c.audience, ''),
        jalali_month((c.received_at AT TIME ZONE 'Asia/Tehran')::date), c.state = 'published',
        c.state = 'published' AND c.confirmed_at IS NOT NULL
$$;
COMMENT ON FUNCTION comment_fact IS 'What a comment says to the figures.';

CREATE TABLE stat_comment_change (
    org_id uuid NOT NULL,
    unit text NOT NULL,
    topic text NOT NULL,
    month int NOT NULL,
    is_published boolean NOT NULL,
    is_disposed boolean NOT NULL,
    n int NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE stat_comment_change IS 'Changes of comments that no cell has yet.';
COMMENT ON COLUMN stat_comment_change.org_id IS 'Organisation.';
COMMENT ON COLUMN stat_comment_change.unit IS 'The draft or subject.';
COMMENT ON COLUMN stat_comment_change.topic IS 'The audience; empty: none was given.';
COMMENT ON COLUMN stat_comment_change.month IS 'The Jalali month of receipt.';
COMMENT ON COLUMN stat_comment_change.is_published IS 'Whether the public reads it.';
COMMENT ON COLUMN stat_comment_change.is_disposed IS 'Whether, besides, its disposition is confirmed.';
COMMENT ON COLUMN stat_comment_change.n IS 'How many comments count since; negative: no more.';

-- Comments come many in one statement, so these are counted together.
CREATE FUNCTION comments_counted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stat_comment_change
    SELECT f.*, count(*) FROM made c CROSS JOIN LATERAL comment_fact(c) f GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION comments_counted IS 'Writes down what new comments count as.';
CREATE TRIGGER comments_counted AFTER INSERT ON comment REFERENCING NEW TABLE AS made
FOR EACH STATEMENT EXECUTE FUNCTION comments_counted();

CREATE FUNCTION comment_recounted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stat_comment_change SELECT f.*, -1 FROM comment_fact(OLD) f;
    INSERT INTO stat_comment_change SELECT f.*, 1 FROM comment_fact(NEW) f;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION comment_recounted IS 'Writes down what a comment no longer counts as, and what it counts as now.';
CREATE TRIGGER comment_recounted AFTER UPDATE ON comment FOR EACH ROW
WHEN ((OLD.state, OLD.confirmed_at IS NULL, OLD.audience) IS DISTINCT FROM (NEW.state, NEW.confirmed_at IS NULL, NEW.audience))
EXECUTE FUNCTION comment_recounted();

-- Cells --------------------------------------------------------------------------------------------------

CREATE TABLE stat_cell (
    org_id uuid NOT NULL,
    source text NOT NULL,
    level int NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    channel text NOT NULL,
    topic text NOT NULL,
    month int NOT NULL,
    what text NOT NULL,
    value int NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (org_id, source, level, kind, unit, channel, topic, month, what, value) INCLUDE (n)
) WITH (fillfactor = 80);
COMMENT ON TABLE stat_cell IS 'How often something is so among the cases or comments of one sort.';
COMMENT ON COLUMN stat_cell.org_id IS 'Organisation.';
COMMENT ON COLUMN stat_cell.source IS 'case or comment.';
COMMENT ON COLUMN stat_cell.level IS 'Which columns tell the sort: 1 kind, 2 unit, 4 channel, 8 topic, 16 month, summed; the others are empty.';
COMMENT ON COLUMN stat_cell.kind IS 'Kind of case.';
COMMENT ON COLUMN stat_cell.unit IS 'Unit, or the draft of comments.';
COMMENT ON COLUMN stat_cell.channel IS 'Channel.';
COMMENT ON COLUMN stat_cell.topic IS 'Service, or the audience of comments.';
COMMENT ON COLUMN stat_cell.month IS 'Jalali month of receipt; 0: all months.';
COMMENT ON COLUMN stat_cell.what IS 'What is counted: a row of stat_case_values or stat_comment_values.';
COMMENT ON COLUMN stat_cell.value IS 'Its figure: days, a rating, a due day; 0 where there is none. The cells of one sort are a histogram.';
COMMENT ON COLUMN stat_cell.n IS 'How often.';

-- What is counted of one case. missed has the day that a late answer missed, and is kept by kind alone. total counts only cases with pauses: it takes them out of the histogram of answered days
-- and puts them where they are with their pauses.
CREATE FUNCTION stat_case_values(f stat_case_change) RETURNS TABLE (what text, value int, times int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT v.what, v.value, v.times
    FROM (VALUES
        ('received', 0, f.state IN ('open', 'answered', 'ended'), 1),
        ('converted', 0, f.state = 'converted', 1),
        ('open', coalesce(f.due, -1), f.state = 'open', 1),
        ('ended', 0, f.state = 'ended', 1),
        ('answered', f.answered_days, f.state = 'answered', 1),
        ('in_time', 0, f.state = 'answered' AND NOT f.is_late, 1),
        ('late', 0, f.state = 'answered' AND f.is_late, 1),
        ('missed', f.due, f.state = 'answered' AND f.is_late, 1),
        ('told', 0, f.state = 'answered' AND f.is_told, 1),
        ('total', f.total_days, f.state = 'answered' AND f.total_days <> f.answered_days, 1),
        ('total', f.answered_days, f.state = 'answered' AND f.total_days <> f.answered_days, -1),
        ('first', f.first_days, f.state <> 'converted' AND f.first_days IS NOT NULL, 1),
        ('reopened', 0, f.state <> 'converted' AND f.is_reopened, 1),
        ('rating', f.rating, f.state <> 'converted' AND f.rating IS NOT NULL, 1)
    ) v(what, value, counts, times)
    WHERE v.counts
$$;
COMMENT ON FUNCTION stat_case_values IS 'What is counted of one case.';

CREATE FUNCTION stat_comment_values(f stat_comment_change) RETURNS TABLE (what text, value int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT v.what, 0 FROM (VALUES ('received', true), ('published', f.is_published), ('disposed', f.is_disposed)) v(what, counts)
    WHERE v.counts
$$;
COMMENT ON FUNCTION stat_comment_values IS 'What is counted of one comment.';

CREATE VIEW stat_pending AS
SELECT c.org_id, 'case' AS source, c.kind, c.unit, c.channel, c.topic, c.month, v.what, v.value, c.n * v.times AS n
FROM stat_case_change c CROSS JOIN LATERAL stat_case_values(c) v
UNION ALL
SELECT c.org_id, 'comment', '', c.unit, '', c.topic, c.month, v.what, v.value, c.n
FROM stat_comment_change c CROSS JOIN LATERAL stat_comment_values(c) v;
COMMENT ON VIEW stat_pending IS 'What no cell has yet.';

CREATE TABLE stat_subject (
    org_id uuid NOT NULL,
    kind text NOT NULL,
    words text NOT NULL,
    subject text NOT NULL,
    n bigint NOT NULL,
    answered bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, kind, words)
);
CREATE INDEX stat_subject_repeated ON stat_subject (org_id, n DESC, words) WHERE n > 1;
COMMENT ON TABLE stat_subject IS 'How many cases have one subject, however it is spelled; confidential ones are left out.';
COMMENT ON COLUMN stat_subject.org_id IS 'Organisation.';
COMMENT ON COLUMN stat_subject.kind IS 'Kind of case.';
COMMENT ON COLUMN stat_subject.words IS 'The subject as fa_fingerprint() has it.';
COMMENT ON COLUMN stat_subject.subject IS 'The same as somebody spelled it.';
COMMENT ON COLUMN stat_subject.n IS 'How many cases, as far as changes are folded.';
COMMENT ON COLUMN stat_subject.answered IS 'How many of them were answered: somebody of the house has read the subject.';

-- Folds changes into cells, a bounded number at a time; returns how many changes it took. Any number of workers may run
-- it: each takes other rows, and what is added to a cell adds up in any order (the same order everywhere, so that two
-- never wait for each other).
CREATE FUNCTION stat_fold(most int) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    WITH cases AS MATERIALIZED (
        DELETE FROM stat_case_change
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM stat_case_change LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING stat_case_change AS c
    ),
    comments AS MATERIALIZED (
        DELETE FROM stat_comment_change
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM stat_comment_change LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING stat_comment_change AS c
    ),
    gathered AS (
        SELECT (x.c).org_id, 'case' AS source, (x.c).kind, (x.c).unit, (x.c).channel, (x.c).topic, (x.c).month, v.what,
            v.value, sum((x.c).n * v.times) AS n
        FROM cases x CROSS JOIN LATERAL stat_case_values(x.c) v GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        UNION ALL
        SELECT (x.c).org_id, 'comment', '', (x.c).unit, '', (x.c).topic, (x.c).month, v.what, v.value, sum((x.c).n)
        FROM comments x CROSS JOIN LATERAL stat_comment_values(x.c) v GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ),
    levelled AS (
        SELECT g.org_id, g.source, 31 - grouping(g.month, g.topic, g.channel, g.unit, g.kind) AS level, coalesce(g.kind, '') AS kind,
            coalesce(g.unit, '') AS unit, coalesce(g.channel, '') AS channel, coalesce(g.topic, '') AS topic, coalesce(g.month, 0) AS month,
            g.what, g.value, sum(g.n) AS n
        FROM gathered g
        WHERE g.n <> 0
        GROUP BY g.org_id, g.source, g.what, g.value, GROUPING SETS ((), (g.month)), GROUPING SETS (
            (), (g.kind), (g.unit), (g.channel), (g.kind, g.unit), (g.kind, g.channel), (g.unit, g.channel),
            (g.kind, g.unit, g.channel), (g.topic), (g.kind, g.topic), (g.unit, g.topic), (g.kind, g.unit, g.topic))
    ),
    folded AS (
        INSERT INTO stat_cell AS s (org_id, source, level, kind, unit, channel, topic, month, what, value, n)
        SELECT * FROM levelled WHERE n <> 0 AND (what <> 'missed' OR level = 1) ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        ON CONFLICT (org_id, source, level, kind, unit, channel, topic, month, what, value)
        DO UPDATE SET n = s.n + excluded.n
    ),
    named AS (
        SELECT d.* FROM (
            SELECT (x.c).org_id, (x.c).kind, (x.c).subject, sum((x.c).n) AS n,
                sum((x.c).n * ((x.c).state IN ('answered', 'named_answered'))::int) AS answered
            FROM cases x WHERE (x.c).subject IS NOT NULL GROUP BY 1, 2, 3) d
        WHERE d.n <> 0 OR d.answered <> 0
    ),
    repeated AS (
        INSERT INTO stat_subject AS s (org_id, kind, words, subject, n, answered)
        SELECT m.org_id, m.kind, fa_fingerprint(m.subject), min(m.subject), sum(m.n), sum(m.answered) FROM named m
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (org_id, kind, words) DO UPDATE SET n = s.n + excluded.n, answered = s.answered + excluded.answered
    )
    SELECT (SELECT count(*) FROM cases) + (SELECT count(*) FROM comments)
$$;
COMMENT ON FUNCTION stat_fold IS 'Folds changes into cells, a bounded number of each sort.';
