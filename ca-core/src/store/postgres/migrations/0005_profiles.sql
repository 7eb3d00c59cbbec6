-- The operator's own profiles, as in sqlite/migrations/0005_profiles.sql.
CREATE TABLE profile (
    name       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    source     TEXT NOT NULL,
    sha256     BYTEA NOT NULL,
    added_at   BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (name, version)
);
CREATE TRIGGER profile_stays BEFORE DELETE OR TRUNCATE ON profile
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('profiles are never deleted');
CREATE TRIGGER profile_is_final BEFORE UPDATE ON profile
    FOR EACH ROW WHEN (OLD.retired_at IS NOT NULL OR NEW.name <> OLD.name
        OR NEW.version <> OLD.version OR NEW.source <> OLD.source OR NEW.sha256 <> OLD.sha256
        OR NEW.added_at <> OLD.added_at)
    EXECUTE FUNCTION sceau_refuse('a version of a profile is retired once, and never changes');
