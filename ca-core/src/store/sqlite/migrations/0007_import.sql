-- What comes from another product, and the orders of batches.

-- The order that a certificate was issued for: carried out once, and again only where it was interrupted.
ALTER TABLE certificate ADD COLUMN order_digest BLOB;
CREATE UNIQUE INDEX certificate_order ON certificate (order_digest)
    WHERE order_digest IS NOT NULL AND state <> 2;

-- chain: certificates above the authority that the record does not hold, one after another (DER)
CREATE TABLE adoption (
    authority INTEGER PRIMARY KEY REFERENCES authority (id),
    chain     BLOB NOT NULL
);
CREATE TRIGGER adoption_stays BEFORE DELETE ON adoption
    BEGIN SELECT RAISE(ABORT, 'adoptions are never deleted'); END;
CREATE TRIGGER adoption_is_final BEFORE UPDATE ON adoption
    BEGIN SELECT RAISE(ABORT, 'adoptions never change'); END;

-- An adopted authority may jump too: to the number of its last CRL elsewhere.
DROP TRIGGER crl_number_never_goes_back;
CREATE TRIGGER crl_number_never_goes_back BEFORE UPDATE OF crl_number ON authority
    WHEN NEW.crl_number <> OLD.crl_number + 1
     AND NOT (NEW.crl_number > OLD.crl_number AND (OLD.key_location = ''
         OR EXISTS (SELECT 1 FROM adoption WHERE adoption.authority = OLD.id)))
    BEGIN SELECT RAISE(ABORT, 'CRL numbers only go up by one'); END;
