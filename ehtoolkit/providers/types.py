"""What providers are, and with which digit their INAMI numbers begin. The table can be extended by a setting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors

TypeTable = Mapping[str, tuple[str, ...]]
"""A type's key, and the beginnings that its INAMI numbers may have; empty where nothing public tells."""

# The first digit tells the profession: 1 doctor, 2 pharmacist (6 as well), 3 dentist, 4 nurse or midwife, 5 the
# physiotherapist and most of the paramedical professions, of which 6 has some.
KNOWN: Final[TypeTable] = MappingProxyType(
    {
        "physiotherapist": ("5",),
        "doctor": ("1",),
        "dentist": ("3",),
        "pharmacist": ("2", "6"),
        "nurse": ("4",),
        "midwife": ("4",),
        "podiatrist": ("5", "6"),
        "speech_therapist": ("5", "6"),
        "dietitian": ("5", "6"),
        "occupational_therapist": ("5", "6"),
        "psychologist": (),
        "orthoptist": (),
        "audiologist": (),
        "optician": (),
        "care_assistant": ("8", "9"),
    }
)
"""The types that have a name in all four languages. Others may be stored all the same: they are not checked."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def type_table(own: Mapping[str, tuple[str, ...]]) -> TypeTable:
    """`KNOWN` with the types of a setting over it.

    Raises `errors.SettingInvalid` for a key that is none (small letters, digits, underscores) or a beginning that is
    not digits.
    """
    for key, beginnings in own.items():
        if not _KEY.fullmatch(key) or not all(re.fullmatch("[0-9]{1,8}", begin) for begin in beginnings):
            raise errors.SettingInvalid(setting="provider_types")
    return MappingProxyType({**KNOWN, **own})


def require_type(key: str, table: TypeTable) -> str:
    """``key``, in small letters and with underscores, when ``table`` has it. Raises `errors.ProviderTypeUnknown`."""
    plain = key.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in table:
        raise errors.ProviderTypeUnknown(name=key, known=", ".join(table))
    return plain
