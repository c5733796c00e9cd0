-- A closed first round of votes, and what only one person may see.

ALTER TABLE room ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;

-- The one person who can see a message of the coach; NULL where all in the room can.
ALTER TABLE message ADD COLUMN recipient TEXT;

-- Rooms that the coach opened to speak with one person alone. They are no rooms of a pilot.
CREATE TABLE direct (
    transport TEXT NOT NULL,
    member TEXT NOT NULL,
    external TEXT NOT NULL,
    state INTEGER NOT NULL, -- 0 invited, 1 joined, 2 declined or left
    at INTEGER NOT NULL, -- since when
    PRIMARY KEY (transport, member)
) STRICT, WITHOUT ROWID;

CREATE INDEX direct_external ON direct (transport, external);

-- Messages to one person, so that what they answer is known to belong there.
CREATE INDEX message_recipient ON message (recipient) WHERE recipient IS NOT NULL;
