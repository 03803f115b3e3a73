"""What the Foreigner form knows and does, without a widget."""

from __future__ import annotations

from collections.abc import Iterable

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.steps import Sent, contact_blocks, contact_data, contact_fields
from ehtoolkit.forms.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.identity import Niss, Person
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.foreign import ForeignWish, keystore_for, refuse_a_second, submit
from ehtoolkit.procedures.request import one_at_a_time, put_away
from ehtoolkit.secret import Secret


class ForeignerModel:
    """One walk through the form. Methods that talk to platform or disk are slow and raise our errors."""

    def __init__(self, toolkit: Toolkit) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self._file: KeystoreFile | None = None
        self._refused: KeystoreFile | None = None
        self._kind: NewKeyKind | None = None
        self.wizard = Wizard(
            [
                Step("where", {"has_bis": False}, _bis_block),
                Step("who", {"niss": "", "first_names": "", "surname": ""}, _who_blocks),
                Step("contact", contact_fields(), _contact_blocks),
                Step("check", {"insist": False}),
                Step("password"),
                Step("send"),
            ]
        )

    @property
    def sent(self) -> Sent | None:
        found = self.wizard.result("sent")
        return found if isinstance(found, Sent) else None

    def wish(self) -> ForeignWish:
        """For whom, as typed. Raises `errors.InputInvalid` for what a blocker would have stopped."""
        values = self.wizard.values
        person = Person(Niss.parse(values["niss"]), _words(values["first_names"]), _words(values["surname"]))
        return ForeignWish(person, contact_data(values, with_general=False))

    def require_first(self) -> None:
        """Raise `errors.RequestWaiting` while a keystore of the same holder waits, unless the user insists."""
        if not self.wizard.values["insist"]:
            refuse_a_second(self.wish(), self.parts)

    def choose_password(self, password: Secret) -> None:
        """The password of the new keystore; kept in this process until that is written."""
        self.wizard.keep("password", password)

    def send(self) -> None:
        """Write the keystore, then send. A second try sends for the same file."""
        wish = self.wish()
        with one_at_a_time(wish.name, self.parts):
            if self._file is None:
                password, insist = self.wizard.result("password"), bool(self.wizard.values["insist"])
                self._file, self._refused = keystore_for(
                    wish, password, self.parts, insist=insist, kind=self._kind
                )
            self.wizard.seal()
            outcome = submit(self._file, wish, self.parts)
            put_away(self._refused)
        self.wizard.keep("sent", Sent(outcome, self.parts.clock.now(), self._file))

    def take_other_key(self, kind: NewKeyKind) -> None:
        """After a refusal: ask again for the same, with a key of ``kind``."""
        self._file, self._kind = None, kind
        self.wizard.release("send")


def _words(text: str) -> str:
    return " ".join(text.split())


def _bis_block(values: Values) -> Iterable[Blocker]:
    if not values["has_bis"]:
        yield Blocker("foreigner.block.bis", "has_bis")


def _who_blocks(values: Values) -> Iterable[Blocker]:
    try:
        if not Niss.parse(values["niss"]).is_bis:
            yield Blocker("error.identifier_invalid.not_bis", "niss")
    except errors.IdentifierInvalid:
        yield Blocker("foreigner.block.niss", "niss")
    for name in ("first_names", "surname"):
        if not values[name].strip():
            yield Blocker(f"foreigner.block.{name}", name)


def _contact_blocks(values: Values) -> Iterable[Blocker]:
    return contact_blocks(values, with_general=False)
