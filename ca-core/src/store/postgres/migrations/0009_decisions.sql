-- What was decided about certificates is remembered as it was decided.

-- certificates_at_end: 1 revoked, 2 left; null where an older program ended the authority.
ALTER TABLE authority_life ADD COLUMN certificates_at_end BIGINT;

-- An organisation is the same one in whatever case and with whatever spaces and hyphens its identifier
-- is written.
CREATE INDEX certificate_registration_organisation_key ON certificate_registration
    (upper(replace(replace(organisation, ' ', ''), '-', ''))) WHERE organisation IS NOT NULL;
CREATE INDEX registration_event_organisation_key ON registration_event
    (upper(replace(replace(name, ' ', ''), '-', ''))) WHERE kind = 'organisation';

-- Certificates that were suspended with their organisation, by the name it is registered under: these
-- are resumed with it, and no others. One that was revoked since is still among them.
CREATE TABLE organisation_hold (
    organisation TEXT NOT NULL,
    authority    BIGINT NOT NULL REFERENCES authority (id),
    serial       BYTEA NOT NULL,
    PRIMARY KEY (authority, serial)
);
CREATE INDEX organisation_hold_organisation ON organisation_hold (organisation);
INSERT INTO organisation_hold (organisation, authority, serial)
    SELECT DISTINCT e.name, s.authority, s.serial FROM registration_event e
    JOIN certificate_registration g ON g.organisation = e.name
    JOIN status_change s ON s.authority = g.authority AND s.serial = g.serial
    WHERE e.kind = 'organisation' AND e.act = 'strike-off' AND s.change = 1 AND s.decided_at = e.at
    AND e.ordinal = (SELECT max(l.ordinal) FROM registration_event l
                     WHERE l.kind = 'organisation' AND l.name = e.name);
