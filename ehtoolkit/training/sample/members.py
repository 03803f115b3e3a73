"""The forty invented providers of the sample: who they are, what is wrong with their records and their keystores."""

from __future__ import annotations

from datetime import date
from typing import Final

from ehtoolkit.training.sample import keystores as cases
from ehtoolkit.training.sample import provider_records as faults
from ehtoolkit.training.sample.keystores import KeystoreCase
from ehtoolkit.training.sample.practices import (
    DENTISTS,
    GROUP,
    MEDICAL_HOUSE,
    PHARMACY,
    PHYSIOTHERAPISTS,
    RAVEL,
    Member,
    Practice,
)
from ehtoolkit.training.sample.provider_records import RecordFault
from ehtoolkit.training.state.invented_people import GenderName

_Row = tuple[Practice, str, str, GenderName, str, str, RecordFault | None, KeystoreCase]

_ROWS: Final[tuple[_Row, ...]] = (
    # ── physiotherapists, Namur ──────────────────────────────────────────────────────────────────────────
    (PHYSIOTHERAPISTS, "Aline", "Bertholet", "F", "1984-05-17", "physiotherapist", None, cases.good),
    (PHYSIOTHERAPISTS, "Benoît", "Charlier", "M", "1977-11-02", "physiotherapist", None, cases.renewable),
    (PHYSIOTHERAPISTS, "Céline Anne", "Dothée", "F", "1990-03-29", "physiotherapist", None, cases.renewed_unnoticed),
    (PHYSIOTHERAPISTS, "Damien", "Evrard", "M", "1969-08-14", "physiotherapist", faults.WITHOUT_COMPETENCE, cases.good),
    (PHYSIOTHERAPISTS, "Estelle", "Fontignies", "F", "2002-01-09", "physiotherapist", faults.TO_COME, cases.to_come),
    (PHYSIOTHERAPISTS, "Fabrice", "Gilissen", "M", "1981-06-21", "physiotherapist", faults.GAP, cases.good),
    (PHYSIOTHERAPISTS, "Géraldine", "Hannecart", "F", "1988-12-05", "physiotherapist", None, cases.copied),
    (PHYSIOTHERAPISTS, "Hugues", "Istasse", "M", "1974-04-30", "physiotherapist", faults.NISS_MISSING, cases.none),
    # ── group practice, Aalst ────────────────────────────────────────────────────────────────────────────
    (GROUP, "Annelies", "Baetens", "F", "1979-09-18", "doctor", None, cases.renewed),
    (GROUP, "Bart", "Coppieters", "M", "1972-02-11", "doctor", faults.OTHER_PROFESSION, cases.good),
    (GROUP, "Charlotte", "De Ridder", "F", "1986-07-27", "nurse", None, cases.expired),
    (GROUP, "Dries", "Eeckhout", "M", "1993-10-08", "physiotherapist", faults.OVERLAP, cases.good),
    (GROUP, "Evelien", "Fierens", "F", "1982-03-03", "midwife", faults.NEW_NUMBER, cases.good),
    (GROUP, "Filip", "Goossens", "M", "1976-05-25", "nurse", None, cases.good),
    (GROUP, "Greet", "Hellemans", "F", "1991-11-16", "nurse", None, cases.colleagues),
    (GROUP, "Hilde", "Impens", "F", "1968-01-22", "nurse", faults.IN_HASTE, cases.good),
    # ── medical house, Dinant ────────────────────────────────────────────────────────────────────────────
    (MEDICAL_HOUSE, "Amandine", "Bodart", "F", "1985-08-01", "doctor", None, cases.good),
    (MEDICAL_HOUSE, "Bruno", "Colsoul", "M", "1963-12-19", "doctor", faults.NISS_CHECK_DIGITS, cases.good),
    (MEDICAL_HOUSE, "Caroline", "Delvigne", "F", "1971-06-06", "nurse", faults.OVER, cases.good),
    (MEDICAL_HOUSE, "Denis", "Ernotte", "M", "1987-04-12", "speech_therapist",
     faults.PERIOD_WITHOUT_NUMBER, cases.ends),
    (MEDICAL_HOUSE, "Émilie", "Focant", "F", "1994-09-23", "psychologist", None, cases.no_etk),
    (MEDICAL_HOUSE, "François Xavier", "Gerlache", "M", "1980-10-31", "physiotherapist",
     faults.PERIOD_BACKWARDS, cases.good),
    (MEDICAL_HOUSE, "Gwenaëlle", "Henrot", "F", "1978-02-28", "doctor", None, cases.forgotten_password),
    # ── practice, Eupen ──────────────────────────────────────────────────────────────────────────────────
    (RAVEL, "Anja", "Brüls", "F", "1983-07-07", "nurse", faults.BIRTH_DATE, cases.good),
    (RAVEL, "Bernd", "Classen", "M", "1970-03-15", "physiotherapist", None, cases.good),
    (RAVEL, "Christa", "Dahmen", "F", "1966-11-28", "doctor", None, cases.misnamed),
    (RAVEL, "Dieter", "Emonts", "M", "1992-05-04", "podiatrist", None, cases.good),
    (RAVEL, "Elke", "Foxius", "F", "1989-12-12", "midwife", faults.PERIOD_OF_OTHER_PROFESSION, cases.good),
    # ── pharmacy with home nursing, Oostende ─────────────────────────────────────────────────────────────
    (PHARMACY, "An", "Boterberg", "F", "1975-01-30", "pharmacist", None, cases.practices),
    (PHARMACY, "Bram", "Cools", "M", "1984-08-20", "pharmacist", faults.ENTERPRISE_CHECK_DIGITS, cases.practices),
    (PHARMACY, "Cato", "Dhaene", "F", "1996-06-18", "pharmacist", None, cases.pharmacys),
    (PHARMACY, "Dirk", "Everaert", "M", "1973-10-10", "nurse", faults.ENTERPRISE_FORM, cases.prepared),
    (PHARMACY, "Els", "Florizoone", "F", "1981-04-02", "nurse", None, cases.good),
    (PHARMACY, "Frank", "Geldhof", "M", "1967-09-09", "nurse", faults.OVERLAP_OPEN, cases.gone),
    # ── dentists, Liège ──────────────────────────────────────────────────────────────────────────────────
    (DENTISTS, "Arnaud", "Bastin", "M", "1986-02-06", "dentist", faults.NISS_FORM, cases.good),
    (DENTISTS, "Brigitte", "Collard", "F", "1964-05-21", "dentist", faults.NISS_DATE, cases.good),
    (DENTISTS, "Christelle", "Defawe", "F", "1979-11-11", "dentist", faults.INAMI_CHECK_DIGITS, cases.good),
    (DENTISTS, "Didier", "Ernst", "M", "1972-07-03", "dentist", faults.INAMI_FORM, cases.type_unknown),
    (DENTISTS, "Élodie", "Forthomme", "F", "1990-10-27", "dentist", faults.NO_PERIOD, cases.acceptance),
    (DENTISTS, "Frédéric", "Grignard", "M", "1977-03-13", "dentist", faults.OTHER_COMPETENCE, cases.not_assigned),
)  # fmt: skip

SAMPLE: Final = tuple(
    (Member(first_names, name, gender, date.fromisoformat(born), kind, practice, place), fault, case)
    for place, (practice, first_names, name, gender, born, kind, fault, case) in enumerate(_ROWS, start=1)
)
"""Each provider, with the fault of their record and the function that adds their keystore."""
MEMBERS: Final = tuple(member for member, _, _ in SAMPLE)
