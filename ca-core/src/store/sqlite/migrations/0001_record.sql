-- The record, format 1. Times are seconds since 1970 (UTC); serials are INTEGER content octets.
-- What was written stays: triggers forbid what no command needs.

CREATE TABLE journal (
    seq    INTEGER PRIMARY KEY,
    prev   BLOB NOT NULL,
    record BLOB NOT NULL,
    hash   BLOB NOT NULL
);
CREATE TRIGGER journal_is_append_only_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_append_only_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- state: 0 intended, 1 in being, 2 abandoned
CREATE TABLE authority (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    state        INTEGER NOT NULL,
    profile      TEXT NOT NULL,
    key_location TEXT NOT NULL,
    issuer       INTEGER REFERENCES authority (id),
    certificate  BLOB,
    crl_number   INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX authority_name ON authority (name) WHERE state <> 2;
CREATE TRIGGER authority_stays BEFORE DELETE ON authority
    BEGIN SELECT RAISE(ABORT, 'authorities are never deleted'); END;
CREATE TRIGGER crl_number_never_goes_back BEFORE UPDATE OF crl_number ON authority
    WHEN NEW.crl_number <> OLD.crl_number + 1
    BEGIN SELECT RAISE(ABORT, 'CRL numbers only go up by one'); END;

-- state: 0 intended, 1 issued, 2 abandoned
CREATE TABLE certificate (
    id            INTEGER PRIMARY KEY,
    authority     INTEGER NOT NULL REFERENCES authority (id),
    serial        BLOB NOT NULL,
    state         INTEGER NOT NULL,
    profile       TEXT NOT NULL,
    subject       TEXT NOT NULL,
    not_before    INTEGER NOT NULL,
    not_after     INTEGER NOT NULL,
    tbs_sha256    BLOB NOT NULL,
    new_authority INTEGER REFERENCES authority (id),
    fingerprint   BLOB,
    der           BLOB,
    UNIQUE (authority, serial)
);
CREATE INDEX certificate_serial ON certificate (serial);
CREATE INDEX certificate_fingerprint ON certificate (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX certificate_unfinished ON certificate (id) WHERE state = 0;
CREATE TRIGGER certificate_stays BEFORE DELETE ON certificate
    BEGIN SELECT RAISE(ABORT, 'certificates are never deleted'); END;
CREATE TRIGGER certificate_is_final BEFORE UPDATE ON certificate WHEN OLD.state <> 0
    BEGIN SELECT RAISE(ABORT, 'issued certificates never change'); END;

CREATE TABLE revocation (
    authority       INTEGER NOT NULL REFERENCES authority (id),
    serial          BLOB NOT NULL,
    revoked_at      INTEGER NOT NULL,
    reason          INTEGER NOT NULL,
    invalidity_date INTEGER,
    requested_at    INTEGER NOT NULL,
    PRIMARY KEY (authority, serial)
) WITHOUT ROWID;
CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation
    BEGIN SELECT RAISE(ABORT, 'revocations are final'); END;
CREATE TRIGGER revocation_is_final BEFORE UPDATE ON revocation
    BEGIN SELECT RAISE(ABORT, 'revocations are final'); END;

CREATE TABLE crl (
    authority   INTEGER NOT NULL REFERENCES authority (id),
    number      INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    der         BLOB NOT NULL,
    PRIMARY KEY (authority, number)
);

-- One row: raised whenever what a responder may say changes.
CREATE TABLE status_version (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL
);
INSERT INTO status_version VALUES (1, 1);
