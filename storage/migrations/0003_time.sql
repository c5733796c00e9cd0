-- When the coach may speak unasked, who is away, and which reminders went out.

ALTER TABLE room ADD COLUMN mode TEXT NOT NULL DEFAULT 'samen';
ALTER TABLE room ADD COLUMN hours TEXT NOT NULL DEFAULT '09:00-17:00';
ALTER TABLE room ADD COLUMN free TEXT NOT NULL DEFAULT '[]';
ALTER TABLE room ADD COLUMN unasked_at INTEGER;
ALTER TABLE member ADD COLUMN away_until TEXT;
ALTER TABLE "action" ADD COLUMN reminded_on TEXT;
