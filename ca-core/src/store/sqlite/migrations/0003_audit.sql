
-- The journal's Merkle tree: tiles of 256 hashes of the tree's level 8 * level, written when full.
CREATE TABLE journal_tile (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    root   BLOB NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
);
CREATE TRIGGER journal_tile_is_append_only_update BEFORE UPDATE ON journal_tile
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_tile_is_append_only_delete BEFORE DELETE ON journal_tile
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Keys that sign checkpoints. handover: 0 the one before signs for it, 1 the one before is lost
CREATE TABLE journal_key (
    seq      INTEGER PRIMARY KEY,
    origin   TEXT NOT NULL,
    spki     BLOB NOT NULL UNIQUE,
    location TEXT NOT NULL,
    handover INTEGER NOT NULL
);
CREATE TRIGGER journal_key_stays BEFORE DELETE ON journal_key
    BEGIN SELECT RAISE(ABORT, 'journal keys are never deleted'); END;
CREATE TRIGGER journal_key_is_final BEFORE UPDATE ON journal_key
    BEGIN SELECT RAISE(ABORT, 'journal keys never change'); END;

CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    seq  INTEGER NOT NULL UNIQUE,
    note TEXT NOT NULL
);
CREATE TRIGGER checkpoint_stays BEFORE DELETE ON checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are final'); END;
CREATE TRIGGER checkpoint_is_final BEFORE UPDATE ON checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are final'); END;

CREATE TABLE checkpoint_time_stamp (
    seq        INTEGER PRIMARY KEY,
    size       INTEGER NOT NULL REFERENCES checkpoint (size),
    stamped_at INTEGER NOT NULL,
    token      BLOB NOT NULL
);
CREATE INDEX checkpoint_time_stamp_size ON checkpoint_time_stamp (size);
CREATE TRIGGER checkpoint_time_stamp_stays BEFORE DELETE ON checkpoint_time_stamp
    BEGIN SELECT RAISE(ABORT, 'time-stamps are final'); END;
CREATE TRIGGER checkpoint_time_stamp_is_final BEFORE UPDATE ON checkpoint_time_stamp
    BEGIN SELECT RAISE(ABORT, 'time-stamps are final'); END;
