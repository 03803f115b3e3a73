"""The keystores of the sample: which files lie in which folder, and which of them is assigned to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier, Organisation
from ehtoolkit.identity.numbers import check_digits
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.storage.filenames import keystore_name
from ehtoolkit.providers import Assignment
from ehtoolkit.system.files import read_file
from ehtoolkit.training.keystores.keystore_factory import (
    FORGOTTEN,
    ORGANISATIONS,
    PASSWORD,
    KeystoreFactory,
    signing_key_ids,
)
from ehtoolkit.training.sample.practices import (
    GROUP,
    LEFT,
    MEDICAL_HOUSE,
    PHARMACY,
    PHYSIOTHERAPISTS,
    Member,
    Practice,
)

NO_KEYSTORES: Final[Mapping[str, bytes]] = {
    "Brouillon.p12": "Chère collègue,\nvoici les ordonnances de la semaine. Bien à vous.\n".encode(),
    "Copie de secours.p12": b"",
}
"""What else may lie there under such names."""
_CUT_OFF: Final = "clé USB.p12"
"""A keystore cut off behind its first key, as by a stick that was pulled out."""
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


KeystoreCase = Callable[[Shelf, Member], Assignment | None]
"""Adds the keystore of a provider to the shelf, and returns which keystore is assigned to them."""


def _personal(
    shelf: Shelf, member: Member, keystore: Keystore, password: str = PASSWORD, name: str = ""
) -> Assignment:
    holder = member.person.identifier
    return shelf.put(member.practice, keystore, holder, password=password, name=name)


def _complete(shelf: Shelf, member: Member, ends_in: int = 0) -> Keystore:
    """Return a complete keystore of a member. ``ends_in``: days until its certificate ends; 0 for one that lasts, of
    each member another time."""
    return shelf.factory.complete(member.dn, ends_in=ends_in or 300 + member.place * 17)


def good(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member))


def not_assigned(shelf: Shelf, member: Member) -> None:
    good(shelf, member)


def gone(shelf: Shelf, member: Member) -> Assignment:
    found = good(shelf, member)
    del shelf.files[Path(found.path)]
    return found


def _both(shelf: Shelf, member: Member) -> tuple[Assignment, Assignment]:
    """Add two keystores of a member, and return the assignment of each: one in its replacement period, and the one that
    replaces it, with the keys of the old messages."""
    old = _complete(shelf, member, _SOON)
    new = merge_old_keys(shelf.factory.renewed(member.dn, old, days_ago=5), old)
    return _personal(shelf, member, old), _personal(shelf, member, new)


def renewable(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member, _SOON))


def ends(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member, _PLANNED))


def expired(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member, -21))


def to_come(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, shelf.factory.to_come(member.dn, in_days=10))


def prepared(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, shelf.factory.prepared())


def no_etk(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, shelf.factory.without_etk(member.dn, ends_in=1085))


def acceptance(shelf: Shelf, member: Member) -> Assignment:
    """Add half a keystore of the acceptance environment, and return its assignment: a certificate was requested in
    the wrong environment, and went no further."""
    holder = member.person.identifier
    return shelf.put(member.practice, shelf.factory.prepared(), holder, environment=Environment.ACCEPTANCE)


def forgotten_password(shelf: Shelf, member: Member) -> Assignment:
    found = _personal(shelf, member, _complete(shelf, member), password=FORGOTTEN)
    return replace(found, holder=None, not_after=None)


def misnamed(shelf: Shelf, member: Member) -> Assignment:
    return _personal(shelf, member, _complete(shelf, member), name=f"Zertifikat {member.name}.p12")


def copied(shelf: Shelf, member: Member) -> Assignment:
    found = good(shelf, member)
    path = Path(found.path)
    shelf.files[path.with_name(f"{path.stem} (1){path.suffix}")] = shelf.files[path]
    return found


def colleagues(shelf: Shelf, member: Member) -> Assignment:
    """Return the assignment of the provider one place up in the list."""
    return shelf.assigned[member.place - 1]


def practices(shelf: Shelf, member: Member) -> Assignment:
    """Return the assignment of the enterprise's keystore, which all who work there have; the keystore is added for the
    first of them."""
    holder = Identifier("CBE", member.practice.enterprise_number)
    there = (found for found in shelf.assigned.values() if found.holder == holder.text)
    return next(there, None) or _organisations(shelf, holder, member.practice)


def pharmacys(shelf: Shelf, member: Member) -> Assignment:
    head = "999102"
    return _organisations(shelf, Identifier("NIHII-PHARMACY", head + check_digits(head)), member.practice)


def _organisations(shelf: Shelf, holder: Identifier, practice: Practice) -> Assignment:
    organisation = Organisation(holder, practice.name.partition(",")[0])
    dn = DistinguishedName.for_organisation(organisation)
    keystore = shelf.factory.complete(dn, ends_in=700)
    return shelf.put(practice, keystore, holder, password=ORGANISATIONS)


def type_unknown(shelf: Shelf, member: Member) -> Assignment:
    """Add a good keystore, and return its assignment as made by a version that knew more types of holders."""
    return replace(good(shelf, member), holder="NIHII-DENTAL_HOUSE=39910267")


def renewed(shelf: Shelf, member: Member) -> Assignment:
    return _both(shelf, member)[1]


def renewed_unnoticed(shelf: Shelf, member: Member) -> Assignment:
    return _both(shelf, member)[0]


def none(_: Shelf, __: Member) -> None:
    """Add no keystore."""


def add_loose_files(shelf: Shelf, members: Sequence[Member]) -> None:
    """Add the files that are assigned to no provider: of a person who left, of another environment, a broken
    keystore, a copy of the pharmacy's under another name, and files of other kinds."""
    factory = shelf.factory
    shelf.put(
        PHYSIOTHERAPISTS, factory.complete(DistinguishedName.for_person(LEFT), ends_in=500), LEFT.identifier
    )
    doctor = next(member for member in members if member.practice is GROUP)
    holder = doctor.person.identifier
    shelf.put(GROUP, factory.prepared(), holder, environment=Environment.ACCEPTANCE)
    medical_house = shelf.root / MEDICAL_HOUSE.folder
    whole = factory.sealed(factory.complete(members[0].dn, ends_in=200))
    shelf.files[medical_house / _CUT_OFF] = whole[: len(whole) * 3 // 4]
    shelf.files |= {medical_house / name: data for name, data in NO_KEYSTORES.items()}
    pharmacy = next(path for path in shelf.files if path.name.startswith("CBE="))
    shelf.files[shelf.root / PHARMACY.folder / "apotheek nieuw.p12"] = shelf.files[pharmacy]


def is_cut_off(path: Path) -> bool:
    """Return whether a file is the one of the sample that was cut off: what is left of it still has the identifier of
    its key."""
    if path.name != _CUT_OFF:
        return False
    try:
        outline_pkcs12(data := read_file(path, limits.SIZE))
    except errors.KeystoreDamaged:
        return any(bytes.fromhex(key_id) in data for key_id in signing_key_ids())
    except (errors.KeystoreError, errors.FileUnreadable):
        return False
    return False
