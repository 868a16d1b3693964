-- Strategy files, brought into the database: `mosharekat apply`.

-- name: strategy_apply
-- lane: write
-- $1 document jsonb (valid under strategies/schema.yaml)  $2 is_pruning bool  $3 is_trial bool  $4 event uuid
--
-- What the file says (wanted) and what the database says (present) are brought to one form: section, key, and the row
-- as JSON. Their difference is the answer, and, unless this is a trial, what is written. Nothing is ever deleted
-- but weekly patterns and steps of the ladder, to which nothing refers, and these only when pruning. A service, question
-- or contact that staff made, changed or retired through the API is theirs: the file says nothing about it any more.
-- A row for each difference; one row without a section when there is none. Nothing is written when is_orphan.
WITH target AS MATERIALIZED (
    SELECT coalesce(o.id, gen_random_uuid()) AS id, p.id AS parent_id,
           $1->>'parent' IS NOT NULL AND p.id IS NULL AS is_orphan,
           clock_timestamp() + (SELECT shift FROM clock) AS now
      FROM (SELECT) AS one
      LEFT JOIN organisation o ON o.slug = $1->>'slug'
      LEFT JOIN organisation p ON p.slug = $1->>'parent'
), wanted AS (
    SELECT 'organisation' AS section, $1->>'slug' AS key, to_jsonb(r) - '{id,applied_at,retired_at,weeks_version}'::text[] AS value
      FROM target t,
           jsonb_populate_record(NULL::organisation, $1 - 'statement' || jsonb_build_object(
               'parent_id', t.parent_id,
               'statement', (SELECT string_agg(p, E'\n\n' ORDER BY n)
                               FROM jsonb_array_elements_text($1->'statement') WITH ORDINALITY s(p, n)))) r
    UNION ALL
    SELECT 'legal_basis', r.code, to_jsonb(r) - '{org_id,retired_at}'::text[]
      FROM jsonb_array_elements($1->'legal_bases') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::legal_basis, item || jsonb_build_object('position', n)) r
    UNION ALL
    SELECT 'promise', r.code, to_jsonb(r) - '{org_id,retired_at}'::text[]
      FROM jsonb_array_elements($1->'promises') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::promise, item || jsonb_build_object('position', n)) r
    UNION ALL
    SELECT 'window', r.draft_kind, to_jsonb(r) - 'org_id'
      FROM jsonb_each($1->'windows') e(kind, item),
           jsonb_populate_record(NULL::window_policy, jsonb_build_object(
               'draft_kind', kind, 'unit', coalesce(item->>'unit', 'none'), 'length', item->'length',
               'promise_code', item->'promise')) r
    UNION ALL
    SELECT 'working_week', r.valid_from::text, to_jsonb(r) - 'org_id'
      FROM jsonb_array_elements($1->'working_week') e(item), jsonb_populate_record(NULL::working_week, item) r
    UNION ALL
    SELECT 'unit', r.code, to_jsonb(r) - '{org_id,retired_at}'::text[]
      FROM jsonb_array_elements($1->'units') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::unit, item || jsonb_build_object('position', n)) r
    UNION ALL
    SELECT 'channel', r.code, to_jsonb(r) - '{org_id,retired_at}'::text[]
      FROM jsonb_array_elements($1->'channels') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::channel, item || jsonb_build_object('position', n)) r
    UNION ALL
    SELECT 'escalation_step', r.offset_days::text, to_jsonb(r) - 'org_id'
      FROM jsonb_array_elements($1->'escalation') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::escalation_step, item || jsonb_build_object('position', n)) r
    UNION ALL
    SELECT 'role', r.name, to_jsonb(r) - '{org_id,retired_at}'::text[]
      FROM jsonb_array_elements($1->'roles') e(item), jsonb_populate_record(NULL::role, item) r
    UNION ALL
    SELECT 'case_policy', r.case_kind, to_jsonb(r) - 'org_id'
      FROM jsonb_each($1->'cases') e(kind, item),
           jsonb_populate_record(NULL::case_policy, '{"follows_referrals": false}' || item
               || jsonb_build_object('case_kind', kind)) r
    UNION ALL
    SELECT 'service', r.code, to_jsonb(r) - '{id,org_id,origin,row_version,created_at,updated_at,retired_at,norm}'::text[]
      FROM target t, jsonb_array_elements($1->'services') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::service, item || jsonb_build_object('position', n)) r
     WHERE NOT EXISTS (SELECT FROM service x WHERE x.org_id = t.id AND x.code = r.code AND x.origin = 'staff')
    UNION ALL
    SELECT 'faq', r.code, to_jsonb(r) - '{id,org_id,origin,row_version,created_at,updated_at,retired_at,norm}'::text[]
      FROM target t, jsonb_array_elements($1->'faq') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::faq, item || jsonb_build_object('position', n)) r
     WHERE NOT EXISTS (SELECT FROM faq x WHERE x.org_id = t.id AND x.code = r.code AND x.origin = 'staff')
    UNION ALL
    SELECT 'contact', r.code, to_jsonb(r) - '{id,org_id,origin,row_version,created_at,updated_at,retired_at,norm}'::text[]
      FROM target t, jsonb_array_elements($1->'contact') WITH ORDINALITY e(item, n),
           jsonb_populate_record(NULL::contact, item || jsonb_build_object('position', n)) r
     WHERE NOT EXISTS (SELECT FROM contact x WHERE x.org_id = t.id AND x.code = r.code AND x.origin = 'staff')
), present AS (
    SELECT 'organisation' AS section, o.slug AS key, to_jsonb(o) - '{id,applied_at,retired_at,weeks_version}'::text[] AS value
      FROM organisation o, target t WHERE o.id = t.id AND o.retired_at IS NULL
    UNION ALL
    SELECT 'legal_basis', l.code, to_jsonb(l) - '{org_id,retired_at}'::text[]
      FROM legal_basis l, target t WHERE l.org_id = t.id AND l.retired_at IS NULL
    UNION ALL
    SELECT 'promise', p.code, to_jsonb(p) - '{org_id,retired_at}'::text[]
      FROM promise p, target t WHERE p.org_id = t.id AND p.retired_at IS NULL
    UNION ALL
    SELECT 'window', w.draft_kind, to_jsonb(w) - 'org_id'
      FROM window_policy w, target t WHERE w.org_id = t.id
    UNION ALL
    SELECT 'working_week', w.valid_from::text, to_jsonb(w) - 'org_id'
      FROM working_week w, target t WHERE w.org_id = t.id
    UNION ALL
    SELECT 'unit', u.code, to_jsonb(u) - '{org_id,retired_at}'::text[]
      FROM unit u, target t WHERE u.org_id = t.id AND u.retired_at IS NULL
    UNION ALL
    SELECT 'channel', c.code, to_jsonb(c) - '{org_id,retired_at}'::text[]
      FROM channel c, target t WHERE c.org_id = t.id AND c.retired_at IS NULL
    UNION ALL
    SELECT 'escalation_step', e.offset_days::text, to_jsonb(e) - 'org_id'
      FROM escalation_step e, target t WHERE e.org_id = t.id
    UNION ALL
    SELECT 'role', r.name, to_jsonb(r) - '{org_id,retired_at}'::text[]
      FROM role r, target t WHERE r.org_id = t.id AND r.retired_at IS NULL
    UNION ALL
    SELECT 'case_policy', c.case_kind, to_jsonb(c) - 'org_id'
      FROM case_policy c, target t WHERE c.org_id = t.id
    UNION ALL
    SELECT 'service', x.code, to_jsonb(x) - '{id,org_id,origin,row_version,created_at,updated_at,retired_at,norm}'::text[]
      FROM service x, target t WHERE x.org_id = t.id AND x.retired_at IS NULL AND x.origin = 'file'
    UNION ALL
    SELECT 'faq', x.code, to_jsonb(x) - '{id,org_id,origin,row_version,created_at,updated_at,retired_at,norm}'::text[]
      FROM faq x, target t WHERE x.org_id = t.id AND x.retired_at IS NULL AND x.origin = 'file'
    UNION ALL
    SELECT 'contact', x.code, to_jsonb(x) - '{id,org_id,origin,row_version,created_at,updated_at,retired_at,norm}'::text[]
      FROM contact x, target t WHERE x.org_id = t.id AND x.retired_at IS NULL AND x.origin = 'file'
), difference AS MATERIALIZED (
    SELECT section, key, p.value AS before, w.value AS after
      FROM present p FULL JOIN wanted w USING (section, key)
     WHERE p.value IS DISTINCT FROM w.value
), writing AS MATERIALIZED (
    SELECT t.id, t.now, jsonb_build_object('org_id', t.id) AS owner
      FROM target t
     WHERE NOT $3 AND NOT t.is_orphan AND EXISTS (SELECT FROM difference WHERE after IS NOT NULL OR $2)
), coming AS MATERIALIZED (
    SELECT d.section, d.after || w.owner AS value FROM difference d, writing w WHERE d.after IS NOT NULL
), leaving AS MATERIALIZED (
    SELECT d.section, d.key, w.id AS org_id, w.now FROM difference d, writing w WHERE d.after IS NULL AND $2
), put_organisation AS (
    INSERT INTO organisation (id, slug, parent_id, kind, name_fa, name_en, statement_title, statement, position, applied_at)
    SELECT w.id, r.slug, r.parent_id, r.kind, r.name_fa, r.name_en, r.statement_title, r.statement, r.position, w.now
      FROM writing w, wanted d, jsonb_populate_record(NULL::organisation, d.value) r
     WHERE d.section = 'organisation'
        ON CONFLICT (slug) DO UPDATE
       SET (parent_id, kind, name_fa, name_en, statement_title, statement, position, applied_at, retired_at) =
           (EXCLUDED.parent_id, EXCLUDED.kind, EXCLUDED.name_fa, EXCLUDED.name_en, EXCLUDED.statement_title,
            EXCLUDED.statement, EXCLUDED.position, EXCLUDED.applied_at, NULL)
), put_legal_basis AS (
    INSERT INTO legal_basis
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::legal_basis, c.value) r WHERE c.section = 'legal_basis'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, as_published, note, retired_at) = (EXCLUDED.position, EXCLUDED.as_published, EXCLUDED.note, NULL)
), put_promise AS (
    INSERT INTO promise
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::promise, c.value) r WHERE c.section = 'promise'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, sentence, gloss, kind, measure, covers, not_measurable, retired_at) =
           (EXCLUDED.position, EXCLUDED.sentence, EXCLUDED.gloss, EXCLUDED.kind, EXCLUDED.measure,
            EXCLUDED.covers, EXCLUDED.not_measurable, NULL)
), put_window AS (
    INSERT INTO window_policy
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::window_policy, c.value) r WHERE c.section = 'window'
        ON CONFLICT (org_id, draft_kind) DO UPDATE
       SET (unit, length, promise_code) = (EXCLUDED.unit, EXCLUDED.length, EXCLUDED.promise_code)
), put_case_policy AS (
    INSERT INTO case_policy
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::case_policy, c.value) r WHERE c.section = 'case_policy'
        ON CONFLICT (org_id, case_kind) DO UPDATE
       SET (working_days, promise_code, may_pause, follows_referrals, reopen_days, close_after_days, followup_days, note) =
           (EXCLUDED.working_days, EXCLUDED.promise_code, EXCLUDED.may_pause, EXCLUDED.follows_referrals,
            EXCLUDED.reopen_days, EXCLUDED.close_after_days, EXCLUDED.followup_days, EXCLUDED.note)
), put_working_week AS (
    INSERT INTO working_week
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::working_week, c.value) r WHERE c.section = 'working_week'
        ON CONFLICT (org_id, valid_from) DO UPDATE
       SET (valid_to, days, note) = (EXCLUDED.valid_to, EXCLUDED.days, EXCLUDED.note)
), put_unit AS (
    INSERT INTO unit
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::unit, c.value) r WHERE c.section = 'unit'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, kind, name_fa, name_en, parent_code, note, retired_at) =
           (EXCLUDED.position, EXCLUDED.kind, EXCLUDED.name_fa, EXCLUDED.name_en, EXCLUDED.parent_code, EXCLUDED.note,
            NULL)
), put_channel AS (
    INSERT INTO channel
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::channel, c.value) r WHERE c.section = 'channel'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, kind, title_fa, as_published, address, note, retired_at) =
           (EXCLUDED.position, EXCLUDED.kind, EXCLUDED.title_fa, EXCLUDED.as_published, EXCLUDED.address,
            EXCLUDED.note, NULL)
), put_service AS (
    INSERT INTO service AS x (org_id, code, position, title_fa, title_en, unit_code, keywords, documents, fee,
        duration, channel, address, created_at, updated_at)
    SELECT r.org_id, r.code, r.position, r.title_fa, r.title_en, r.unit_code, r.keywords, r.documents, r.fee,
           r.duration, r.channel, r.address, w.now, w.now
      FROM writing w, coming c, jsonb_populate_record(NULL::service, c.value) r WHERE c.section = 'service'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, title_fa, title_en, unit_code, keywords, documents, fee, duration, channel, address,
            row_version, updated_at, retired_at) =
           (EXCLUDED.position, EXCLUDED.title_fa, EXCLUDED.title_en, EXCLUDED.unit_code, EXCLUDED.keywords,
            EXCLUDED.documents, EXCLUDED.fee, EXCLUDED.duration, EXCLUDED.channel, EXCLUDED.address, x.row_version +
            1, EXCLUDED.updated_at, NULL)
), put_faq AS (
    INSERT INTO faq AS x (org_id, code, position, question, answer, topic, updated_on, created_at, updated_at)
    SELECT r.org_id, r.code, r.position, r.question, r.answer, r.topic, r.updated_on, w.now, w.now
      FROM writing w, coming c, jsonb_populate_record(NULL::faq, c.value) r WHERE c.section = 'faq'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, question, answer, topic, updated_on, row_version, updated_at, retired_at) =
           (EXCLUDED.position, EXCLUDED.question, EXCLUDED.answer, EXCLUDED.topic, EXCLUDED.updated_on, x.row_version
            + 1, EXCLUDED.updated_at, NULL)
), put_contact AS (
    INSERT INTO contact AS x (org_id, code, position, kind, title_fa, unit_code, as_published, address, note,
        created_at, updated_at)
    SELECT r.org_id, r.code, r.position, r.kind, r.title_fa, r.unit_code, r.as_published, r.address, r.note, w.now,
           w.now
      FROM writing w, coming c, jsonb_populate_record(NULL::contact, c.value) r WHERE c.section = 'contact'
        ON CONFLICT (org_id, code) DO UPDATE
       SET (position, kind, title_fa, unit_code, as_published, address, note, row_version, updated_at, retired_at) =
           (EXCLUDED.position, EXCLUDED.kind, EXCLUDED.title_fa, EXCLUDED.unit_code, EXCLUDED.as_published,
            EXCLUDED.address, EXCLUDED.note, x.row_version + 1, EXCLUDED.updated_at, NULL)
), put_escalation_step AS (
    INSERT INTO escalation_step
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::escalation_step, c.value) r
     WHERE c.section = 'escalation_step'
        ON CONFLICT (org_id, offset_days) DO UPDATE
       SET (position, role, title_fa) = (EXCLUDED.position, EXCLUDED.role, EXCLUDED.title_fa)
), put_role AS (
    INSERT INTO role
    SELECT r.* FROM coming c, jsonb_populate_record(NULL::role, c.value) r WHERE c.section = 'role'
        ON CONFLICT (org_id, name) DO UPDATE
       SET (title_fa, permissions, retired_at) = (EXCLUDED.title_fa, EXCLUDED.permissions, NULL)
), retire_legal_basis AS (
    UPDATE legal_basis x SET retired_at = l.now FROM leaving l
     WHERE l.section = 'legal_basis' AND x.org_id = l.org_id AND x.code = l.key
), retire_promise AS (
    UPDATE promise x SET retired_at = l.now FROM leaving l
     WHERE l.section = 'promise' AND x.org_id = l.org_id AND x.code = l.key
), retire_unit AS (
    UPDATE unit x SET retired_at = l.now FROM leaving l
     WHERE l.section = 'unit' AND x.org_id = l.org_id AND x.code = l.key
), retire_channel AS (
    UPDATE channel x SET retired_at = l.now FROM leaving l
     WHERE l.section = 'channel' AND x.org_id = l.org_id AND x.code = l.key
), retire_service AS (
    UPDATE service x SET retired_at = l.now, row_version = x.row_version + 1, updated_at = l.now FROM leaving l
     WHERE l.section = 'service' AND x.org_id = l.org_id AND x.code = l.key
), retire_faq AS (
    UPDATE faq x SET retired_at = l.now, row_version = x.row_version + 1, updated_at = l.now FROM leaving l
     WHERE l.section = 'faq' AND x.org_id = l.org_id AND x.code = l.key
), retire_contact AS (
    UPDATE contact x SET retired_at = l.now, row_version = x.row_version + 1, updated_at = l.now FROM leaving l
     WHERE l.section = 'contact' AND x.org_id = l.org_id AND x.code = l.key
), retire_role AS (
    UPDATE role x SET retired_at = l.now FROM leaving l
     WHERE l.section = 'role' AND x.org_id = l.org_id AND x.name = l.key
), drop_working_week AS (
    DELETE FROM working_week x USING leaving l
     WHERE l.section = 'working_week' AND x.org_id = l.org_id AND x.valid_from = l.key::date
), drop_escalation_step AS (
    DELETE FROM escalation_step x USING leaving l
     WHERE l.section = 'escalation_step' AND x.org_id = l.org_id AND x.offset_days = l.key::int
), told AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, is_public, data)
    SELECT $4, w.id, w.now, 'strategy.applied', 'organisation', w.id, 'system', true,
           jsonb_build_object('changes', (
               SELECT jsonb_agg(CASE
                          WHEN d.before IS NULL THEN jsonb_build_object('added', d.section, 'key', d.key)
                          WHEN d.after IS NULL THEN jsonb_build_object('retired', d.section, 'key', d.key)
                          ELSE jsonb_build_object('changed', d.section, 'key', d.key, 'before', d.before, 'after', d.after)
                      END)
                 FROM difference d WHERE d.after IS NOT NULL OR $2))
      FROM writing w
), notified AS (
    SELECT pg_notify('mosharekat_policy', $1->>'slug') FROM writing
)
SELECT d.section, d.key, d.before, d.after, t.is_orphan, (SELECT count(*) FROM notified) AS _notified
  FROM target t LEFT JOIN difference d ON true
 ORDER BY array_position('{organisation,legal_basis,promise,window,working_week,unit,channel,escalation_step,role,case_policy,service,faq,contact}', d.section),
          coalesce(d.after, d.before)->'position', d.key;
