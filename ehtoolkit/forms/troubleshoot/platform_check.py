"""The question to the platform about an examined certificate, and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation import SETTLED
from ehtoolkit.ehealth.revocation_answers import AskRevocation
from ehtoolkit.finding import Finding
from ehtoolkit.finding import Severity as Level
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.engine.form_link import FormLink, address_of
from ehtoolkit.forms.html import Markup, Severity, panel
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.troubleshoot.advice import next_step
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.report import grouped, platform_word
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.action_places import place_of
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.certificate_test import CertificateTest, prove_certificate
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.platform_status import PlatformStatus, status
from ehtoolkit.system.text_safety import printable

_HANDED_OVER: Final = "handed over"
"""Instead of the folder of a file that has none: there is no such folder, so nothing is found beside it."""


def can_be_asked(examined: ExaminedFile) -> bool:
    """Return whether the platform can be asked about the file: it is open, a keystore is in it, and not one of another
    environment."""
    return examined.elsewhere is None and examined.inventory is not None and examined.inventory.is_keystore


def issuer_can_be_asked(examined: ExaminedFile) -> bool:
    """Return whether the issuer can be asked about the certificate of the file: it shows, and nothing was answered
    yet."""
    answered = any(finding.key in SETTLED for finding in examined.diagnosis.findings)
    return examined.elsewhere is None and bool(examined.diagnosis.chain) and not answered


def ask(examined: ExaminedFile, context: Context) -> PlatformStatus:
    """Ask platform and depot; a damaged file is asked about by what is sound in it.

    Raises `errors.WrongEnvironment`, and what reading the file raises. A platform that does not answer is no
    error: see `ehtoolkit.procedures.state.platform_status`.
    """
    with _opened(examined, context.keystores) as file:
        return status(file, context)


def prove(examined: ExaminedFile, context: Context, ask_revocation: AskRevocation) -> CertificateTest:
    """Put the keystore to the test. Raises as `ask`."""
    with _opened(examined, context.keystores) as file:
        return prove_certificate(file, context, ask_revocation=ask_revocation)


def handed_over(name: str, folder: Path) -> Path:
    """Return a path for a file that lies in no folder; the keystore ``folder`` has none of it."""
    return folder / _HANDED_OVER / printable(name).replace("/", "\ufffd").replace("\\", "\ufffd")


@contextmanager
def _opened(examined: ExaminedFile, folder: Path) -> Iterator[KeystoreFile]:
    """Yield the keystore of a file, to be read only. The name counts, since the time in it tells old from new; it leads
    out of no folder. In an `errors.WrongEnvironment` of the body, the file is named as on the page."""
    data, secret = examined.read(), examined.opened_by
    keystore = Keystore.of(recover(data, secret).contents)
    path = handed_over(examined.name, folder) if examined.path is None else examined.path
    cache = DerivedKeyCache(secret)
    cache.close()
    try:
        yield KeystoreFile(path, keystore, cache, EncryptionParams.new(EncryptionProfile.COMPATIBLE), data)
    except errors.WrongEnvironment as error:
        error.facts["path"] = printable(examined.name)
        raise


_UNCHECKED: Final = "unchecked"
_PENDING: Final = frozenset({State.PREPARED, State.WAITING, State.VALIDATING, State.UNKNOWN})
"""States that are no good news although nothing is wrong."""


def verdict(platform_status: PlatformStatus, texts: Translator) -> Markup:
    """Return a panel with the one thing to know, why, and what to do."""
    if platform_status.unchecked is not None:
        lines = (texts.error(platform_status.unchecked), texts.next_step(platform_status.unchecked))
        alone = texts.get("troubleshoot.platform.alone")
        return panel("warn", platform_word(platform_status, texts), *map(printable, lines), alone, level=3)
    title = texts.get("troubleshoot.platform.says", state=platform_word(platform_status, texts))
    return panel(_look(platform_status), title, *_reasons(platform_status, texts), level=3)


def _reasons(platform_status: PlatformStatus, texts: Translator) -> Iterator[str]:
    said, state = _first(platform_status), platform_status.state
    if said is not None:
        yield printable(said.message(texts))
        if said.severity is not Level.OK:
            yield printable(next_step(said, texts))
    elif state is State.WAITING:
        yield texts.get("troubleshoot.platform.waiting")
    if state is State.RENEWABLE:
        yield texts.get("troubleshoot.platform.renewable")


def _look(platform_status: PlatformStatus) -> Severity:
    if platform_status.severity is Level.OK and (
        platform_status.state in _PENDING or platform_status.state is State.RENEWABLE
    ):
        return "info"
    return LOOKS[platform_status.severity]


def _first(platform_status: PlatformStatus) -> Finding | None:
    """Return the finding that the panel tells; None when there is none."""
    if not platform_status.checked:
        return next((finding for finding in platform_status.findings if finding.key == _UNCHECKED), None)
    return platform_status.findings[0] if platform_status.findings else None


def findings(platform_status: PlatformStatus, texts: Translator) -> Markup:
    """Return all other findings than that of the verdict, worst first."""
    first = _first(platform_status)
    return grouped([finding for finding in platform_status.findings if finding is not first], texts)


_GO_ON: Final = frozenset({Action.COMPLETE, Action.ACTIVATE, Action.RENEW, Action.RESUME})
"""Actions with the file itself, in other forms."""
_BY_ANOTHER: Final = {
    "renewal_ready": ("complete-renewal", "index.complete_renewal", "keystore"),
    "renewal_unsent": ("request", "complete.never_sent.resume", "resume"),
    "renewal_unclear": ("troubleshoot", "troubleshoot.platform.newer", "keystore"),
    "newer": ("troubleshoot", "troubleshoot.platform.newer", "keystore"),
    "depot_newer": ("troubleshoot", "troubleshoot.platform.newer", "keystore"),
}
"""Findings that are about another file of the folder, which they name: page, words, parameter."""
_BY_LIST: Final = frozenset({"unknown", "etk_key_missing", "request_unclear"})
"""Findings after which the card's list of certificates helps, which the Revoke form shows."""


def leads(examined: ExaminedFile, platform_status: PlatformStatus) -> tuple[FormLink, ...]:
    """Return the links to the forms that go on after the platform's answer, the proposed one first; none while the
    answer is unknown."""
    if not platform_status.checked:
        return ()
    found: dict[str, FormLink] = {}
    for finding in (*_proposed(examined, platform_status), *_of_findings(examined, platform_status.findings)):
        found.setdefault(finding.address, finding)
    return tuple(found.values())


def is_wanted_in_folder(examined: ExaminedFile, platform_status: PlatformStatus) -> bool:
    """Return whether a form would go on with this file if only it were in the folder."""
    return examined.path is None and platform_status.checked and platform_status.next in _GO_ON


def _proposed(examined: ExaminedFile, platform_status: PlatformStatus) -> Iterator[FormLink]:
    action, path, inventory = platform_status.next, examined.path, examined.inventory
    without_card = platform_status.situation.without_card
    renewal = inventory is not None and inventory.has_older_keys
    place = place_of(action, without_card=without_card, renewal=renewal)
    if place is None:
        return
    if action is Action.REQUEST:
        address = address_of(place.page) if without_card else _prefill(platform_status).address
        yield FormLink(place.page, "index.request.do", address)
    elif action in _GO_ON and path is not None:
        words = "complete_renewal" if action is Action.COMPLETE and renewal else action
        yield FormLink.to_place(place, f"index.{words}.do", path.name)


def _of_findings(examined: ExaminedFile, findings: tuple[Finding, ...]) -> Iterator[FormLink]:
    for finding in findings:
        if finding.key in _BY_ANOTHER:
            page, words, parameter = _BY_ANOTHER[finding.key]
            yield FormLink.to(page, words, str(finding.facts["file"]), parameter)
        elif finding.key in _BY_LIST:
            in_folder = None if examined.path is None else examined.path.name
            yield FormLink.to("revoke", "index.revoke", in_folder)


def _prefill(platform_status: PlatformStatus) -> Prefill:
    """Return what is known for a new request; the name of a person comes from the card."""
    holder, info = platform_status.situation.holder, platform_status.info
    if info is not None:
        return Prefill.of_again(info)
    if holder is None or holder.identifier.is_person:
        return Prefill()
    return Prefill(holder.identifier, holder.name, holder.application_id or "")
