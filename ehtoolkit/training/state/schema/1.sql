CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE trusted (fingerprint TEXT PRIMARY KEY, der BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE contract (
    text_digest TEXT PRIMARY KEY, reference TEXT NOT NULL, dn TEXT NOT NULL, signer TEXT NOT NULL,
    first_names TEXT NOT NULL, name TEXT NOT NULL, holder_first_names TEXT, holder_name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE certificate (
    key_id TEXT PRIMARY KEY, spki BLOB NOT NULL,
    identifier_type TEXT NOT NULL, identifier TEXT NOT NULL, application_id TEXT,
    dn TEXT NOT NULL, holder_first_names TEXT, holder_name TEXT NOT NULL, signer TEXT NOT NULL,
    email TEXT NOT NULL, phone TEXT NOT NULL, general_email TEXT, general_phone TEXT,
    base_services TEXT NOT NULL, automatic INTEGER NOT NULL, replaces TEXT,
    requested_at TEXT NOT NULL, deliver_at TEXT NOT NULL, der BLOB, not_before TEXT, not_after TEXT,
    refused_at TEXT, revoked_at TEXT, revocation_reason TEXT
) WITHOUT ROWID;
CREATE INDEX certificate_of_holder ON certificate (identifier_type, identifier);
CREATE INDEX certificate_of_signer ON certificate (signer);
CREATE TABLE token (
    serial TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES certificate, spki BLOB NOT NULL,
    started_at TEXT NOT NULL, der BLOB, etk BLOB, registered_at TEXT, not_after TEXT,
    activated_at TEXT, revoked_at TEXT
) WITHOUT ROWID;
CREATE INDEX token_of_certificate ON token (key_id);
CREATE TABLE answer (
    operation TEXT NOT NULL, request_id TEXT NOT NULL, signer TEXT NOT NULL, digest TEXT NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (operation, request_id, signer)
) WITHOUT ROWID;
CREATE TABLE mail (
    id INTEGER PRIMARY KEY, key_id TEXT NOT NULL, kind TEXT NOT NULL, sent_at TEXT NOT NULL,
    language TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX mail_of_certificate ON mail (key_id);
