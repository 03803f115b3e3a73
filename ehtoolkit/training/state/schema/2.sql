CREATE TABLE scenario (
    name TEXT NOT NULL, person TEXT NOT NULL, is_on INTEGER NOT NULL, value TEXT,
    PRIMARY KEY (name, person)
) WITHOUT ROWID;
CREATE TABLE mandate (
    person TEXT NOT NULL, identifier_type TEXT NOT NULL, identifier TEXT NOT NULL,
    name_fr TEXT NOT NULL, name_nl TEXT NOT NULL, held INTEGER NOT NULL,
    PRIMARY KEY (person, identifier_type, identifier)
) WITHOUT ROWID;
