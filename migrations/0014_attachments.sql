-- Attachments come in and go out (LIFECYCLES.md "Message", issue "The clock and the case file", section 2).

ALTER TABLE attachment ADD COLUMN uploaded_by uuid;
COMMENT ON COLUMN attachment.uploaded_by IS 'API key of a member of staff; NULL: the public.';
ALTER TABLE attachment ADD COLUMN request_digest bytea;
COMMENT ON COLUMN attachment.request_digest IS 'SHA-256 of the request.';
ALTER TABLE attachment ADD COLUMN scan_at timestamptz;
COMMENT ON COLUMN attachment.scan_at IS 'When the scanner is asked next; NULL unless it waits.';
ALTER TABLE attachment ADD CONSTRAINT attachment_scan_at CHECK ((scan = 'waiting') = (scan_at IS NOT NULL));
CREATE INDEX attachment_waiting ON attachment (scan_at) WHERE scan_at IS NOT NULL;
CREATE TRIGGER attachment_waits AFTER INSERT ON attachment
    FOR EACH ROW WHEN (NEW.scan_at IS NOT NULL) EXECUTE FUNCTION worker_wake();

-- The files of a case as its citizen may see them: their own and what replies brought, never those of notes.
CREATE FUNCTION case_files_told(own casefile, c casefile) RETURNS SETOF attachment
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.* FROM attachment a LEFT JOIN case_message m ON m.id = a.message_id
    WHERE a.case_id IN (own.id, c.id) AND (m.kind = 'reply' OR (a.case_id = own.id AND m.kind IS DISTINCT FROM 'note'))
$$;
COMMENT ON FUNCTION case_files_told IS 'Files of a case that its citizen may see.';

CREATE FUNCTION attachment_told(a attachment) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('id', a.id, 'message_id', a.message_id, 'name', a.name, 'media_type', a.media_type,
        'size', a.size, 'scan', a.scan)
$$;
COMMENT ON FUNCTION attachment_told IS 'A file as a case lists it, as JSON.';

-- As before, but for the files.
CREATE OR REPLACE FUNCTION case_told(own casefile, c casefile) RETURNS TABLE (messages jsonb, attachments jsonb, timeline jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('at', json_instant(m.at),
                'from', CASE m.kind WHEN 'citizen' THEN 'citizen' ELSE 'office' END, 'text', m.text)
                ORDER BY m.at, m.id), '[]')
            FROM (SELECT m.* FROM case_message m
                  WHERE (m.case_id IN (own.id, own.converted_from) AND m.kind <> 'note')
                     OR (m.case_id = c.id AND m.kind = 'reply')
                  ORDER BY m.at DESC, m.id DESC LIMIT 200) m),
        (SELECT coalesce(jsonb_agg(attachment_told(a) ORDER BY a.uploaded_at, a.id), '[]') FROM case_files_told(own, c) a),
        (SELECT coalesce(jsonb_agg(jsonb_build_object('at', json_instant(e.at), 'kind', e.kind) ORDER BY e.at, e.id), '[]')
         FROM (SELECT e.* FROM event e
               WHERE e.subject_id IN (own.id, own.converted_from, c.id) AND e.is_public
               ORDER BY e.at DESC, e.id DESC LIMIT 200) e)
$$;
