-- What stands against a move of a suggestion: the experts who are asked, and the session that has to decide.

-- Experts -----------------------------------------------------------------------------------------------

-- Whether a key belongs to somebody who gives opinions in an organisation.
CREATE FUNCTION suggestion_expert_known(org uuid, key uuid, now timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM api_key k JOIN role r ON r.org_id = org AND r.name = ANY (k.roles)
                   WHERE k.id = key AND (k.org_id = org OR k.org_id IS NULL) AND k.revoked_at IS NULL
                     AND (k.expires_at IS NULL OR k.expires_at > now)
                     AND r.retired_at IS NULL AND 'suggestion.review' = ANY (r.permissions))
$$;
COMMENT ON FUNCTION suggestion_expert_known IS 'Whether a key may review suggestions.';

-- What stands against asking these experts. Nobody judges what is their own: not whoever registered it, nor one of those
-- who suggested it; who has another interest in it declares that (suggestion_expert.recusal).
CREATE FUNCTION suggestion_experts_fault(c casefile, experts jsonb, now timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT bool_and(suggestion_expert_known(c.org_id, (e ->> 'key_id')::uuid, now)) THEN 'unknown_expert'
        WHEN NOT bool_and(unit_is_there(c.org_id, e ->> 'unit_code')) THEN 'unknown_unit'
        WHEN count(DISTINCT e ->> 'key_id') < count(*) THEN 'expert_twice'
        WHEN bool_or((e ->> 'key_id')::uuid = c.filed_by)
          OR bool_or(EXISTS (SELECT FROM case_suggestion s CROSS JOIN jsonb_array_elements(s.shares) p
                             WHERE s.case_id = c.id AND fa_fingerprint(p ->> 'name') = fa_fingerprint(e ->> 'name')))
            THEN 'expert_conflict'
        END
    FROM jsonb_array_elements(experts) e
$$;
COMMENT ON FUNCTION suggestion_experts_fault IS 'NULL: these experts may be asked; else the problem with them.';

-- The committee ------------------------------------------------------------------------------------------

-- The newest session that has had a suggestion on its agenda since it last came before the committee; those that were
-- cancelled do not count. After an appeal or another review it comes anew, so what was judged before no longer counts.
CREATE FUNCTION suggestion_sitting(suggestion uuid) RETURNS TABLE (i session_item, s committee_session)
LANGUAGE sql STABLE AS $$
    SELECT i, s FROM session_item i JOIN committee_session s ON s.id = i.session_id
    WHERE i.suggestion_id = suggestion AND s.state <> 'cancelled'
      AND i.added_at >= coalesce((SELECT max(e.at) FROM event e WHERE e.subject_id = suggestion
                                  AND e.kind = 'suggestion.committee'), '-infinity')
    ORDER BY i.added_at DESC, s.created_at DESC
    LIMIT 1
$$;
COMMENT ON FUNCTION suggestion_sitting IS 'The session that judges a suggestion, since it last came before the committee.';

-- The chair, or the deputy where the chair is away or recused.
CREATE FUNCTION session_presiding(i session_item) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT m.key_id FROM committee_member m
    WHERE m.id = ANY (i.voters) AND m.office IN ('chair', 'deputy')
    ORDER BY m.office
    LIMIT 1
$$;
COMMENT ON FUNCTION session_presiding IS 'The key of whoever presides over a suggestion in a session; NULL: nobody.';

CREATE FUNCTION members_keys(members uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(m.key_id), '{}') FROM committee_member m WHERE m.id = ANY (members)
$$;
COMMENT ON FUNCTION members_keys IS 'Who these members are, whatever their terms.';

-- An appeal goes to others: another chair, or at least one who did not judge before.
CREATE FUNCTION suggestion_same_judges(suggestion uuid, i session_item) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT session_presiding(b) = session_presiding(suggestion_same_judges.i)
           AND members_keys(suggestion_same_judges.i.voters) <@ members_keys(b.voters)
        FROM session_item b
        WHERE b.suggestion_id = suggestion AND b.is_quorate
          AND b.added_at < (SELECT max(e.at) FROM event e WHERE e.subject_id = suggestion AND e.kind = 'suggestion.appealed')
        ORDER BY b.added_at DESC
        LIMIT 1), false)
$$;
COMMENT ON FUNCTION suggestion_same_judges IS 'Whether those who judge an appeal are all the same as before.';

-- Whether a committee may now take a suggestion to approved, rejected or (back to) expert_review; back it may go
-- without scores.
CREATE FUNCTION suggestion_decision_fault(suggestion uuid, target text, now timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN (t.s).state = 'open' AND (t.s).minutes IS NULL THEN 'minutes_missing'
        WHEN (t.s).state IS DISTINCT FROM 'closed' THEN 'session_needed'
        WHEN NOT (t.i).is_quorate THEN 'under_quorum'
        WHEN session_presiding(t.i) IS NULL THEN 'chair_missing'
        WHEN target = 'expert_review' THEN NULL
        WHEN NOT (t.i).is_complete OR (t.i).scored = 0 THEN 'scores_missing'
        WHEN suggestion_same_judges(suggestion, t.i) THEN 'same_members'
        END
    FROM (SELECT 1) one LEFT JOIN suggestion_sitting(suggestion) t ON true
$$;
COMMENT ON FUNCTION suggestion_decision_fault IS 'NULL: the committee may decide so; else the problem that stands against it.';

-- Whoever decides is whoever presided.
CREATE FUNCTION suggestion_chair_fault(suggestion uuid, actor uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN session_presiding(t.i) IS DISTINCT FROM actor THEN 'not_the_chair' END
    FROM suggestion_sitting(suggestion) t
$$;
COMMENT ON FUNCTION suggestion_chair_fault IS 'NULL: this key presided when the suggestion was judged; else the problem.';

-- Every move ---------------------------------------------------------------------------------------------

-- Guards of the lifecycle beyond state, permission and reason.
CREATE FUNCTION suggestion_move_fault(c casefile, target text, body jsonb, now timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN c.state = 'committee' AND suggestion_decision_fault(c.id, target, now) IS NOT NULL
            THEN suggestion_decision_fault(c.id, target, now)
        WHEN target = 'expert_review' AND s.proposal = '' THEN 'completion_needed'
        WHEN target = 'expert_review' AND body ? 'experts' THEN suggestion_experts_fault(c, body -> 'experts', now)
        WHEN target = 'expert_review' AND (c.state <> 'committee' OR NOT EXISTS (
            SELECT FROM suggestion_expert e
            WHERE e.case_id = c.id AND e.review_round = s.review_round AND e.recused_at IS NULL)) THEN 'experts_needed'
        WHEN target = 'committee' AND c.state = 'expert_review' AND NOT EXISTS (
            SELECT FROM suggestion_expert e
            WHERE e.case_id = c.id AND e.review_round = s.review_round AND e.filed_at IS NOT NULL) THEN 'opinion_needed'
        END
    FROM case_suggestion s WHERE s.case_id = c.id
$$;
COMMENT ON FUNCTION suggestion_move_fault IS 'NULL: a suggestion may go there; else the problem that stands against it.';
