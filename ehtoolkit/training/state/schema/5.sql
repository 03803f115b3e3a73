CREATE TABLE session_challenge (
    challenge TEXT PRIMARY KEY, holder TEXT NOT NULL, request BLOB NOT NULL, set_at TEXT NOT NULL
) WITHOUT ROWID;
