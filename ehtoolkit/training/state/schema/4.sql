CREATE TABLE person (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, niss TEXT NOT NULL UNIQUE,
    first_names TEXT NOT NULL, surname TEXT NOT NULL, profession TEXT NOT NULL, language TEXT NOT NULL,
    gender TEXT NOT NULL, birth_place TEXT NOT NULL, nationality TEXT NOT NULL, card_number TEXT NOT NULL,
    qualified INTEGER NOT NULL, card_is_ec INTEGER NOT NULL, card_has_signature INTEGER NOT NULL
);
