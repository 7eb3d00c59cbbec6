-- Which process began an issuance. An issuance whose process is gone was interrupted, and a process
-- that lost its place in the record may not finish what it began. Working data: no act is recorded here.
CREATE TABLE instance (
    id      INTEGER PRIMARY KEY,
    process TEXT NOT NULL
);
CREATE TRIGGER instance_stays BEFORE DELETE ON instance
    BEGIN SELECT RAISE(ABORT, 'instances are never deleted, so that no number comes twice'); END;

-- 0: begun before there were instances, hence by a process that is gone.
ALTER TABLE certificate ADD COLUMN instance INTEGER NOT NULL DEFAULT 0;
