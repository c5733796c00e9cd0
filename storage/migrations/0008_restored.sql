-- From when on a message may have been posted, where that is before `at`: a timer that is dealt with late was due then, and
-- a database that was put back from a backup does not know what was done in between.
ALTER TABLE outbox ADD COLUMN since INTEGER;
