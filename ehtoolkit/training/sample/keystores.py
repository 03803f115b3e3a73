"""The keystores of the sample: which files lie in which folder, and which of them is assigned to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ehtoolkit.identity import DistinguishedName, Environment, Identifier, Organisation, Person
from ehtoolkit.identity.numbers import check_digits
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.storage.filenames import keystore_name
from ehtoolkit.providers import Assignment
from ehtoolkit.training.registry.keystore_factory import FORGOTTEN, ORGANISATIONS, PASSWORD, KeystoreFactory
from ehtoolkit.training.sample.members import (
    GROUP,
    LEFT,
    MEDICAL_HOUSE,
    MEMBERS,
    PHARMACY,
    PHYSIOTHERAPISTS,
    PRACTICES,
    KeystoreCase,
    Member,
    Practice,
)

NO_KEYSTORES: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "Brouillon.p12": "Chère collègue,\nvoici les ordonnances de la semaine. Bien à vous.\n".encode(),
        "Copie de secours.p12": b"",
    }
)
"""What else may lie there under such names."""
_SOON: Final = 60
"""Days left of a certificate in its replacement period."""
_PLANNED: Final = 110
"""Days left of one whose replacement period begins soon."""


@dataclass
class Shelf:
    """The folder of the sample, and what lies in it.

    Attributes:
        root: the folder of the sample.
        files: what is in it.
        assigned: by the place of the member.
    """

    root: Path
    factory: KeystoreFactory
    files: dict[Path, bytes] = field(default_factory=dict)
    assigned: dict[int, Assignment] = field(default_factory=dict)

    def put(
        self,
        practice: Practice,
        keystore: Keystore,
        holder: Identifier,
        *,
        password: str = PASSWORD,
        name: str = "",
        environment: Environment = Environment.TRAINING,
    ) -> Assignment:
        """Add a keystore to the files in the folder of a practice; return the assignment that it gets with its
        password.

        Args:
            name: a file name other than the usual one.
        """
        moment = keystore.not_before or self.factory.now
        path = self.root / practice.folder / (name or keystore_name(holder, None, moment, environment))
        self.files[path] = self.factory.sealed(keystore, password)
        return Assignment(
            path=str(path),
            key_id=keystore.key_id,
            holder=None if keystore.holder is None else keystore.holder.identifier.text,
            not_after=keystore.not_after,
        )


def fill(shelf: Shelf) -> None:
    """Add all files of the sample to ``shelf``, and which keystore is assigned to which member."""
    for member in MEMBERS:
        found = _CASES[member.keystore](shelf, member)
        if found is not None:
            shelf.assigned[member.place] = found
    _loose(shelf)


def _name(person: Person) -> DistinguishedName:
    return DistinguishedName.for_person(person)


def _personal(
    shelf: Shelf, member: Member, keystore: Keystore, password: str = PASSWORD, name: str = ""
) -> Assignment:
    holder = member.person.identifier
    return shelf.put(member.practice, keystore, holder, password=password, name=name)


def _complete(shelf: Shelf, member: Member, ends_in: int = 0) -> Keystore:
    """Return a complete keystore of a member. ``ends_in``: days until its certificate ends; 0 for one that lasts, of
    each member another time."""
    return shelf.factory.complete(_name(member.person), ends_in=ends_in or 300 + member.place * 17)


def _good(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member))


def _not_assigned(shelf: Shelf, member: Member) -> None:
    _good(shelf, member)


def _gone(shelf: Shelf, member: Member) -> Assignment:
    found = _good(shelf, member)
    del shelf.files[Path(found.path)]
    return found


def _both(shelf: Shelf, member: Member) -> tuple[Assignment, Assignment]:
    """Add two keystores of a member, and return the assignment of each: one in its replacement period, and the one that
    replaces it, with the keys of the old messages."""
    old = _complete(shelf, member, _SOON)
    new = merge_old_keys(shelf.factory.renewed(_name(member.person), old, days_ago=5), old)
    return _personal(shelf, member, old), _personal(shelf, member, new)


def _ending(days: int) -> Callable[[Shelf, Member], Assignment]:
    return lambda shelf, member: _personal(shelf, member, _complete(shelf, member, days))


def _to_come(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, shelf.factory.to_come(_name(member.person), in_days=10))


def _prepared(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, shelf.factory.prepared())


def _no_etk(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, shelf.factory.without_etk(_name(member.person), ends_in=1085))


def _acceptance(shelf: Shelf, member: Member) -> Assignment:
    """Add half a keystore of the acceptance environment, and return its assignment: a certificate was requested in
    the wrong environment, and went no further."""
    holder = member.person.identifier
    return shelf.put(member.practice, shelf.factory.prepared(), holder, environment=Environment.ACCEPTANCE)


def _forgotten(shelf: Shelf, member: Member) -> Assignment:
    found = _personal(shelf, member, _complete(shelf, member), password=FORGOTTEN)
    return replace(found, holder=None, not_after=None)


def _misnamed(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member), name=f"Zertifikat {member.name}.p12")


def _copied(shelf: Shelf, member: Member) -> Assignment:
    found = _good(shelf, member)
    path = Path(found.path)
    shelf.files[path.with_name(f"{path.stem} (1){path.suffix}")] = shelf.files[path]
    return found


def _colleagues(shelf: Shelf, member: Member) -> Assignment:
    """Return the assignment of the provider one place up in the list."""
    return shelf.assigned[member.place - 1]


def _practices(shelf: Shelf, member: Member) -> Assignment:
    """Return the assignment of the enterprise's keystore, which all who work there have; the keystore is added for the
    first of them."""
    there = next(
        (
            shelf.assigned[other.place]
            for other in MEMBERS
            if other.place in shelf.assigned and _shares(other, member)
        ),
        None,
    )
    return there or _organisations(shelf, "CBE", member.practice.enterprise_number, member.practice)


def _shares(other: Member, member: Member) -> bool:
    return (other.practice, other.keystore) == (member.practice, member.keystore)


def _pharmacys(shelf: Shelf, member: Member) -> Assignment:
    head = "999102"
    return _organisations(shelf, "NIHII-PHARMACY", head + check_digits(head), member.practice)


def _organisations(shelf: Shelf, kind: str, number: str, practice: Practice) -> Assignment:
    organisation = Organisation(Identifier(kind, number), practice.name.partition(",")[0])
    dn = DistinguishedName.for_organisation(organisation)
    keystore = shelf.factory.complete(dn, ends_in=700)
    return shelf.put(practice, keystore, dn.identifier, password=ORGANISATIONS)


def _type_unknown(shelf: Shelf, member: Member) -> Assignment:
    """Add a good keystore, and return its assignment as made by a version that knew more types of holders."""
    return replace(_good(shelf, member), holder="NIHII-DENTAL_HOUSE=39910267")


_CASES: Final[Mapping[KeystoreCase, Callable[[Shelf, Member], Assignment | None]]] = MappingProxyType(
    {
        KeystoreCase.GOOD: _good,
        KeystoreCase.NONE: lambda _, __: None,
        KeystoreCase.NOT_ASSIGNED: _not_assigned,
        KeystoreCase.GONE: _gone,
        KeystoreCase.RENEWED: lambda shelf, member: _both(shelf, member)[1],
        KeystoreCase.RENEWED_UNNOTICED: lambda shelf, member: _both(shelf, member)[0],
        KeystoreCase.RENEWABLE: _ending(_SOON),
        KeystoreCase.ENDS: _ending(_PLANNED),
        KeystoreCase.EXPIRED: _ending(-21),
        KeystoreCase.TO_COME: _to_come,
        KeystoreCase.PREPARED: _prepared,
        KeystoreCase.NO_ETK: _no_etk,
        KeystoreCase.ACCEPTANCE: _acceptance,
        KeystoreCase.FORGOTTEN_PASSWORD: _forgotten,
        KeystoreCase.MISNAMED: _misnamed,
        KeystoreCase.COPIED: _copied,
        KeystoreCase.COLLEAGUES: _colleagues,
        KeystoreCase.PRACTICES: _practices,
        KeystoreCase.PHARMACYS: _pharmacys,
        KeystoreCase.TYPE_UNKNOWN: _type_unknown,
    }
)


def _loose(shelf: Shelf) -> None:
    """Add the files that are assigned to no provider: of a person who left, of another environment, a broken
    keystore, a copy of the pharmacy's under another name, and files of other kinds."""
    factory, folders = shelf.factory, {practice: shelf.root / practice.folder for practice in PRACTICES}
    shelf.put(PHYSIOTHERAPISTS, factory.complete(_name(LEFT), ends_in=500), LEFT.identifier)
    doctor = next(member for member in MEMBERS if member.practice is GROUP)
    holder = doctor.person.identifier
    shelf.put(GROUP, factory.prepared(), holder, environment=Environment.ACCEPTANCE)
    # Cut off behind its first key, as by a stick that was pulled out; the identifier of that key is still in it.
    whole = factory.sealed(factory.complete(_name(MEMBERS[0].person), ends_in=200))
    shelf.files[folders[MEDICAL_HOUSE] / "clé USB.p12"] = whole[: len(whole) * 3 // 4]
    shelf.files |= {folders[MEDICAL_HOUSE] / name: data for name, data in NO_KEYSTORES.items()}
    pharmacy = next(path for path in shelf.files if path.name.startswith("CBE="))
    shelf.files[folders[PHARMACY] / "apotheek nieuw.p12"] = shelf.files[pharmacy]
