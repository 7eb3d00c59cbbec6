-- The journal's Merkle tree, keys, checkpoints and time-stamps, as in sqlite/migrations/0003_audit.sql.

CREATE TABLE journal_tile (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    root   BYTEA NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);
CREATE TRIGGER journal_tile_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_tile
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('the journal is append-only');

-- handover: 0 the one before signs for it, 1 the one before is lost
CREATE TABLE journal_key (
    seq      BIGINT PRIMARY KEY,
    origin   TEXT NOT NULL,
    spki     BYTEA NOT NULL UNIQUE,
    location TEXT NOT NULL,
    handover BIGINT NOT NULL
);
CREATE TRIGGER journal_key_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_key
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('journal keys are never changed or deleted');

CREATE TABLE checkpoint (
    size BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL UNIQUE,
    note TEXT NOT NULL
);
CREATE TRIGGER checkpoint_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('checkpoints are final');

CREATE TABLE checkpoint_time_stamp (
    seq        BIGINT PRIMARY KEY,
    size       BIGINT NOT NULL REFERENCES checkpoint (size),
    stamped_at BIGINT NOT NULL,
    token      BYTEA NOT NULL
);
CREATE INDEX checkpoint_time_stamp_size ON checkpoint_time_stamp (size);
CREATE TRIGGER checkpoint_time_stamp_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_time_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('time-stamps are final');
