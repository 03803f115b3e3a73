"""The procedures that `kill_driver` kills: the homes that they begin in, and what a user does after a crash."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.etk import read_etk
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import complete, foreigner, renew, request, revoke
from ehtoolkit.procedures import finish as finishing
from ehtoolkit.procedures.state import certificate_list
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.state.invented_people import FOREIGNER

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
FOREIGN_REQUEST = foreigner.ForeignerRequest(FOREIGNER, ContactData("anais@example.org", "+33 1 99 00 01 42"))
NOTHING_SENT, RESUMED, WENT_ON = "nothing was sent", "resumed with the same pair", "went on"
"""The ways in which a user goes on after a crash."""


@dataclass(frozen=True)
class Killed:
    """A procedure to kill: ``work`` in copies of the home ``prepared``. ``recover`` does what a user would do next,
    checks what is promised, and returns which way it went."""

    work: Callable[[Toolkit], None]
    prepared: Path
    recover: Callable[[Path], str]

    @property
    def name(self) -> str:
        return self.work.__name__


def toolkit_in(home: Path) -> Toolkit:
    return open_toolkit(load_settings(home=home, training_delivery=60.0))


def training_of(toolkit: Toolkit) -> TrainingPlatform:
    assert toolkit.training is not None
    return toolkit.training


def request_of(toolkit: Toolkit) -> request.CertificateRequest:
    person = toolkit.open_card().identity().person
    return request.CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))


def open_only(toolkit: Toolkit) -> KeystoreFile:
    (found,) = find_keystores(toolkit.context.keystores)
    return KeystoreFile.open(found.path, PASSWORD)


def oldest(toolkit: Toolkit) -> KeystoreFile:
    return KeystoreFile.open(find_keystores(toolkit.context.keystores)[-1].path, PASSWORD)


def newest(toolkit: Toolkit) -> KeystoreFile:
    return KeystoreFile.open(find_keystores(toolkit.context.keystores)[0].path, PASSWORD)


# ── the procedures ─────────────────────────────────────────────────────────────────────────────────────────
def ask(toolkit: Toolkit) -> None:
    card = toolkit.open_card()
    request.request(request_of(toolkit), card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)


def finish(toolkit: Toolkit) -> None:
    complete.complete(open_only(toolkit), toolkit.context)


def ask_again(toolkit: Toolkit) -> None:
    card = toolkit.open_card()
    renew.renew(oldest(toolkit), card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)


def finish_all(toolkit: Toolkit) -> None:
    """Finish a renewal with all its steps, the archive too."""
    context = toolkit.context
    done = finishing.finish(newest(toolkit), context)
    moved = finishing.archive_replaced(done, toolkit.settings, context)
    if moved.failure is not None:
        raise moved.failure


def end(toolkit: Toolkit) -> None:
    """Revoke the one certificate, by its file, without its password."""
    (found,) = find_keystores(toolkit.context.keystores)
    card, context, reason = toolkit.open_card(), toolkit.context, RevocationReason.SUPERSEDED
    person = card.identity().person
    chosen = certificate_list.by_file(found.path, lambda: open_only(toolkit), person, context)
    revoke.revoke(card, lambda _: PIN, chosen, reason, context, show=lambda _: None)


def ask_abroad(toolkit: Toolkit) -> None:
    foreigner.request_foreign(FOREIGN_REQUEST, PASSWORD, toolkit.context)


# ── what a user does after a crash ─────────────────────────────────────────────────────────────────────────
def resume(file: KeystoreFile, toolkit: Toolkit) -> None:
    card = toolkit.open_card()
    request.resume(file, request_of(toolkit), card, lambda _: PIN, toolkit.context, show=lambda _: None)


def resume_abroad(file: KeystoreFile, toolkit: Toolkit) -> None:
    foreigner.resume_foreign(file, FOREIGN_REQUEST, toolkit.context)


def killed_home(home: Path) -> Toolkit:
    """Open what a kill has left; no contact data are without the keystore that they were given for."""
    toolkit = toolkit_in(home)
    keystores = toolkit.context.keystores
    found = (*find_keystores(keystores), *find_keystores(keystores / ARCHIVE))
    keys = {key.key_id for keystore in found for key in keystore.keys}
    notes = {path.stem for path in toolkit.context.notes.glob("*.json")}
    assert notes <= keys, f"notes without a keystore: {notes - keys}"
    return toolkit


def require_one_token(toolkit: Toolkit, *files: KeystoreFile) -> None:
    """Each certificate has one encryption key in its file, and one token at the platform, for that key."""
    for file in files:
        (own,) = file.keystore.current_encryption
        registered = training_of(toolkit).database.rows(
            "SELECT serial FROM token WHERE key_id = ? AND etk IS NOT NULL", file.keystore.key_id
        )
        assert [row["serial"] for row in registered] == [own.alias]


def recover_request(home: Path) -> str:
    """Complete; or resume and complete; or ask anew."""
    toolkit = killed_home(home)
    how = request_once_more(toolkit, ask, resume)
    training_of(toolkit).clock.move("+2h")
    require_one_certificate(toolkit)
    toolkit.close()
    return how


def recover_foreign_request(home: Path) -> str:
    """The same, and the request is validated before its certificate is delivered."""
    toolkit = killed_home(home)
    how = request_once_more(toolkit, ask_abroad, resume_abroad)
    training = training_of(toolkit)
    (record,) = certificate_register.all_records(training)
    training.confirm_request(record.key_id)
    training.clock.move("+2h")
    require_one_certificate(toolkit)
    toolkit.close()
    return how


def request_once_more(
    toolkit: Toolkit, ask: Callable[[Toolkit], None], resume: Callable[[KeystoreFile, Toolkit], None]
) -> str:
    found = find_keystores(toolkit.context.keystores)
    assert len(found) <= 1, found
    if not found:
        ask(toolkit)
        return NOTHING_SENT
    file = open_only(toolkit)
    key_id = file.keystore.key_id
    try:
        complete.complete(file, toolkit.context)
        how = WENT_ON
    except errors.NeverSent:
        resume(file, toolkit)
        how = RESUMED
    assert open_only(toolkit).keystore.key_id == key_id
    return how


def require_one_certificate(toolkit: Toolkit) -> None:
    outcome = complete.complete(open_only(toolkit), toolkit.context)
    assert outcome.state == "complete", outcome
    assert len(certificate_register.all_records(training_of(toolkit))) == 1, "a certificate too many"
    require_one_token(toolkit, open_only(toolkit))


def recover_renewal(home: Path, old: bytes) -> str:
    """The same again, and what that leads to. ``old``: the renewed file."""
    toolkit = killed_home(home)
    how = renew_once_more(toolkit)
    training_of(toolkit).clock.move("+2h")
    file = newest(toolkit)
    outcome = complete.complete(file, toolkit.context)
    assert outcome.state in ("to_activate", "complete"), outcome
    assert complete.activate(file, toolkit.context).outcome.state == "active"
    require_renewed(toolkit, old)
    toolkit.close()
    return how


def renew_once_more(toolkit: Toolkit) -> str:
    """Renew again, from the old file; each refusal names the new one."""
    try:
        ask_again(toolkit)
    except errors.NeverSent as unsent:
        resume(KeystoreFile.open(Path(str(unsent.facts["path"])), PASSWORD), toolkit)
        return RESUMED
    except (errors.RequestWaiting, errors.AlreadyRenewed) as there:
        named = there.facts["newer" if isinstance(there, errors.AlreadyRenewed) else "path"]
    else:
        return NOTHING_SENT
    assert named == str(newest(toolkit).path)
    return WENT_ON


def require_renewed(toolkit: Toolkit, old: bytes) -> None:
    """Nothing lost, nothing twice: two files, and what `require_switched` requires."""
    assert len(find_keystores(toolkit.context.keystores)) == 2
    before, after = oldest(toolkit), newest(toolkit)
    assert before.path.read_bytes() == old, "the old file was changed"
    require_switched(toolkit, before, after)


def require_switched(toolkit: Toolkit, before: KeystoreFile, after: KeystoreFile) -> None:
    """Two certificates, the old keys in the new file, the depot switched."""
    assert len(certificate_register.all_records(training_of(toolkit))) == 2, "a certificate too many"
    require_one_token(toolkit, before, after)
    old_aliases = {key.alias for key in before.keystore.encryption}
    assert old_aliases < {key.alias for key in after.keystore.encryption}
    etk = toolkit.context.platform.depot.get_etk(request_of(toolkit).name.identifier)
    assert etk is not None
    assert str(read_etk(etk).serial) in {key.alias for key in after.keystore.current_encryption}


def recover_finish(home: Path, old: bytes) -> str:
    """The same again; afterwards the old file is in the archive, whole, and the new one is active."""
    toolkit = killed_home(home)
    finish_all(toolkit)
    (new,) = find_keystores(toolkit.context.keystores)
    (archived,) = find_keystores(toolkit.context.keystores / "archive")
    assert archived.path.read_bytes() == old, "the old file was changed"
    require_switched(
        toolkit, KeystoreFile.open(archived.path, PASSWORD), KeystoreFile.open(new.path, PASSWORD)
    )
    toolkit.close()
    return WENT_ON


def recover_revocation(home: Path) -> str:
    """The same again: either it revokes, or it refuses because the certificate was revoked."""
    toolkit = killed_home(home)
    before = open_only(toolkit).keystore
    how = "revoked now"
    try:
        end(toolkit)
    except errors.NotRevocable as already:
        how = f"was {already.facts['state']}"
    (record,) = certificate_register.all_records(training_of(toolkit))
    assert record.revoked_at is not None
    assert toolkit.context.platform.depot.get_etk(record.holder.dn.identifier) is None
    assert open_only(toolkit).keystore == before, "the file was changed"
    toolkit.close()
    return how


# ── the homes ──────────────────────────────────────────────────────────────────────────────────────────────
def requests(folder: Path) -> Iterator[Killed]:
    warm, asked = folder / "warm", folder / "asked"
    toolkit = toolkit_in(warm)
    request_of(toolkit)
    toolkit.close()
    yield Killed(ask, warm, recover_request)
    yield Killed(finish, _after(ask, warm, asked), recover_request)


def renewals(folder: Path) -> Iterator[Killed]:
    due = folder / "due"
    toolkit = toolkit_in(due)
    ask(toolkit)
    clock = training_of(toolkit).clock
    clock.move("+2h")
    finish(toolkit)
    clock.move("+34mo")
    old = oldest(toolkit).path.read_bytes()
    toolkit.close()
    asked = _after(ask_again, due, folder / "asked")
    yield Killed(ask_again, due, partial(recover_renewal, old=old))
    yield Killed(finish_all, asked, partial(recover_finish, old=old))


def revocations(folder: Path) -> Iterator[Killed]:
    """The revocation, and the request without a card."""
    warm, active = folder / "warm", folder / "active"
    toolkit_in(warm).close()
    toolkit = toolkit_in(active)
    ask(toolkit)
    training_of(toolkit).clock.move("+2h")
    finish(toolkit)
    toolkit.close()
    yield Killed(end, active, recover_revocation)
    yield Killed(ask_abroad, warm, recover_foreign_request)


def _after(work: Callable[[Toolkit], None], before: Path, home: Path) -> Path:
    """Prepare ``home``: what ``work`` makes of a copy of ``before`` in two hours."""
    shutil.copytree(before, home)
    toolkit = toolkit_in(home)
    work(toolkit)
    training_of(toolkit).clock.move("+2h")
    toolkit.close()
    return home


GROUPS: Final[Mapping[str, Callable[[Path], Iterator[Killed]]]] = {
    "request": requests,
    "renewal": renewals,
    "revocation": revocations,
}
"""What one run of the driver kills."""
