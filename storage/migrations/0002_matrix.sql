-- What a transport must not forget between two moments: signs that may be taken off, invitations that are shown once,
-- stretches of a room's history that are still to be fetched, messages that could not be read yet.

CREATE TABLE sign (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    target TEXT NOT NULL,
    "key" TEXT NOT NULL,
    sender TEXT NOT NULL,
    PRIMARY KEY (room, event)
) STRICT, WITHOUT ROWID;

-- `follows` is the room that an upgrade replaced by this one.
CREATE TABLE invite (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    inviter TEXT NOT NULL,
    follows TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (transport, external)
) STRICT, WITHOUT ROWID;

-- From the transport's position `since` on, nothing of the room was taken in.
CREATE TABLE gap (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (transport, external)
) STRICT, WITHOUT ROWID;

CREATE TABLE undecrypted (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (transport, external, event)
) STRICT, WITHOUT ROWID;

-- 0: an answer to somebody, 1: said unasked. Answers go first.
ALTER TABLE outbox ADD COLUMN "rank" INTEGER NOT NULL DEFAULT 0;
