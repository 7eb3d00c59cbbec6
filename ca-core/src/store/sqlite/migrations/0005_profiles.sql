-- The operator's own profiles, every version of them. The built-in ones are in the program.
CREATE TABLE profile (
    name       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    source     TEXT NOT NULL,
    sha256     BLOB NOT NULL,
    added_at   INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (name, version)
) WITHOUT ROWID;
CREATE TRIGGER profile_stays BEFORE DELETE ON profile
    BEGIN SELECT RAISE(ABORT, 'profiles are never deleted'); END;
CREATE TRIGGER profile_is_final BEFORE UPDATE ON profile
    WHEN OLD.retired_at IS NOT NULL OR NEW.name <> OLD.name OR NEW.version <> OLD.version
        OR NEW.source <> OLD.source OR NEW.sha256 <> OLD.sha256 OR NEW.added_at <> OLD.added_at
    BEGIN SELECT RAISE(ABORT, 'a version of a profile is retired once, and never changes'); END;
