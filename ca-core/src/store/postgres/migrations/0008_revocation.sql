-- Status changes in order, suspension, scopes of CRLs, CRLs in chunks, as in
-- sqlite/migrations/0008_revocation.sql.

ALTER TABLE authority ADD COLUMN crl_partitions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE authority ADD COLUMN status_changes BIGINT NOT NULL DEFAULT 0;

CREATE TABLE status_change (
    authority       BIGINT NOT NULL REFERENCES authority (id),
    position        BIGINT NOT NULL,
    serial          BYTEA NOT NULL,
    shard           BIGINT NOT NULL,
    change          BIGINT NOT NULL,
    effective_at    BIGINT NOT NULL,
    reason          BIGINT NOT NULL,
    invalidity_date BIGINT,
    requested_at    BIGINT NOT NULL,
    decided_at      BIGINT NOT NULL,
    PRIMARY KEY (authority, position)
);

DROP TRIGGER revocation_stays ON revocation;
DROP TRIGGER revocation_is_final ON revocation;
ALTER TABLE revocation ADD COLUMN shard BIGINT NOT NULL DEFAULT 0;
ALTER TABLE revocation ADD COLUMN decided_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE revocation ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE revocation ADD COLUMN not_after BIGINT NOT NULL DEFAULT 0;

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

CREATE TRIGGER status_change_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON status_change
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('what was decided stays');
CREATE TRIGGER revocation_is_not_emptied BEFORE TRUNCATE ON revocation
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('revocations are final');
CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation
    FOR EACH ROW WHEN (OLD.reason <> 6)
    EXECUTE FUNCTION sceau_refuse('revocations are final');
CREATE TRIGGER revocation_is_final BEFORE UPDATE ON revocation
    FOR EACH ROW WHEN (OLD.reason <> 6 OR NEW.revoked_at <> OLD.revoked_at)
    EXECUTE FUNCTION sceau_refuse('revocations are final');
CREATE TRIGGER status_changes_only_go_up BEFORE UPDATE OF status_changes ON authority
    FOR EACH ROW WHEN (NEW.status_changes <> OLD.status_changes + 1)
    EXECUTE FUNCTION sceau_refuse('changes of status are counted one by one');
CREATE TRIGGER crl_partitions_are_fixed BEFORE UPDATE OF crl_partitions ON authority
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('certificates name their partition');

CREATE TABLE crl_number (
    authority   BIGINT NOT NULL REFERENCES authority (id),
    shard       BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    kind        BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    PRIMARY KEY (authority, shard, number, kind)
);
WITH RECURSIVE taken (authority, number) AS (
    SELECT id, crl_number FROM authority WHERE crl_number > 0
    UNION ALL
    SELECT authority, number - 1 FROM taken WHERE number > 1
)
INSERT INTO crl_number
    SELECT t.authority, 0, t.number, 0, coalesce(c.this_update, 0)
    FROM taken t LEFT JOIN crl c ON c.authority = t.authority AND c.number = t.number;
DROP TRIGGER crl_number_never_goes_back ON authority;
ALTER TABLE authority DROP COLUMN crl_number;
CREATE FUNCTION sceau_next_crl_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last BIGINT;
BEGIN
    SELECT coalesce(max(number), 0) INTO last FROM crl_number
        WHERE authority = NEW.authority AND shard = NEW.shard;
    -- An authority whose key is elsewhere numbers its CRLs there, and not all come here; an adopted one
    -- goes on from the number it had.
    IF NEW.number <> last + 1 AND NOT (NEW.kind = 1 AND NEW.number = last)
        AND NOT (NEW.number > last
            AND ((SELECT key_location FROM authority WHERE id = NEW.authority) = ''
                OR EXISTS (SELECT 1 FROM adoption WHERE adoption.authority = NEW.authority))) THEN
        RAISE EXCEPTION 'CRL numbers only go up by one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crl_number_never_goes_back BEFORE INSERT ON crl_number
    FOR EACH ROW EXECUTE FUNCTION sceau_next_crl_number();
CREATE TRIGGER crl_number_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON crl_number
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('CRL numbers are never taken back');

ALTER TABLE crl RENAME TO crl_of_format_1;
CREATE TABLE crl (
    id           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    authority    BIGINT NOT NULL REFERENCES authority (id),
    shard        BIGINT NOT NULL,
    kind         BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    base         BIGINT,
    position     BIGINT NOT NULL,
    scheduled    BIGINT NOT NULL,
    this_update  BIGINT NOT NULL,
    next_update  BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    entries      BIGINT,
    size         BIGINT NOT NULL,
    UNIQUE (authority, shard, kind, number)
);
CREATE TABLE crl_chunk (
    crl     BIGINT NOT NULL REFERENCES crl (id),
    ordinal BIGINT NOT NULL,
    bytes   BYTEA NOT NULL,
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
CREATE TRIGGER crl_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON crl
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('published CRLs stay');
CREATE TRIGGER crl_chunk_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON crl_chunk
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('published CRLs stay');
