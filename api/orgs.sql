-- Organisations and their strategies.

-- name: org_list
-- lane: read
-- $1 cursor_at timestamptz  $2 cursor_id uuid  $3 limit int4  $4 count bool
SELECT o.id, o.slug, o.kind, o.name_fa, o.name_en, p.slug AS parent,
    to_timestamp(o.position) AS _cursor_at, o.id AS _cursor_id,
    CASE WHEN $4 THEN (SELECT count(*) FROM organisation WHERE retired_at IS NULL) END AS _total
FROM organisation o LEFT JOIN organisation p ON p.id = o.parent_id
WHERE o.retired_at IS NULL AND (to_timestamp(o.position), o.id) > (coalesce($1, '-infinity'),
          coalesce($2, '00000000-0000-0000-0000-000000000000'))
ORDER BY o.position, o.id
LIMIT $3;

-- name: org_get
-- lane: read
-- $1 org uuid
SELECT o.id, o.slug, o.kind, o.name_fa, o.name_en, p.slug AS parent,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', u.code, 'kind', u.kind, 'name_fa', u.name_fa,
        'name_en', u.name_en, 'parent', u.parent_code) ORDER BY u.position), '[]')
     FROM unit u WHERE u.org_id = o.id AND u.retired_at IS NULL) AS units,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'kind', c.kind, 'title_fa', c.title_fa,
        'as_published', c.as_published, 'address', c.address, 'note', c.note) ORDER BY c.position), '[]')
     FROM channel c WHERE c.org_id = o.id AND c.retired_at IS NULL) AS channels
FROM organisation o LEFT JOIN organisation p ON p.id = o.parent_id
WHERE o.id = $1;

-- name: strategy_get
-- lane: read
-- $1 org uuid
SELECT o.slug AS org, o.statement_title AS title, o.statement, o.applied_at,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', l.code, 'as_published', l.as_published, 'note', l.note)
        ORDER BY l.position), '[]')
     FROM legal_basis l WHERE l.org_id = o.id AND l.retired_at IS NULL) AS legal_bases,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', p.code, 'sentence', p.sentence, 'gloss', p.gloss,
        'kind', p.kind, 'measure', p.measure, 'not_measurable', p.not_measurable) ORDER BY p.position), '[]')
     FROM promise p WHERE p.org_id = o.id AND p.retired_at IS NULL) AS promises,
    (SELECT jsonb_agg(jsonb_build_object('kind', k.kind, 'promised', coalesce(w.unit, 'none') <> 'none',
        'unit', nullif(w.unit, 'none'), 'length', w.length, 'promise', w.promise_code,
        'text_fa', CASE w.unit WHEN 'days' THEN w.length || ' روز' WHEN 'months' THEN w.length || ' ماه'
            ELSE 'وعده‌ای داده نشده است' END,
        'text_en', CASE w.unit WHEN 'days' THEN w.length || ' days'
            WHEN 'months' THEN w.length || ' Jalali month, at least 30 days' ELSE 'no promise' END) ORDER BY k.n)
     FROM unnest(ARRAY['by_law', 'directive', 'criteria', 'circular', 'bill', 'tariff']) WITH ORDINALITY k(kind, n)
     LEFT JOIN window_policy w ON w.org_id = o.id AND w.draft_kind = k.kind) AS windows,
    weeks_shown(o.id) AS working_week,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('level', e.level, 'offset_days', e.offset_days, 'role', e.role,
        'title_fa', e.title_fa) ORDER BY e.level), '[]')
     FROM (SELECT s.*, row_number() OVER (ORDER BY s.offset_days) AS level FROM escalation_step s
           WHERE s.org_id = o.id) e) AS escalation
FROM organisation o
WHERE o.id = $1;
