-- Where Microsoft Teams takes what is posted in a room, so that the coach can speak there unasked, also after a restart.

CREATE TABLE conversation (
    room INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    service TEXT NOT NULL, -- the address of the service, as the latest activity of the room had it
    tenant TEXT,
    bot TEXT NOT NULL, -- the coach's own id there
    kind TEXT NOT NULL -- personal, groupChat, channel
) STRICT;

ALTER TABLE room ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;

-- 1: posting it began, and nothing is known yet of how that ended. Only where a second try could say it twice.
ALTER TABLE outbox ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
