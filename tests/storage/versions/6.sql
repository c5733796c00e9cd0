-- A database that the coach with schema 6 made: a group in the middle of a vote. Texts and people are made up.
PRAGMA application_id = 1332761443;
PRAGMA user_version = 6;
BEGIN TRANSACTION;
CREATE TABLE "action" (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT,
    owner TEXT,
    owner_name TEXT,
    due TEXT,
    state TEXT NOT NULL,
    step TEXT,
    event TEXT,
    closed_at INTEGER,
    edited_at INTEGER,
    edited_by TEXT, reminded_on TEXT,
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "action" VALUES(1,1,'bel de wijk',1794819600000000,'Anna','Bas','Bas','2026-12-04','open',NULL,'e6',NULL,NULL,NULL,NULL);
CREATE TABLE answer (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    status TEXT,
    disagreed INTEGER NOT NULL,
    value TEXT,
    author TEXT,
    event TEXT,
    PRIMARY KEY (room, step)
) STRICT, WITHOUT ROWID;
INSERT INTO "answer" VALUES(1,'pilot.periode','answered',1794819600000000,NULL,0,'{"start": "2026-09-01", "end": "2027-08-31"}','Bas','e5');
INSERT INTO "answer" VALUES(1,'pilot.ritme','answered',1794819600000000,NULL,0,'{"every": 6, "unit": "week"}','Anna',NULL);
CREATE TABLE asked (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    "first" INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (room, step)
) STRICT, WITHOUT ROWID;
INSERT INTO "asked" VALUES(1,'impact.impact',7,7,0);
INSERT INTO "asked" VALUES(1,'impact.outcome',8,8,0);
INSERT INTO "asked" VALUES(1,'impact.status',9,9,1);
INSERT INTO "asked" VALUES(1,'pilot.betrokkenen',4,4,0);
INSERT INTO "asked" VALUES(1,'pilot.naam',2,2,0);
INSERT INTO "asked" VALUES(1,'pilot.periode',3,3,0);
CREATE TABLE choice (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    member TEXT NOT NULL,
    words TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT,
    PRIMARY KEY (room, step, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE conversation (
    room INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    service TEXT NOT NULL, -- the address of the service, as the latest activity of the room had it
    tenant TEXT,
    bot TEXT NOT NULL, -- the coach's own id there
    kind TEXT NOT NULL -- personal, groupChat, channel
) STRICT;
CREATE TABLE direct (
    transport TEXT NOT NULL,
    member TEXT NOT NULL,
    external TEXT NOT NULL,
    state INTEGER NOT NULL, -- 0 invited, 1 joined, 2 declined or left
    at INTEGER NOT NULL, -- since when
    PRIMARY KEY (transport, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (transport, external)
) STRICT, WITHOUT ROWID;
CREATE TABLE helped (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (room, step, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    payload TEXT,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    version TEXT,
    UNIQUE (room, event)
) STRICT;
INSERT INTO "inbox" VALUES(1,1,'e1',NULL,'8b5cc4df7eec7d32a7814eca4af047ae33b2d52342667715682e19c25b0b9faa',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(2,1,'e2',NULL,'ac0f09c0f8bf5e7a4b063d863255f16d8ce9abe600e288d934cf313bcbff63eb',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(3,1,'e3',NULL,'cef7fc13a38180936ffa2635489088778e059f07a5d1beda53f1719d35577631',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(4,1,'e4',NULL,'449777124b1466a8ed667d0dd4c0620993f59e20fb27b3fa8894e957f8762353',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(5,1,'e5',NULL,'43700797e2f9d4ad38ccf1355df3233453396bfcc8db8e424486e37bae42a9ec',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(6,1,'e6',NULL,'f33422b95e3b98310adedc93655de579f6e311120ea0c27c3e2317b5116d6afb',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(7,1,'e7',NULL,'f3e2e400523c506868ca413bc55dc213c38e7084caeb10f6f629d8bf5ee9a160',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(8,1,'e8',NULL,'c33352e36a529830a19080a8f145ca61be645a9395570e0b1c692c71d27bc392',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(9,1,'e9',NULL,'0b227dd238234a0b1a29605d2857ea067969f6bdae3c268720dc57f875a48e54',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(10,1,'e10',NULL,'c996ee030afc07d5e9583b72358baec6ace2dc3dbd64f01ecd2bd10f06a598e9',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(11,1,'e11',NULL,'13a37e89af2d5a2845c30c1e895ca8cab6042c628d5e5aae844e10c0a96a25e8',1794819600000000,1,NULL);
INSERT INTO "inbox" VALUES(12,1,'e12',NULL,'09c5ad78abd4846482f85383accdcf8e0c94524ecf8869c7bb6b0efdca03006f',1794819600000000,1,NULL);
CREATE TABLE invite (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    inviter TEXT NOT NULL,
    follows TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (transport, external)
) STRICT, WITHOUT ROWID;
CREATE TABLE item (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    step TEXT NOT NULL,
    text TEXT NOT NULL,
    author TEXT,
    at INTEGER NOT NULL,
    event TEXT,
    edited_at INTEGER,
    edited_by TEXT,
    PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "item" VALUES(1,1,'pilot.naam','Jeugdhulp dichtbij','Anna',1794819600000000,'e3',NULL,NULL);
INSERT INTO "item" VALUES(1,2,'pilot.periode','1 september 2026 - 31 augustus 2027','Bas',1794819600000000,'e5',NULL,NULL);
INSERT INTO "item" VALUES(1,3,'pilot.ritme','elke 6 weken','Anna',1794819600000000,NULL,NULL,NULL);
INSERT INTO "item" VALUES(1,4,'impact.impact','kinderen groeien veilig op','Bas',1794819600000000,'e9',NULL,NULL);
CREATE TABLE member (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    moderator INTEGER NOT NULL,
    present INTEGER NOT NULL, away_until TEXT,
    PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "member" VALUES(1,'Anna','Anna',1,1,NULL);
INSERT INTO "member" VALUES(1,'Bas','Bas',0,1,NULL);
CREATE TABLE message (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    kind TEXT NOT NULL,
    step TEXT,
    external TEXT, recipient TEXT, -- the transport's id, once it is known
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "message" VALUES(1,1,'0947df92fcb41bebb87c86e1a7a942288f305892','welcome',NULL,'m1',NULL);
INSERT INTO "message" VALUES(1,2,'e77c851af9dd88e39382405e243258803069df43','question','pilot.naam','m2',NULL);
INSERT INTO "message" VALUES(1,3,'0b9a194a84c826c76ed43093e0277f7120dd2d6b','question','pilot.periode','m3',NULL);
INSERT INTO "message" VALUES(1,4,'d6e2cb0b46f77897a1aa042e3e3ae0909ce50b06','question','pilot.betrokkenen','m4',NULL);
INSERT INTO "message" VALUES(1,5,'a1546c7b732f17ef73a6a20d722c97cb10ba4613','noted',NULL,'m5',NULL);
INSERT INTO "message" VALUES(1,6,'0dce0508a71764d20275944b7fee7866ca32bbe6','noted',NULL,'m6',NULL);
INSERT INTO "message" VALUES(1,7,'7bff07d710b870c97cbd79e041dce67f8b9cd21d','question','impact.impact','m7',NULL);
INSERT INTO "message" VALUES(1,8,'6c54026299e500c86557a3a531303b67e6f8222b','question','impact.outcome','m8',NULL);
INSERT INTO "message" VALUES(1,9,'b844dfa464e83eff016f37fb751adaa13948db47','question','impact.status','m9',NULL);
CREATE TABLE meta (
    "key" TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('clock','2026-11-16T09:00:00+00:00');
CREATE TABLE once (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    messages TEXT NOT NULL,
    PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    "key" TEXT NOT NULL UNIQUE,
    number INTEGER,
    op TEXT NOT NULL,
    payload TEXT,
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
, "rank" INTEGER NOT NULL DEFAULT 0, begun INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "outbox" VALUES(1,1,'0947df92fcb41bebb87c86e1a7a942288f305892',1,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(2,1,'e77c851af9dd88e39382405e243258803069df43',2,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(3,1,'795ec6affb777afa064df8edd7c03155fec11520',NULL,'mark',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(4,1,'8cfb7b80f3d4a1531e348b6a2821cf547e2dec82',2,'edit',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(5,1,'0b9a194a84c826c76ed43093e0277f7120dd2d6b',3,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(6,1,'ea8a3fea9625b7b4661660a95a47c130d203806c',NULL,'mark',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(7,1,'3bc966ca44e8466a90a1c7e5afd229b21915700d',3,'edit',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(8,1,'d6e2cb0b46f77897a1aa042e3e3ae0909ce50b06',4,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(9,1,'84de842bf00e3a608a4c7ad34c01341bc797245f',NULL,'mark',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(10,1,'a1546c7b732f17ef73a6a20d722c97cb10ba4613',5,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(11,1,'0dce0508a71764d20275944b7fee7866ca32bbe6',6,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(12,1,'02c1aa17f54f5e1988b55551ffe80cf9cf7e5bc2',4,'edit',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(13,1,'7bff07d710b870c97cbd79e041dce67f8b9cd21d',7,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(14,1,'e75699b99cefe5f87a19dda25c3286ba82bdfd34',NULL,'mark',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(15,1,'7c4369676caa3db3410e6ac79933bc6818107900',7,'edit',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(16,1,'6c54026299e500c86557a3a531303b67e6f8222b',8,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(17,1,'163146f9e3222d473895f3c676a54cc12c614b63',8,'edit',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(18,1,'b844dfa464e83eff016f37fb751adaa13948db47',9,'say',NULL,1,0,0,1794819600000000,0,0);
INSERT INTO "outbox" VALUES(19,1,'6fe752196c236b8de0681c0ca41b353b84a89ecf',9,'edit',NULL,1,0,0,1794819600000000,0,0);
CREATE TABLE part (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    external TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (room, external)
) STRICT, WITHOUT ROWID;
CREATE TABLE prompt (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    step TEXT,
    messages TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    parked INTEGER NOT NULL DEFAULT 0, -- nothing is posted: the coach was put out of the room
    book TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    position TEXT NOT NULL,
    trail TEXT,
    pace TEXT NOT NULL,
    zone TEXT NOT NULL,
    nudges INTEGER NOT NULL,
    facilitator TEXT,
    listed INTEGER NOT NULL,
    welcomed_at INTEGER,
    listening TEXT,
    paused_at INTEGER,
    last_at INTEGER,
    walked_at INTEGER,
    messages INTEGER NOT NULL,
    ids INTEGER NOT NULL,
    numbers INTEGER NOT NULL, mode TEXT NOT NULL DEFAULT 'samen', hours TEXT NOT NULL DEFAULT '09:00-17:00', free TEXT NOT NULL DEFAULT '[]', unasked_at INTEGER, picture TEXT NOT NULL DEFAULT 'liggend', shared INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (transport, external)
) STRICT;
INSERT INTO "room" VALUES(1,'console','r1',0,'opschalen','1','nl','impact.status',NULL,'volledig','Europe/Amsterdam',1,'Anna',1,1794819600000000,'group',NULL,1794819600000000,NULL,9,4,1,'samen','09:00-17:00','[]',NULL,'liggend',0,0);
CREATE TABLE round (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    statuses TEXT NOT NULL,
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE sign (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    target TEXT NOT NULL,
    "key" TEXT NOT NULL,
    sender TEXT NOT NULL,
    PRIMARY KEY (room, event)
) STRICT, WITHOUT ROWID;
INSERT INTO "sign" VALUES(1,'e12','m9','🟢','Anna');
CREATE TABLE taken (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    step TEXT,
    author TEXT NOT NULL,
    marks TEXT NOT NULL,
    hidden_at INTEGER,
    hidden_by TEXT NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (room, event)
) STRICT, WITHOUT ROWID;
INSERT INTO "taken" VALUES(1,'e3','pilot.naam','Anna','[]',NULL,'[]',1);
INSERT INTO "taken" VALUES(1,'e5','pilot.periode','Bas','[]',NULL,'[]',1);
INSERT INTO "taken" VALUES(1,'e6',NULL,'Anna','[]',NULL,'[]',1);
INSERT INTO "taken" VALUES(1,'e9','impact.impact','Bas','[]',NULL,'[]',1);
CREATE TABLE timer (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    due INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "timer" VALUES(1,'digest',1796112000000000,'{}');
CREATE TABLE undecrypted (
    transport TEXT NOT NULL,
    external TEXT NOT NULL,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (transport, external, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE vote (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    member TEXT NOT NULL,
    word TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT,
    sign TEXT,
    PRIMARY KEY (room, step, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "vote" VALUES(1,'impact.status','Anna','voldoende',1794819600000000,NULL,'9🟢');
CREATE INDEX timer_due ON timer (due);
CREATE INDEX message_external ON message (room, external);
CREATE INDEX inbox_waiting ON inbox (id) WHERE state = 0;
CREATE INDEX outbox_head ON outbox (room, id) WHERE state = 0;
CREATE INDEX outbox_to_make ON outbox (id) WHERE state = 3;
CREATE INDEX direct_external ON direct (transport, external);
CREATE INDEX message_recipient ON message (recipient) WHERE recipient IS NOT NULL;
COMMIT;
