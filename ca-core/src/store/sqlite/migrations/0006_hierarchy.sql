-- The life of authorities. A row of `authority` never changes: what happens to one later is here.

-- kind: 1 renewal with the same key, 2 OldWithNew, 3 NewWithOld, 4 cross.
-- authority: whose key is certified; null where it is another provider's.
CREATE TABLE authority_certificate (
    id        INTEGER PRIMARY KEY,
    authority INTEGER REFERENCES authority (id),
    issuer    INTEGER NOT NULL REFERENCES authority (id),
    serial    BLOB NOT NULL,
    kind      INTEGER NOT NULL,
    UNIQUE (issuer, serial)
);
CREATE INDEX authority_certificate_of ON authority_certificate (authority);
CREATE TRIGGER authority_certificate_stays BEFORE DELETE ON authority_certificate
    BEGIN SELECT RAISE(ABORT, 'certificates of authorities stay'); END;
CREATE TRIGGER authority_certificate_is_final BEFORE UPDATE ON authority_certificate
    BEGIN SELECT RAISE(ABORT, 'certificates of authorities are final'); END;

-- beside_successor: whether it issues although it has a successor.
CREATE TABLE authority_life (
    authority          INTEGER PRIMARY KEY REFERENCES authority (id),
    predecessor        INTEGER REFERENCES authority (id),
    beside_successor   INTEGER NOT NULL DEFAULT 0,
    terminated_at      INTEGER,
    termination        TEXT
);
CREATE INDEX authority_life_predecessor ON authority_life (predecessor);
CREATE TRIGGER authority_life_stays BEFORE DELETE ON authority_life
    BEGIN SELECT RAISE(ABORT, 'the life of an authority is not forgotten'); END;
CREATE TRIGGER authority_ends_once BEFORE UPDATE ON authority_life
    WHEN OLD.terminated_at IS NOT NULL AND (NEW.terminated_at IS NULL OR NEW.terminated_at <> OLD.terminated_at)
    BEGIN SELECT RAISE(ABORT, 'a terminated authority stays terminated'); END;
CREATE TRIGGER terminated_authorities_issue_nothing BEFORE INSERT ON certificate
    WHEN EXISTS (SELECT 1 FROM authority_life l
                 WHERE l.authority = NEW.authority AND l.terminated_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'the authority is terminated'); END;

-- state: 0 intended, 1 made, 2 answered by a certificate
CREATE TABLE authority_request (
    id           INTEGER PRIMARY KEY,
    info_sha256  BLOB NOT NULL UNIQUE,
    state        INTEGER NOT NULL,
    name         TEXT NOT NULL,
    profile      TEXT NOT NULL,
    subject      TEXT NOT NULL,
    key_location TEXT NOT NULL,
    predecessor  TEXT,
    spki_sha256  BLOB NOT NULL,
    der          BLOB
);

CREATE TABLE ceremony_event (
    seq    INTEGER PRIMARY KEY,
    script TEXT NOT NULL,
    at     INTEGER NOT NULL,
    event  TEXT NOT NULL
);
CREATE INDEX ceremony_event_script ON ceremony_event (script, seq);
CREATE TRIGGER ceremony_event_stays BEFORE DELETE ON ceremony_event
    BEGIN SELECT RAISE(ABORT, 'ceremonies are not forgotten'); END;
CREATE TRIGGER ceremony_event_is_final BEFORE UPDATE ON ceremony_event
    BEGIN SELECT RAISE(ABORT, 'ceremonies are not rewritten'); END;

-- An authority whose key is elsewhere (no location) numbers its CRLs there: this record may see only
-- some of them, and never an older one after a newer.
DROP TRIGGER crl_number_never_goes_back;
CREATE TRIGGER crl_number_never_goes_back BEFORE UPDATE OF crl_number ON authority
    WHEN NEW.crl_number <> OLD.crl_number + 1
     AND NOT (OLD.key_location = '' AND NEW.crl_number > OLD.crl_number)
    BEGIN SELECT RAISE(ABORT, 'CRL numbers only go up by one'); END;
