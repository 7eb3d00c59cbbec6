-- Registration. Everything here is only ever added to.

-- The life of operators, requests and organisations, step by step. Requests are named by their number.
CREATE TABLE registration_event (
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    ordinal  INTEGER NOT NULL,
    act      TEXT NOT NULL,
    operator TEXT,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name, ordinal)
) WITHOUT ROWID;
CREATE TRIGGER registration_event_stays BEFORE DELETE ON registration_event
    BEGIN SELECT RAISE(ABORT, 'registration is never deleted'); END;
CREATE TRIGGER registration_event_is_final BEFORE UPDATE ON registration_event
    BEGIN SELECT RAISE(ABORT, 'registration is only followed'); END;

-- Each statement that an operator signed counts once.
CREATE TABLE operator_decision (
    statement_sha256 BLOB PRIMARY KEY
) WITHOUT ROWID;
CREATE TRIGGER operator_decision_stays BEFORE DELETE ON operator_decision
    BEGIN SELECT RAISE(ABORT, 'decisions are never forgotten'); END;

-- What a certificate has to do with registration: its key (SHA-256 of the subjectPublicKey bits), its
-- subject (SHA-256 of the text), its organisation, the request it fulfils, the certificate it follows, the hash of its revocation code.
CREATE TABLE certificate_registration (
    authority        INTEGER NOT NULL REFERENCES authority (id),
    serial           BLOB NOT NULL,
    key_sha256       BLOB NOT NULL,
    subject_sha256   BLOB NOT NULL,
    organisation     TEXT,
    request          INTEGER,
    renews_authority TEXT,
    renews_serial    BLOB,
    revocation_code  BLOB,
    PRIMARY KEY (authority, serial)
) WITHOUT ROWID;
CREATE INDEX certificate_registration_key ON certificate_registration (key_sha256, subject_sha256);
CREATE INDEX certificate_registration_subject ON certificate_registration (subject_sha256);
CREATE INDEX certificate_registration_organisation
    ON certificate_registration (organisation) WHERE organisation IS NOT NULL;
CREATE INDEX certificate_registration_request
    ON certificate_registration (request) WHERE request IS NOT NULL;
CREATE TRIGGER certificate_registration_stays BEFORE DELETE ON certificate_registration
    BEGIN SELECT RAISE(ABORT, 'registration is never deleted'); END;
CREATE TRIGGER certificate_registration_is_final BEFORE UPDATE ON certificate_registration
    BEGIN SELECT RAISE(ABORT, 'registration is only followed'); END;
CREATE INDEX certificate_end ON certificate (not_after, id);

-- Keys that were revoked as compromised, each with the first such certificate: never certified again.
CREATE TABLE compromised_key (
    key_sha256 BLOB PRIMARY KEY,
    authority  TEXT NOT NULL,
    serial     BLOB NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER compromised_key_stays BEFORE DELETE ON compromised_key
    BEGIN SELECT RAISE(ABORT, 'compromised keys are never forgotten'); END;

-- Wrong revocation codes, counted against the limits.
CREATE TABLE revocation_code_refusal (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    serial BLOB NOT NULL
);
CREATE INDEX revocation_code_refusal_at ON revocation_code_refusal (at);
CREATE INDEX revocation_code_refusal_serial ON revocation_code_refusal (serial, at);
CREATE TRIGGER revocation_code_refusal_stays BEFORE DELETE ON revocation_code_refusal
    BEGIN SELECT RAISE(ABORT, 'refusals are never forgotten'); END;
