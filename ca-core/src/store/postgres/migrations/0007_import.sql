-- What comes from another product, and the orders of batches, as in sqlite/migrations/0007_import.sql.

-- The order that a certificate was issued for: carried out once, and again only where it was interrupted.
ALTER TABLE certificate ADD COLUMN order_digest BYTEA;
CREATE UNIQUE INDEX certificate_order ON certificate (order_digest)
    WHERE order_digest IS NOT NULL AND state <> 2;

-- chain: certificates above the authority that the record does not hold, one after another (DER)
CREATE TABLE adoption (
    authority BIGINT PRIMARY KEY REFERENCES authority (id),
    chain     BYTEA NOT NULL
);
CREATE TRIGGER adoption_stays BEFORE DELETE OR TRUNCATE ON adoption
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('adoptions are never deleted');
CREATE TRIGGER adoption_is_final BEFORE UPDATE ON adoption
    FOR EACH STATEMENT EXECUTE FUNCTION sceau_refuse('adoptions never change');

-- An adopted authority may jump too: to the number of its last CRL elsewhere.
CREATE FUNCTION sceau_crl_number() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF NEW.crl_number <> OLD.crl_number + 1
            AND NOT (NEW.crl_number > OLD.crl_number AND (OLD.key_location = ''
                OR EXISTS (SELECT 1 FROM adoption WHERE adoption.authority = OLD.id))) THEN
            RAISE EXCEPTION 'CRL numbers only go up by one';
        END IF;
        RETURN NEW;
    END $$;
DROP TRIGGER crl_number_never_goes_back ON authority;
CREATE TRIGGER crl_number_never_goes_back BEFORE UPDATE OF crl_number ON authority
    FOR EACH ROW EXECUTE FUNCTION sceau_crl_number();
