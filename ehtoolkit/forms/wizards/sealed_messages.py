"""The My messages form: the sealed messages of colleagues in training, opened with a keystore of choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ehtoolkit.ehealth.sealing.models import UnsealedMessage, is_error
from ehtoolkit.ehealth.sealing.unseal import unseal
from ehtoolkit.forms.due.keystores import holder_line
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import address_of
from ehtoolkit.forms.engine.form_model import StepResult
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import Markup, mono, panel, show, summary_card
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.page_parts import MailList, MailMessage
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.storage.holder_keystores import files_with_key
from ehtoolkit.procedures.authorization import decryption_keys, require_environment
from ehtoolkit.secret import Secret
from ehtoolkit.training.service.sealed_letters import SealedLetter

_NOT_ADDRESSED: Final = "not_for_this_keystore"


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter that was opened, or stayed closed.

    Attributes:
        letter: as it was sent.
        message: what opening it has shown.
        content: empty where it is not proven.
        older: files that have the key that is missing, and are older than the keystore that was chosen.
        newer: the same, newer ones.
    """

    letter: SealedLetter
    message: UnsealedMessage
    content: str = field(repr=False, default="")
    older: tuple[Path, ...] = ()
    newer: tuple[Path, ...] = ()

    @property
    def sender(self) -> str:
        """Who sealed it, as the certificate has it, which the outer layer proves of a closed letter, too."""
        outer = self.message.outer
        if outer is None or outer.certificate is None:
            return self.letter.sender
        holder = DistinguishedName.of_holder(outer.certificate)
        return self.letter.sender if holder is None else holder.name


@dataclass(frozen=True, slots=True)
class Correspondence:
    """All letters to the holder of a keystore, newest first. ``holder``: None while it has no certificate."""

    holder: DistinguishedName | None
    letters: tuple[ReadLetter, ...]

    @property
    def closed(self) -> tuple[ReadLetter, ...]:
        return tuple(letter for letter in self.letters if not letter.message.proven)

    @property
    def lacks_old_keys(self) -> bool:
        """Whether keys of older files would open some that are closed; a newer file is chosen, not taken over."""
        return any(not letter.newer for letter in self.closed)


class MessagesModel(KeystoreFormModel):
    """Opening changes nothing: neither the keystore nor the letters.

    Attributes:
        read: the letters, which the last page shows.
    """

    read = StepResult[Correspondence]()

    def open(self, password: Secret) -> None:
        """Open every letter to the holder of the keystore that is chosen. Raises `errors.WrongEnvironment`."""
        file = self.toolkit.open_keystore(self.path, password)
        require_environment(file, self.procedure_context)
        training, keystore = self.toolkit.training, file.keystore
        holder = keystore.holder
        sent = training.messages() if training is not None and holder is not None else []
        mine = [letter for letter in sent if holder is not None and letter.is_for(holder)]
        keys, authorities = decryption_keys(keystore), self.procedure_context.message_authorities()
        found = []
        for letter in mine:
            message, content = unseal(letter.data, keys, authorities, self.procedure_context.clock.now())
            if message.proven and content is not None:
                found.append(ReadLetter(letter, message, content.decode()))
            else:
                found.append(self._closed(letter, message))
        self.read = Correspondence(holder, tuple(found))

    def _closed(self, letter: SealedLetter, message: UnsealedMessage) -> ReadLetter:
        chosen = self.choosing.chosen(self.wizard.values).file
        folder = self.procedure_context.keystores
        there = files_with_key(folder, lambda key: key.alias == str(letter.serial))
        holding = [file for file in there if file.path != chosen.path]
        newer = [file.path for file in holding if file.moment is not None and file.moment > chosen.moment]
        older = [file.path for file in holding if file.path not in newer]
        return ReadLetter(letter, message, older=tuple(older), newer=tuple(newer))


Context = FormContext[MessagesModel]


_OPENING: Final[FormStep[MessagesModel]] = keystore_step()


def _choose(context: Context) -> Page:
    """Return the page that chooses the keystore; in the real environments, which do not send messages to this program,
    where the messages are."""
    return _elsewhere(context) if context.model.toolkit.training is None else _OPENING.page(context)


def _elsewhere(context: Context) -> Page:
    get = context.get
    words = {"page": context.texts.get("index.troubleshoot"), "button": get("done.merge")}
    remedy = show(panel("info", get("elsewhere.old"), get("elsewhere.file", **words)))
    return Page(
        title=get("elsewhere.title"),
        lead=get("elsewhere.where"),
        body=[remedy],
        more=[Button("merge", get("done.merge"), "primary", "tools", address_of("troubleshoot"))],
    )


def _done(context: Context) -> Page:
    get, model, read = context.get, context.model, context.model.read
    holder = get("row.unknown") if read.holder is None else holder_line(read.holder, context.texts)
    rows = [(get("row.name"), holder), (get("row.file"), mono(model.path.name))]
    another = Button(
        "another", get("done.another"), "" if read.closed else "primary", "key", "messages.ipynb"
    )
    merge = Button(
        "merge", get("done.merge"), "primary", "tools", address_of("troubleshoot", model.path.name)
    )
    letters = MailList(label=get("letters"))
    letters.show([_letter(context, letter) for letter in read.letters])
    shown = [summary_card(rows), show(_verdict(context, read))]
    return Page(
        title=get("done.title"),
        body=[*shown, letters] if read.letters else shown,
        more=[merge, another] if read.lacks_old_keys else [another],
        can_go_back=False,
    )


def _verdict(context: Context, read: Correspondence) -> Markup:
    get, closed = context.get, len(read.closed)
    if read.holder is None:
        return panel("info", get("done.no_certificate"), get("done.no_certificate.text"))
    if not read.letters:
        return panel("info", get("done.nothing"), get("done.nothing.text"))
    if closed:
        return panel("warn", get("done.closed", count=closed, all=len(read.letters)), get("done.closed.text"))
    return panel("ok", get("done.open", count=len(read.letters)), get("done.open.text"))


def _letter(context: Context, letter: ReadLetter) -> MailMessage:
    get, texts = context.get, context.texts
    facts = {"sender": letter.sender, "moment": letter.letter.sent, "key": str(letter.letter.serial)}
    about = get("letter.about", **facts)
    if not letter.message.proven:
        body = "\n\n".join(_reason(context, letter))
        return MailMessage(
            get("letter.closed"), about, get("letter.closed.head", **facts), body, texts.language
        )
    subject, _, body = letter.content.partition("\n")
    return MailMessage(subject, about, get("letter.open.head", **facts), body, letter.letter.language)


def _reason(context: Context, letter: ReadLetter) -> Sequence[str]:
    """Return why it stays closed, and what to do."""
    get = context.get
    if not letter.message.has(_NOT_ADDRESSED):  # damaged, or not by whom it says
        faults = [finding for finding in letter.message.findings if is_error(finding)]
        return [f"{fault.message(context.texts)} {fault.next_step(context.texts)}" for fault in faults]
    missing = get("letter.closed.key", key=str(letter.letter.serial))
    if letter.newer:
        return missing, get("letter.closed.newer", file=letter.newer[0].name)
    if letter.older:
        return missing, get("letter.closed.older", file=_shown(context, letter.older[0]))
    return missing, get("letter.closed.nowhere", folder=str(context.model.procedure_context.keystores))


def _shown(context: Context, path: Path) -> str:
    """Return the name of a file, with its folder for one of the archive."""
    folder = context.model.procedure_context.keystores
    return path.name if path.parent == folder else str(path.relative_to(folder))


MESSAGES: Final = WizardForm(
    "messages",
    lambda toolkit, stage: MessagesModel(toolkit, asked=stage.keystore_named()),
    steps=[replace(_OPENING, page=_choose)],
    done=_done,
    menu=MenuPlace("tools", 6, "messages.menu", "lock"),
    reaches_platform=False,
)
