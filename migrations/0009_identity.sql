-- Verified citizens: the keys of the identity provider, fetched by whichever worker comes first, used by all servers.

CREATE TABLE identity_key_set (
    issuer text PRIMARY KEY,
    keys jsonb NOT NULL,
    next_look_at timestamptz NOT NULL
);
COMMENT ON TABLE identity_key_set IS 'The keys by which tokens of an identity provider are judged.';
COMMENT ON COLUMN identity_key_set.issuer IS 'The provider, as its tokens name it (iss).';
COMMENT ON COLUMN identity_key_set.keys IS 'Its key set as published (RFC 7517); {} until it was fetched once.';
COMMENT ON COLUMN identity_key_set.next_look_at IS 'When a worker is to fetch it again.';

CREATE FUNCTION identity_keys_changed() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NOTIFY mosharekat_policy; RETURN NULL; END $$;
COMMENT ON FUNCTION identity_keys_changed IS 'Tells the servers that a provider has other keys.';
CREATE TRIGGER identity_keys_made AFTER INSERT ON identity_key_set
    FOR EACH ROW EXECUTE FUNCTION identity_keys_changed();
CREATE TRIGGER identity_keys_changed AFTER UPDATE ON identity_key_set
    FOR EACH ROW WHEN (OLD.keys IS DISTINCT FROM NEW.keys) EXECUTE FUNCTION identity_keys_changed();
