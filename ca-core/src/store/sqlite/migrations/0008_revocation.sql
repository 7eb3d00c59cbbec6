-- Status changes in order, suspension, scopes of CRLs, CRLs in chunks.
-- "shard" is the partition of an authority's certificates: 0 for all of them, 1 to n.

ALTER TABLE authority ADD COLUMN crl_partitions INTEGER NOT NULL DEFAULT 0;
-- How many changes of status there were: the position of the last.
ALTER TABLE authority ADD COLUMN status_changes INTEGER NOT NULL DEFAULT 0;

-- change: 0 revoked, 1 suspended, 2 resumed, 3 interrupted issuance closed as revoked, 4 revoked as
-- a CRL of an authority says whose key is elsewhere.
-- effective_at is the revocation date that CRLs and OCSP give.
CREATE TABLE status_change (
    authority       INTEGER NOT NULL REFERENCES authority (id),
    position        INTEGER NOT NULL,
    serial          BLOB NOT NULL,
    shard           INTEGER NOT NULL,
    change          INTEGER NOT NULL,
    effective_at    INTEGER NOT NULL,
    reason          INTEGER NOT NULL,
    invalidity_date INTEGER,
    requested_at    INTEGER NOT NULL,
    decided_at      INTEGER NOT NULL,
    PRIMARY KEY (authority, position)
) WITHOUT ROWID;

DROP TRIGGER revocation_stays;
DROP TRIGGER revocation_is_final;
ALTER TABLE revocation ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revocation ADD COLUMN decided_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revocation ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revocation ADD COLUMN not_after INTEGER NOT NULL DEFAULT 0;

-- Interrupted issuances come last, because no CRL of before can be relied on to list them.
INSERT INTO status_change
    SELECT r.authority,
           row_number() OVER (PARTITION BY r.authority
               ORDER BY CASE WHEN c.state = 2 THEN 1 ELSE 0 END, r.revoked_at, r.serial),
           r.serial, 0, CASE WHEN c.state = 2 THEN 3 ELSE 0 END, r.revoked_at, r.reason,
           r.invalidity_date, r.requested_at, r.revoked_at
    FROM revocation r
    JOIN certificate c ON c.authority = r.authority AND c.serial = r.serial;
CREATE INDEX status_change_serial ON status_change (authority, serial, position);
CREATE INDEX status_change_shard ON status_change (authority, shard, position);
UPDATE revocation SET
    decided_at = revoked_at,
    position = (SELECT s.position FROM status_change s
                WHERE s.authority = revocation.authority AND s.serial = revocation.serial),
    not_after = (SELECT c.not_after FROM certificate c
                 WHERE c.authority = revocation.authority AND c.serial = revocation.serial);
UPDATE authority SET status_changes =
    (SELECT count(*) FROM status_change s WHERE s.authority = authority.id);
CREATE INDEX revocation_shard ON revocation (authority, shard, serial);

CREATE TRIGGER status_change_stays BEFORE DELETE ON status_change
    BEGIN SELECT RAISE(ABORT, 'what was decided stays'); END;
CREATE TRIGGER status_change_is_final BEFORE UPDATE ON status_change
    BEGIN SELECT RAISE(ABORT, 'what was decided stays'); END;
-- Only what is on hold (certificateHold, 6) may end or become final.
CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation WHEN OLD.reason <> 6
    BEGIN SELECT RAISE(ABORT, 'revocations are final'); END;
CREATE TRIGGER revocation_is_final BEFORE UPDATE ON revocation
    WHEN OLD.reason <> 6 OR NEW.revoked_at <> OLD.revoked_at
    BEGIN SELECT RAISE(ABORT, 'revocations are final'); END;
CREATE TRIGGER status_changes_only_go_up BEFORE UPDATE OF status_changes ON authority
    WHEN NEW.status_changes <> OLD.status_changes + 1
    BEGIN SELECT RAISE(ABORT, 'changes of status are counted one by one'); END;
CREATE TRIGGER crl_partitions_are_fixed BEFORE UPDATE OF crl_partitions ON authority
    BEGIN SELECT RAISE(ABORT, 'certificates name their partition'); END;

-- The CRL numbers that were taken. kind: 0 complete, 1 delta.
CREATE TABLE crl_number (
    authority   INTEGER NOT NULL REFERENCES authority (id),
    shard       INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    PRIMARY KEY (authority, shard, number, kind)
) WITHOUT ROWID;
WITH RECURSIVE taken (authority, number) AS (
    SELECT id, crl_number FROM authority WHERE crl_number > 0
    UNION ALL
    SELECT authority, number - 1 FROM taken WHERE number > 1
)
INSERT INTO crl_number
    SELECT t.authority, 0, t.number, 0, coalesce(c.this_update, 0)
    FROM taken t LEFT JOIN crl c ON c.authority = t.authority AND c.number = t.number;
DROP TRIGGER crl_number_never_goes_back;
ALTER TABLE authority DROP COLUMN crl_number;
CREATE TRIGGER crl_number_never_goes_back BEFORE INSERT ON crl_number
    WHEN NEW.number <> 1 + coalesce((SELECT max(number) FROM crl_number
             WHERE authority = NEW.authority AND shard = NEW.shard), 0)
         AND NOT (NEW.kind = 1 AND NEW.number = (SELECT max(number) FROM crl_number
             WHERE authority = NEW.authority AND shard = NEW.shard))
         -- An authority whose key is elsewhere numbers its CRLs there, and not all come here; an adopted
         -- one goes on from the number it had.
         AND NOT (NEW.number > coalesce((SELECT max(number) FROM crl_number
                 WHERE authority = NEW.authority AND shard = NEW.shard), 0)
             AND ((SELECT key_location FROM authority WHERE id = NEW.authority) = ''
                 OR EXISTS (SELECT 1 FROM adoption WHERE adoption.authority = NEW.authority)))
    BEGIN SELECT RAISE(ABORT, 'CRL numbers only go up by one'); END;
CREATE TRIGGER crl_number_stays BEFORE DELETE ON crl_number
    BEGIN SELECT RAISE(ABORT, 'CRL numbers are never taken back'); END;
CREATE TRIGGER crl_number_is_final BEFORE UPDATE ON crl_number
    BEGIN SELECT RAISE(ABORT, 'CRL numbers are never taken back'); END;

-- base: the number of the complete CRL that a delta starts from.
-- position: how many changes of status it has seen. scheduled: 0 where a change of status was its
-- occasion.
ALTER TABLE crl RENAME TO crl_of_format_1;
CREATE TABLE crl (
    id           INTEGER PRIMARY KEY,
    authority    INTEGER NOT NULL REFERENCES authority (id),
    shard        INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    base         INTEGER,
    position     INTEGER NOT NULL,
    scheduled    INTEGER NOT NULL,
    this_update  INTEGER NOT NULL,
    next_update  INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    entries      INTEGER,
    size         INTEGER NOT NULL,
    UNIQUE (authority, shard, kind, number)
);
CREATE TABLE crl_chunk (
    crl     INTEGER NOT NULL REFERENCES crl (id),
    ordinal INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    PRIMARY KEY (crl, ordinal)
);
INSERT INTO crl (authority, shard, kind, number, base, position, scheduled, this_update,
                 next_update, published_at, entries, size)
    SELECT c.authority, 0, 0, c.number, NULL,
           (SELECT count(*) FROM status_change s WHERE s.authority = c.authority
                AND s.change = 0 AND s.decided_at <= c.this_update),
           1, c.this_update, c.next_update, c.this_update, NULL, length(c.der)
    FROM crl_of_format_1 c ORDER BY c.authority, c.number;
INSERT INTO crl_chunk (crl, ordinal, bytes)
    SELECT n.id, 0, c.der FROM crl_of_format_1 c
    JOIN crl n ON n.authority = c.authority AND n.shard = 0 AND n.kind = 0 AND n.number = c.number;
DROP TABLE crl_of_format_1;
CREATE TRIGGER crl_stays BEFORE DELETE ON crl
    BEGIN SELECT RAISE(ABORT, 'published CRLs stay'); END;
CREATE TRIGGER crl_is_final BEFORE UPDATE ON crl
    BEGIN SELECT RAISE(ABORT, 'published CRLs stay'); END;
CREATE TRIGGER crl_chunk_stays BEFORE DELETE ON crl_chunk
    BEGIN SELECT RAISE(ABORT, 'published CRLs stay'); END;
CREATE TRIGGER crl_chunk_is_final BEFORE UPDATE ON crl_chunk
    BEGIN SELECT RAISE(ABORT, 'published CRLs stay'); END;
