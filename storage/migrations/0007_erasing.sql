-- Erasing: what was begun and must be finished, and where the coach keeps silent until it is asked to begin anew.

-- A room of which everything is being erased. Its rows are gone with the very transaction that writes this; what lies
-- outside the database is not yet.
CREATE TABLE erasure (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    at INTEGER NOT NULL, -- since when
    PRIMARY KEY (transport, external)
) STRICT, WITHOUT ROWID;

-- A room that was erased and in which the coach still is, by a hash of its id. `messages` is the number of its latest
-- message there, so that no later one has the name of an earlier one.
CREATE TABLE silent (
    mark TEXT PRIMARY KEY,
    messages INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How long what the room has is kept: so many months (NULL: as the configuration says), never before a day, and not
-- erased at all while it is locked.
ALTER TABLE room ADD COLUMN months INTEGER;
ALTER TABLE room ADD COLUMN kept_until TEXT;
ALTER TABLE room ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
