-- The ledger of promises: what became of each sentence of a strategy. A measure is a function over the house's own tables,
-- named in promise_measure; promise_kept() asks the function of a promise's measure. A measure more is a function and a
-- row here.

CREATE TYPE promise_figure AS (
    good bigint,
    of_all bigint,
    verdict text,
    since date,
    broken_at timestamptz,
    text_fa text,
    text_en text,
    figures jsonb
);
COMMENT ON TYPE promise_figure IS 'What a measure found: how many of how many, from when on, when it last was broken. A verdict only where that does not say it.';

CREATE TABLE promise_measure (
    measure text PRIMARY KEY,
    source text NOT NULL
);
COMMENT ON TABLE promise_measure IS 'By which function each measure is taken: source(promise, instant, counts) gives a promise_figure.';
COMMENT ON COLUMN promise_measure.measure IS 'The measure, as strategy files name it.';
COMMENT ON COLUMN promise_measure.source IS 'The function.';

CREATE FUNCTION digits_fa(s text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(s, '0123456789', '۰۱۲۳۴۵۶۷۸۹');
COMMENT ON FUNCTION digits_fa IS 'Persian digits, for sentences that people read.';

CREATE FUNCTION promise_covers(p promise, what text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p.covers IS NULL OR what = ANY (p.covers);
COMMENT ON FUNCTION promise_covers IS 'Whether a promise is about something.';

CREATE TYPE promise_count AS (
    sort text,
    grp text,
    what text,
    value int,
    n bigint
);
COMMENT ON TYPE promise_count IS 'One of the counts of promise_counts().';

-- What many measures ask of the figures, counted once for all of them:
--   kind            cases: received, open, overdue, in_time, late, told, rating; answered with its days as value; last_late
--                   with the latest due day that was missed as value (in days since 2000-01-01)
--   channel         cases: the same, but open without those that are overdue
--   audience        comments received
--   since           the first month (value) in which a case was received or answered, or a comment came
CREATE FUNCTION promise_counts(org uuid, at timestamptz) RETURNS promise_count[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    today int := (at AT TIME ZONE 'Asia/Tehran')::date - date '2000-01-01';
BEGIN
    RETURN (
        WITH kinds AS MATERIALIZED (
            SELECT c.* FROM stat_counted(org, 'case', NULL, NULL, NULL, NULL, NULL, 'kind') c
        )
        SELECT array_agg(ROW(x.*)::promise_count) FROM (
            SELECT 'kind', k.grp, k.what, CASE WHEN k.what = 'answered' THEN k.value ELSE 0 END, sum(k.n)::bigint
            FROM kinds k GROUP BY 2, 3, 4
            UNION ALL
            SELECT 'kind', k.grp, 'overdue', 0, sum(k.n)::bigint FROM kinds k
            WHERE k.what = 'open' AND k.value BETWEEN 0 AND today - 1 GROUP BY k.grp
            UNION ALL
            SELECT 'kind', k.grp, 'last_late', max(k.value), 1 FROM kinds k
            WHERE k.what = 'missed' OR k.what = 'open' AND k.value BETWEEN 0 AND today - 1 GROUP BY k.grp
            UNION ALL
            SELECT 'channel', c.grp, c.what, 0, sum(c.n)::bigint
            FROM stat_counted(org, 'case', NULL, NULL, NULL, NULL, NULL, 'channel', today) c GROUP BY c.grp, c.what
            UNION ALL
            SELECT 'audience', c.grp, c.what, 0, c.n FROM stat_counted(org, 'comment', NULL, NULL, NULL, NULL, NULL, 'topic') c
            WHERE c.what = 'received'
            UNION ALL
            SELECT 'since', 'case', m.what, min(m.month), 1
            FROM (SELECT x.what, x.month
                  FROM (SELECT c.what, c.month, c.n FROM stat_cell c
                        WHERE c.org_id = org AND c.source = 'case' AND c.level = 16 AND c.what IN ('received', 'answered')
                        UNION ALL
                        SELECT w.what, c.month, c.n FROM stat_case_change c CROSS JOIN (VALUES ('received'), ('answered')) w(what)
                        WHERE c.org_id = org AND (c.state = 'answered' OR w.what = 'received' AND c.state IN ('open', 'ended'))) x
                  GROUP BY 1, 2 HAVING sum(x.n) > 0) m
            GROUP BY m.what
            UNION ALL
            SELECT 'since', 'comment', c.what, min(c.grp::int), 1
            FROM stat_counted(org, 'comment', NULL, NULL, NULL, NULL, NULL, 'month') c WHERE c.what = 'received' GROUP BY c.what
        ) x(sort, grp, what, value, n));
END $$;
COMMENT ON FUNCTION promise_counts IS 'What many measures ask of the figures of an organisation, counted once.';

CREATE FUNCTION promise_since(counts promise_count[], source text, of text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jalali_month_start(c.value) FROM unnest(counts) c WHERE c.sort = 'since' AND c.grp = source AND c.what = of
$$;
COMMENT ON FUNCTION promise_since IS 'The first day of the month in which something was first counted.';

CREATE FUNCTION promise_kept(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    measured promise_figure;
    asked text := (SELECT m.source FROM promise_measure m WHERE m.measure = p.measure);
BEGIN
    IF asked IS NOT NULL THEN
        EXECUTE format('SELECT * FROM %I($1, $2, $3)', asked) INTO measured USING p, at, counts;
    END IF;
    measured.verdict := CASE
        WHEN p.measure IS NULL THEN 'not_measurable'
        WHEN measured.verdict IS NOT NULL THEN measured.verdict
        WHEN coalesce(measured.of_all, 0) = 0 THEN 'no_data'
        WHEN measured.good = measured.of_all THEN 'kept'
        WHEN measured.good = 0 THEN 'broken'
        ELSE 'partly' END;
    IF measured.text_en IS NULL OR coalesce(measured.of_all, 0) = 0 AND measured.verdict = 'no_data' THEN
        measured.text_fa := CASE WHEN p.measure IS NULL THEN 'این سامانه نمی‌تواند این وعده را بسنجد.' ELSE 'هنوز داده‌ای نیست.' END;
        measured.text_en := CASE WHEN p.measure IS NULL THEN 'this server cannot measure it' ELSE 'nothing to judge it by yet' END;
    END IF;
    measured.text_fa := digits_fa(measured.text_fa);
    RETURN measured;
END $$;
COMMENT ON FUNCTION promise_kept IS 'What became of a promise up to an instant.';

-- Drafts -------------------------------------------------------------------------------------------------

CREATE FUNCTION promise_draft_openness(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
BEGIN
    SELECT count(*) FILTER (WHERE d.round > 0), count(*), min((d.created_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN d.round = 0 THEN d.updated_at END)
    INTO f.good, f.of_all, f.since, f.broken_at
    FROM draft d
    WHERE d.org_id = p.org_id AND promise_covers(p, d.kind) AND (d.round > 0 OR d.exemption_code IS NOT NULL);
    f.text_fa := format('در معرض نظر همگان گذاشته شد: %s از %s پیش‌نویس', f.good, f.of_all);
    f.text_en := format('stood open to comment: %s of %s drafts', f.good, f.of_all);
    f.figures := jsonb_build_object('drafts', f.of_all, 'opened', f.good, 'exempted', f.of_all - f.good);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_draft_openness IS 'Drafts that stood open to comment, of those that did or were exempted.';

CREATE FUNCTION promise_draft_exemptions(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    exempted bigint;
BEGIN
    SELECT count(*) FILTER (WHERE d.exemption_code IS NULL OR d.exemption_reason IS NOT NULL), count(*),
        count(d.exemption_code), min((d.created_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN d.exemption_code IS NOT NULL AND d.exemption_reason IS NULL THEN d.updated_at END)
    INTO f.good, f.of_all, exempted, f.since, f.broken_at
    FROM draft d
    WHERE d.org_id = p.org_id AND promise_covers(p, d.kind) AND (d.round > 0 OR d.exemption_code IS NOT NULL);
    f.text_fa := format('بدون نظرخواهی، با دلیلی که همگان می‌خوانند: %s از %s پیش‌نویس', exempted, f.of_all);
    f.text_en := format('went without, for a reason that everybody can read: %s of %s drafts', exempted, f.of_all);
    f.figures := jsonb_build_object('drafts', f.of_all, 'exempted', exempted, 'without_reason', f.of_all - f.good,
        'by_reason', (SELECT coalesce(jsonb_object_agg(g.exemption_code, g.n), '{}')
                      FROM (SELECT d.exemption_code, count(*) AS n FROM draft d
                            WHERE d.org_id = p.org_id AND promise_covers(p, d.kind) AND d.exemption_code IS NOT NULL
                            GROUP BY 1) g));
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_draft_exemptions IS 'Exemptions from standing open, and whether each has its public reason.';

-- A promise of a length is about the drafts whose window was set under it.
CREATE FUNCTION promise_window_length(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
BEGIN
    SELECT count(*) FILTER (WHERE w.is_kept), count(*), min((w.opens_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN NOT w.is_kept THEN w.ended_at END)
    INTO f.good, f.of_all, f.since, f.broken_at
    FROM (SELECT d.opens_at, least(d.closes_at, d.approved_at) AS ended_at,
              least(d.closes_at, d.approved_at) >= (d.promised ->> 'least_closes_at')::timestamptz AS is_kept
          FROM draft d
          WHERE d.org_id = p.org_id AND d.round > 0 AND d.state <> 'withdrawn'
            AND d.promised ->> 'promise' = p.code AND d.promised ->> 'least_closes_at' IS NOT NULL) w;
    f.text_fa := format('به درازای وعده‌داده‌شده باز بود: %s از %s پیش‌نویس', f.good, f.of_all);
    f.text_en := format('stood open as long as promised: %s of %s drafts', f.good, f.of_all);
    f.figures := jsonb_build_object('drafts', f.of_all, 'kept', f.good,
        'promised', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', w.draft_kind, 'unit', w.unit, 'length', w.length)
                         ORDER BY w.draft_kind), '[]')
                     FROM window_policy w WHERE w.org_id = p.org_id AND w.promise_code = p.code));
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_window_length IS 'Windows that were as long as was promised when they were set.';

CREATE FUNCTION promise_draft_procedure(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    amended bigint;
BEGIN
    SELECT count(*) FILTER (WHERE d.is_reviewed), count(*), count(*) FILTER (WHERE d.version > 1),
        min((d.approved_at AT TIME ZONE 'Asia/Tehran')::date), max(CASE WHEN NOT d.is_reviewed THEN d.approved_at END)
    INTO f.good, f.of_all, amended, f.since, f.broken_at
    FROM (SELECT d.version, d.approved_at, EXISTS (SELECT FROM event e WHERE e.subject_id = d.id
              AND e.kind = 'draft.reviewing' AND e.at <= d.approved_at) AS is_reviewed
          FROM draft d
          WHERE d.org_id = p.org_id AND promise_covers(p, d.kind) AND d.approved_at IS NOT NULL
            AND d.exemption_code IS NULL) d;
    f.text_fa := format('پس از نظرخواهی بررسی و سپس تصویب شد: %s از %s پیش‌نویس؛ با اصلاح متن: %s', f.good, f.of_all, amended);
    f.text_en := format('reviewed after the comments, then approved: %s of %s drafts; with an amended text: %s', f.good,
        f.of_all, amended);
    f.figures := jsonb_build_object('approved', f.of_all, 'reviewed', f.good, 'amended', amended);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_draft_procedure IS 'Approved drafts that went through review after their comments.';

CREATE FUNCTION promise_draft_endings(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    sent bigint;
BEGIN
    SELECT count(*) FILTER (WHERE (d.kind IN ('bill', 'tariff')) = (d.sent_authority IS NOT NULL)), count(*),
        count(d.sent_authority), min((d.issued_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN (d.kind IN ('bill', 'tariff')) <> (d.sent_authority IS NOT NULL) THEN d.issued_at END)
    INTO f.good, f.of_all, sent, f.since, f.broken_at
    FROM draft d WHERE d.org_id = p.org_id AND promise_covers(p, d.kind) AND d.issued_at IS NOT NULL;
    f.text_fa := format('به گونهٔ درست پایان یافت: %s از %s پیش‌نویس؛ ارسال‌شده: %s', f.good, f.of_all, sent);
    f.text_en := format('ended as their kind must: %s of %s drafts; sent: %s', f.good, f.of_all, sent);
    f.figures := jsonb_build_object('issued', f.of_all, 'sent', sent, 'promulgated', f.of_all - sent);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_draft_endings IS 'Drafts that ended by being sent or promulgated, as their kind must.';

-- Comments -----------------------------------------------------------------------------------------------

-- Of drafts that are decided, which of their published comments have a confirmed disposition; the author reads it.
CREATE FUNCTION promise_comment_dispositions(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    waiting bigint;
BEGIN
    SELECT sum(c.disposed) FILTER (WHERE d.approved_at IS NOT NULL), sum(c.published) FILTER (WHERE d.approved_at IS NOT NULL),
        sum(c.published - c.disposed) FILTER (WHERE d.approved_at IS NULL),
        min((d.approved_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN c.disposed < c.published THEN d.approved_at END)
    INTO f.good, f.of_all, waiting, f.since, f.broken_at
    FROM (SELECT s.grp, coalesce(sum(s.n) FILTER (WHERE s.what = 'published'), 0) AS published,
              coalesce(sum(s.n) FILTER (WHERE s.what = 'disposed'), 0) AS disposed
          FROM stat_counted(p.org_id, 'comment', NULL, NULL, NULL, NULL, NULL, 'unit') s GROUP BY s.grp) c
    JOIN draft d ON d.id = c.grp::uuid;
    f.text_fa := format('تعیین تکلیف شد و نویسنده آن را می‌خواند: %s از %s نظر دربارهٔ پیش‌نویس‌های تصویب‌شده', f.good, f.of_all);
    f.text_en := format('disposed of, where the author can read it: %s of %s comments on approved drafts', f.good, f.of_all);
    f.figures := jsonb_build_object('comments', coalesce(f.of_all, 0), 'disposed', coalesce(f.good, 0),
        'waiting', coalesce(waiting, 0));
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_comment_dispositions IS 'Comments on approved drafts with a confirmed disposition.';

CREATE FUNCTION promise_comment_audiences(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    said text;
    said_fa text;
BEGIN
    SELECT count(*) FILTER (WHERE coalesce(c.n, 0) > 0), CASE WHEN sum(c.n) > 0 THEN count(*) ELSE 0 END,
        string_agg(a.title_fa || ' ' || coalesce(t.told::text, 'کمتر از 5'), '، ' ORDER BY a.position),
        string_agg(a.code || ' ' || coalesce(t.told::text, 'fewer than 5'), ', ' ORDER BY a.position),
        jsonb_object_agg(a.code, t.told)
    INTO f.good, f.of_all, said_fa, said, f.figures
    FROM (VALUES (1, 'citizen', 'شهروند'), (2, 'stakeholder', 'ذی‌نفع'), (3, 'specialist', 'صاحب‌نظر')) a(position, code, title_fa)
    LEFT JOIN unnest(counts) c ON c.sort = 'audience' AND c.grp = a.code
    CROSS JOIN LATERAL count_told(coalesce(c.n, 0), false) t(told)
    WHERE promise_covers(p, a.code);
    f.since := promise_since(counts, 'comment', 'received');
    f.text_fa := 'نظرهای رسیده: ' || said_fa;
    f.text_en := 'comments: ' || said;
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_comment_audiences IS 'Which of the audiences that are asked did say something.';

INSERT INTO promise_measure VALUES
    ('draft_openness', 'promise_draft_openness'), ('draft_exemptions', 'promise_draft_exemptions'),
    ('window_length', 'promise_window_length'), ('draft_procedure', 'promise_draft_procedure'),
    ('draft_endings', 'promise_draft_endings'), ('comment_dispositions', 'promise_comment_dispositions'),
    ('comment_answers', 'promise_comment_dispositions'), ('comment_audiences', 'promise_comment_audiences');
