CREATE TABLE sealed_letter (
    number INTEGER PRIMARY KEY, key_id TEXT NOT NULL, serial TEXT NOT NULL, sent_at TEXT NOT NULL,
    sender TEXT NOT NULL, language TEXT NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX letter_of_token ON sealed_letter (serial);
CREATE TABLE colleague (
    name TEXT NOT NULL, not_before TEXT NOT NULL, not_after TEXT NOT NULL, private_key BLOB NOT NULL, der BLOB NOT NULL
);
