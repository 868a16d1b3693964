-- Measures of promises about cases, surveys and the service desk. How they are asked stands in 0019_promises.sql.

-- Cases --------------------------------------------------------------------------------------------------

-- What came in, of the kinds or by the channels that a promise names: it is kept once any did.
CREATE FUNCTION promise_filings(p promise, by text, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    said text;
    said_fa text;
    came bigint;
BEGIN
    SELECT coalesce(sum(c.n), 0),
        string_agg(coalesce(t.title_fa, k.title_fa, c.grp) || ' ' || coalesce(c.told::text, 'کمتر از 5'), '، '
            ORDER BY c.told DESC NULLS LAST, c.grp),
        string_agg(coalesce(k.title_en, replace(c.grp, '_', ' ')) || ' ' || coalesce(c.told::text, 'fewer than 5'), ', '
            ORDER BY c.told DESC NULLS LAST, c.grp),
        coalesce(jsonb_object_agg(c.grp, c.told) FILTER (WHERE c.grp IS NOT NULL), '{}')
    INTO came, said_fa, said, f.figures
    FROM (SELECT c.grp, c.n, count_told(c.n, false) AS told FROM unnest(counts) c WHERE c.sort = by AND c.what = 'received'
          UNION ALL
          SELECT 'comment', sum(c.n)::bigint, count_told(sum(c.n)::bigint, false)
          FROM unnest(counts) c WHERE c.sort = 'audience' AND by = 'kind' HAVING sum(c.n) > 0) c
    LEFT JOIN channel_kind k ON by = 'channel' AND k.code = c.grp
    LEFT JOIN (VALUES ('complaint', 'شکایت'), ('message', 'پیام'), ('info_request', 'درخواست اطلاعات'),
                      ('suggestion', 'پیشنهاد'), ('comment', 'نظر')) t(code, title_fa) ON by = 'kind' AND t.code = c.grp
    WHERE promise_covers(p, c.grp);
    f.of_all := count_told(came, false);
    f.good := f.of_all;
    f.verdict := CASE WHEN came > 0 THEN 'kept' END;
    f.since := promise_since(counts, 'case', 'received');
    f.text_fa := 'دریافت شد: ' || said_fa;
    f.text_en := 'received: ' || said;
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_filings IS 'What came in, of some kinds or by some channels.';

CREATE FUNCTION promise_filings_by_kind(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN promise_filings(p, 'kind', counts); END $$;
COMMENT ON FUNCTION promise_filings_by_kind IS 'What came in, of the kinds of a promise.';

CREATE FUNCTION promise_filings_by_channel(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN promise_filings(p, 'channel', counts); END $$;
COMMENT ON FUNCTION promise_filings_by_channel IS 'What came in by the channels of a promise.';

-- Judged by cases that have a promised day: answered, or overdue by now.
CREATE FUNCTION promise_answer_time(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    limits text := (SELECT string_agg(DISTINCT k.working_days::text, '/') FROM case_policy k
                    WHERE k.org_id = p.org_id AND promise_covers(p, k.case_kind));
    answered bigint;
    overdue bigint;
    median int;
    last_late int;
BEGIN
    WITH counted AS MATERIALIZED (
        SELECT c.what, c.value, sum(c.n) AS n FROM unnest(counts) c
        WHERE c.sort = 'kind' AND promise_covers(p, c.grp) GROUP BY c.what, c.value
    )
    SELECT coalesce(sum(c.n) FILTER (WHERE c.what = 'in_time'), 0),
        coalesce(sum(c.n) FILTER (WHERE c.what IN ('in_time', 'late', 'overdue')), 0),
        coalesce(sum(c.n) FILTER (WHERE c.what = 'answered'), 0), coalesce(sum(c.n) FILTER (WHERE c.what = 'overdue'), 0),
        max(c.value) FILTER (WHERE c.what = 'last_late'),
        (SELECT min(h.value) FROM (SELECT a.value, sum(a.n) OVER (ORDER BY a.value) AS upto, sum(a.n) OVER () AS of_all
                                   FROM counted a WHERE a.what = 'answered') h WHERE h.upto >= 0.5 * h.of_all)
    INTO f.good, f.of_all, answered, overdue, last_late, median
    FROM counted c;
    f.since := promise_since(counts, 'case', 'received');
    f.broken_at := (date '2000-01-01' + last_late + 1)::timestamp AT TIME ZONE 'Asia/Tehran';
    f.text_fa := format('ظرف %s روز کاری پاسخ داده شد: %s از %s', limits, f.good, f.of_all);
    f.text_en := format('answered within %s working days: %s of %s', limits, f.good, f.of_all);
    f.figures := jsonb_build_object('answered_in_time', f.good, 'judged', f.of_all, 'answered', answered, 'overdue', overdue,
        'median_working_days', median);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_answer_time IS 'Answers in time, of those that were given or are overdue.';

CREATE FUNCTION promise_answer_delivery(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    open bigint;
BEGIN
    SELECT sum(c.n) FILTER (WHERE c.what = 'told'), sum(c.n) FILTER (WHERE c.what = 'answered'),
        coalesce(sum(c.n) FILTER (WHERE c.what IN ('open', 'overdue')), 0)
    INTO f.good, f.of_all, open
    FROM unnest(counts) c WHERE c.sort = 'channel' AND promise_covers(p, c.grp);
    f.good := coalesce(f.good, 0);
    f.since := promise_since(counts, 'case', 'answered');
    f.text_fa := format('پاسخ با کد رهگیری خوانده می‌شود: %s از %s پاسخ', f.good, f.of_all);
    f.text_en := format('the citizen can read the answer by tracking code: %s of %s answers', f.good, f.of_all);
    f.figures := jsonb_build_object('answered', coalesce(f.of_all, 0), 'with_words', f.good, 'open', open);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_answer_delivery IS 'Answers with words that their citizen can read, by the channel that the case came by.';

-- Who looks at a case by its code leaves no trace, on purpose; whoever rates it does.
CREATE FUNCTION promise_tracking_use(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    came bigint;
    rated bigint;
BEGIN
    SELECT coalesce(sum(c.n) FILTER (WHERE c.what = 'received'), 0), coalesce(sum(c.n) FILTER (WHERE c.what = 'rating'), 0)
    INTO came, rated
    FROM unnest(counts) c WHERE c.sort = 'kind' AND promise_covers(p, c.grp);
    f.of_all := count_told(came, false);
    f.good := f.of_all;
    f.verdict := CASE WHEN came > 0 THEN 'kept' END;
    f.since := promise_since(counts, 'case', 'received');
    f.text_fa := format('با کد رهگیری ثبت شد: %s؛ با همان کد ارزیابی شد: %s', coalesce(f.of_all::text, 'کمتر از 5'),
        coalesce(count_told(rated, false)::text, 'کمتر از 5'));
    f.text_en := format('registered with a tracking code: %s; rated by it: %s', coalesce(f.of_all::text, 'fewer than 5'),
        coalesce(count_told(rated, false)::text, 'fewer than 5'));
    f.figures := jsonb_build_object('registered', f.of_all, 'rated', count_told(rated, false));
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_tracking_use IS 'Cases registered with a tracking code, and what citizens came back for.';

-- The same by Jalali month of receipt, told as figures are told to the public; NULL where cases are not what is measured.
CREATE FUNCTION promise_months(p promise, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    today int := (at AT TIME ZONE 'Asia/Tehran')::date - date '2000-01-01';
BEGIN
    IF coalesce(p.measure, '') NOT IN ('answer_time', 'filings_by_kind', 'tracking_use') THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('month', jalali_month_text(m.month), 'received', stat_told(m.received, false),
            'answered', stat_told(m.answered, false), 'kept', stat_told(m.kept, false), 'judged', stat_told(m.judged, false))
            ORDER BY m.month), '[]')
        FROM (SELECT c.grp::int AS month, sum(c.n) FILTER (WHERE c.what = 'received')::bigint AS received,
                  sum(c.n) FILTER (WHERE c.what = 'answered')::bigint AS answered,
                  sum(c.n) FILTER (WHERE c.what = 'in_time')::bigint AS kept,
                  sum(c.n) FILTER (WHERE c.what IN ('in_time', 'late', 'overdue'))::bigint AS judged
              FROM unnest(ARRAY['complaint', 'message', 'info_request', 'suggestion']) k(kind)
              CROSS JOIN LATERAL stat_counted(p.org_id, 'case', k.kind, NULL, NULL, NULL, NULL, 'month', today) c
              WHERE promise_covers(p, k.kind)
              GROUP BY 1) m
        WHERE m.received >= 5);
END $$;
COMMENT ON FUNCTION promise_months IS 'What cases say to a promise, by Jalali month, for the public.';

-- Surveys, services, questions ---------------------------------------------------------------------------

CREATE FUNCTION promise_survey_results(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    running bigint;
BEGIN
    SELECT count(*) FILTER (WHERE s.published_at IS NOT NULL), count(*) FILTER (WHERE s.closes_at <= at),
        count(*) FILTER (WHERE s.opens_at <= at AND s.closes_at > at), min((s.opens_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN s.published_at IS NULL AND s.closes_at <= at THEN s.closes_at END)
    INTO f.good, f.of_all, running, f.since, f.broken_at
    FROM survey s
    WHERE s.org_id = p.org_id AND promise_covers(p, s.kind) AND s.state NOT IN ('drafting', 'cancelled');
    f.text_fa := format('نتیجه منتشر شد: %s از %s نظرسنجی پایان‌یافته؛ در حال اجرا: %s', f.good, f.of_all, running);
    f.text_en := format('results published: %s of %s surveys that ended; running: %s', f.good, f.of_all, running);
    f.figures := jsonb_build_object('ended', f.of_all, 'published', f.good, 'running', running);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_survey_results IS 'Surveys that ended, and whose results the public got.';

-- Opinions per service: ratings, comments, and cases that name it.
CREATE FUNCTION promise_service_feedback(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
BEGIN
    SELECT count(*) FILTER (WHERE r.is_rated OR c.n > 0 OR o.n > 0), count(*),
        min((s.created_at AT TIME ZONE 'Asia/Tehran')::date),
        jsonb_build_object('services', count(*), 'with_ratings', count(*) FILTER (WHERE r.is_rated),
            'with_comments', count(*) FILTER (WHERE o.n > 0), 'with_cases', count(*) FILTER (WHERE c.n > 0),
            'units', count(DISTINCT s.unit_code))
    INTO f.good, f.of_all, f.since, f.figures
    FROM service s
    LEFT JOIN (SELECT x.grp, x.n FROM stat_counted(p.org_id, 'case', NULL, NULL, NULL, NULL, NULL, 'topic') x
               WHERE x.what = 'received') c ON c.grp = s.code
    LEFT JOIN (SELECT x.grp, x.n FROM stat_counted(p.org_id, 'comment', NULL, NULL, NULL, NULL, NULL, 'unit') x
               WHERE x.what = 'received') o ON o.grp = s.id::text
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM service_rating g WHERE g.service_id = s.id)) r(is_rated)
    WHERE s.org_id = p.org_id AND s.retired_at IS NULL;
    f.text_fa := format('بازخورد هر خدمت در میز خدمت ممکن است؛ رسیده دربارهٔ %s از %s خدمت', f.good, f.of_all);
    f.text_en := format('each service of the desk takes feedback; it came for %s of %s services', f.good, f.of_all);
    f.verdict := CASE WHEN f.good > 0 THEN 'kept' ELSE 'no_data' END;
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_service_feedback IS 'Services of the desk about which anything was said.';

CREATE FUNCTION promise_faq_upkeep(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    today date := (at AT TIME ZONE 'Asia/Tehran')::date;
BEGIN
    SELECT count(*) FILTER (WHERE q.updated_on > today - 365), count(*), min(q.updated_on),
        max(CASE WHEN q.updated_on <= today - 365 THEN (q.updated_on + 365)::timestamp AT TIME ZONE 'Asia/Tehran' END),
        jsonb_build_object('questions', count(*), 'newest', max(q.updated_on), 'oldest', min(q.updated_on))
    INTO f.good, f.of_all, f.since, f.broken_at, f.figures
    FROM faq q WHERE q.org_id = p.org_id AND q.retired_at IS NULL;
    f.text_fa := format('در یک سال گذشته بازبینی شد: %s از %s پرسش متداول', f.good, f.of_all);
    f.text_en := format('looked at within a year: %s of %s frequent questions', f.good, f.of_all);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_faq_upkeep IS 'Frequent questions whose answers are not older than a year.';

-- Measures that are over need no more upkeep.
CREATE FUNCTION promise_measure_upkeep(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
BEGIN
    SELECT count(*) FILTER (WHERE m.is_kept), count(*), min((m.created_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN NOT m.is_kept THEN m.updated_at + interval '365 days' END),
        jsonb_build_object('measures', count(*), 'planned', count(*) FILTER (WHERE m.state = 'planned'),
            'under_way', count(*) FILTER (WHERE m.state = 'under_way'), 'done', count(*) FILTER (WHERE m.state = 'done'),
            'dropped', count(*) FILTER (WHERE m.state = 'dropped'))
    INTO f.good, f.of_all, f.since, f.broken_at, f.figures
    FROM (SELECT x.*, x.state IN ('done', 'dropped') OR x.updated_at > at - interval '365 days' AS is_kept
          FROM measure x WHERE x.org_id = p.org_id) m;
    f.text_fa := format('انجام‌شده یا در یک سال گذشته بروزرسانی‌شده: %s از %s راهکار', f.good, f.of_all);
    f.text_en := format('over, or brought up to date within a year: %s of %s measures', f.good, f.of_all);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_measure_upkeep IS 'Measures that were compiled, and whether those under way are kept up to date.';

-- Suggestions -----------------------------------------------------------------------------------------------

-- What was decided, and whether a session of a committee with its quorum stands behind it.
CREATE FUNCTION promise_suggestion_decisions(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    approved bigint;
BEGIN
    SELECT count(*) FILTER (WHERE d.is_quorate), count(*), count(*) FILTER (WHERE d.is_approved),
        min((d.answered_at AT TIME ZONE 'Asia/Tehran')::date), max(CASE WHEN NOT d.is_quorate THEN d.answered_at END)
    INTO f.good, f.of_all, approved, f.since, f.broken_at
    FROM (SELECT c.answered_at, s.state IN ('approved', 'planned', 'implementing', 'implemented') AS is_approved,
              EXISTS (SELECT FROM session_item i JOIN committee_session m ON m.id = i.session_id
                      WHERE i.suggestion_id = c.id AND m.state = 'closed' AND i.is_quorate) AS is_quorate
          FROM case_suggestion s JOIN casefile c ON c.id = s.case_id
          WHERE s.case_id = ANY (ARRAY(
                  SELECT i.suggestion_id FROM committee k JOIN committee_session m ON m.committee_id = k.id
                  JOIN session_item i ON i.session_id = m.id WHERE k.org_id = p.org_id
                  UNION SELECT x.case_id FROM case_suggestion x WHERE x.org_id = p.org_id AND x.public_at IS NOT NULL))
            AND s.state IN ('approved', 'planned', 'implementing', 'implemented', 'rejected')) d;
    f.text_fa := format('کمیته با حد نصاب رأی داد: %s از %s پیشنهاد؛ تصویب‌شده: %s', f.good, f.of_all, approved);
    f.text_en := format('decided by a committee with its quorum: %s of %s suggestions; approved: %s', f.good, f.of_all, approved);
    f.figures := jsonb_build_object('decided', f.of_all, 'with_quorum', f.good, 'approved', approved,
        'rejected', f.of_all - approved);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_suggestion_decisions IS 'Suggestions decided by a committee with its quorum.';

-- Line by line: one for each suggester, one for each who took part.
CREATE FUNCTION promise_suggestion_rewards(p promise, at timestamptz, counts promise_count[]) RETURNS promise_figure
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f promise_figure;
    participants bigint;
BEGIN
    SELECT count(*) FILTER (WHERE l.paid >= l.decided), count(*),
        count(*) FILTER (WHERE l.beneficiary = 'participant'), min((l.decided_at AT TIME ZONE 'Asia/Tehran')::date),
        max(CASE WHEN l.paid < l.decided THEN l.decided_at END)
    INTO f.good, f.of_all, participants, f.since, f.broken_at
    FROM (SELECT min(e.beneficiary) AS beneficiary, min(e.at) FILTER (WHERE e.kind = 'decided') AS decided_at,
              coalesce(sum(e.sign * coalesce(e.amount, 1)) FILTER (WHERE e.kind = 'decided'), 0) AS decided,
              coalesce(sum(e.sign * coalesce(e.amount, 1)) FILTER (WHERE e.kind = 'paid'), 0) AS paid
          FROM reward_entry e WHERE e.org_id = p.org_id GROUP BY e.reward_id, e.line) l
    WHERE l.decided > 0;
    f.text_fa := format('پرداخت شد: %s از %s پاداش مصوب؛ برای مشارکت‌کنندگان: %s', f.good, f.of_all, participants);
    f.text_en := format('paid: %s of %s rewards decided; for taking part: %s', f.good, f.of_all, participants);
    f.figures := jsonb_build_object('decided', f.of_all, 'paid', f.good, 'for_submitting', f.of_all - participants,
        'for_taking_part', participants);
    RETURN f;
END $$;
COMMENT ON FUNCTION promise_suggestion_rewards IS 'Rewards that were decided and are paid in full, for submitting and for taking part.';

INSERT INTO promise_measure VALUES
    ('suggestion_decisions', 'promise_suggestion_decisions'), ('suggestion_rewards', 'promise_suggestion_rewards'),
    ('filings_by_kind', 'promise_filings_by_kind'), ('filings_by_channel', 'promise_filings_by_channel'),
    ('answer_time', 'promise_answer_time'), ('answer_delivery', 'promise_answer_delivery'),
    ('tracking_use', 'promise_tracking_use'), ('survey_results', 'promise_survey_results'),
    ('service_feedback', 'promise_service_feedback'), ('faq_upkeep', 'promise_faq_upkeep'),
    ('measure_upkeep', 'promise_measure_upkeep');
