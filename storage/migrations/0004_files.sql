-- Files that belong to a message: made beside the room's line (outbox state 3), then put in it.

ALTER TABLE room ADD COLUMN picture TEXT NOT NULL DEFAULT 'liggend';

CREATE INDEX outbox_to_make ON outbox (id) WHERE state = 3;

-- The transport's ids of files, each with the number of the message that it belongs to: who replies to a picture replies
-- to its message.
CREATE TABLE part (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    external TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (room, external)
) STRICT, WITHOUT ROWID;
