CREATE TABLE revocation_contract (
    text_digest TEXT PRIMARY KEY, reference TEXT NOT NULL, dn TEXT NOT NULL, signer TEXT NOT NULL,
    first_names TEXT NOT NULL, name TEXT NOT NULL, holder_first_names TEXT, holder_name TEXT NOT NULL,
    key_id TEXT NOT NULL, reason TEXT NOT NULL
) WITHOUT ROWID;
ALTER TABLE certificate ADD COLUMN validation_code TEXT;
ALTER TABLE certificate ADD COLUMN validate_by TEXT;
ALTER TABLE certificate ADD COLUMN validated_at TEXT;
CREATE UNIQUE INDEX certificate_of_validation ON certificate (validation_code);
