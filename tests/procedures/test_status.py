"""Standings: what file, platform and depot say, held side by side; and what is said when nobody answers."""

from __future__ import annotations

import ast
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.finding import Severity, Urgency
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.remembered import BLOCKED, SAID_BY_PLATFORM
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.complete import complete, install_certificate
from ehtoolkit.procedures.result import record_answer
from ehtoolkit.procedures.state.platform_status import PlatformStatus, status
from tests.procedures.conftest import Road
from tests.support.catalogues import messages
from tests.support.training_life import Life, remembering

UNREACHABLE = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
INFO = "getCertificateInfoForAuthenticationCertificate"
CERTIFICATE = 'getcertificate"'
PACKAGE = Path(ehtoolkit.__file__).parent


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


@pytest.fixture
def look(road: Road, life: Life) -> Callable[[KeystoreFile], PlatformStatus]:
    """Ask, and see that the first page and the diagnosis say the same afterwards."""
    context = road.toolkit.context

    def ask(file: KeystoreFile) -> PlatformStatus:
        found = status(file, context)
        now, notes, folder = context.clock.now(), context.notes, file.path.parent
        stands = (found.standing.state, found.standing.urgency, found.standing.action)
        assert found.next == (None if found.standing.action is Action.NONE else found.standing.action)
        for item in outlook(due_keystores(folder, notes), now, context.environment):
            if item.due.name == file.path.name:
                assert (item.state, item.standing.urgency, item.standing.action) == stands
        files, known = HolderFiles.in_folder(folder, notes, now), CachedStates.read(notes)
        shown = diagnose(file.path, life.password, now, listing=files, known=known).standing()
        assert (shown.state, shown.urgency, shown.action) == stands
        return found

    return ask


Look = Callable[[KeystoreFile], PlatformStatus]


def keys(platform_status: PlatformStatus) -> list[str]:
    return [finding.key for finding in platform_status.findings]


def said(old: bytes, new: bytes) -> Callable[[Response], Response]:
    """An answer in which the platform says something else."""

    def act(answer: Response) -> Response:
        assert old in answer.body
        return replace(answer, body=answer.body.replace(old, new))

    return act


# ── the usual life ───────────────────────────────────────────────────────────────────────────────────────
def test_from_the_request_to_the_end(road: Road, life: Life, look: Look) -> None:
    asked = life.ask()
    file = life.open(asked.keystore)
    waiting = look(file)
    assert (waiting.state, waiting.next, keys(waiting)) == (State.WAITING, Action.COMPLETE, [])
    life.move("+1d")
    ready = look(file)
    assert (ready.state, ready.next, keys(ready)) == (State.WAITING, Action.COMPLETE, ["ready"])
    install_certificate(file, road.toolkit.context)
    installed = look(file)
    assert (installed.state, installed.next, keys(installed)) == (
        State.NO_ETK,
        Action.COMPLETE,
        ["etk_missing"],
    )
    complete(file, road.toolkit.context)
    active = look(file)
    assert (active.state, active.next, keys(active)) == (State.ACTIVE, Action.USE, ["depot_ours"])
    assert active.checked
    assert active.not_after == file.keystore.not_after
    assert active.info is not None
    assert active.info.replaceable_from is not None
    life.move("+34mo")
    due = look(file)
    assert (due.state, due.next, keys(due)) == (State.RENEWABLE, Action.RENEW, ["depot_ours"])
    life.move("+3mo")
    over = look(file)
    assert (over.state, over.next, keys(over)) == (State.EXPIRED, Action.REQUEST, ["state_expired"])
    assert over.severity is Severity.ERROR


@pytest.mark.parametrize("is_reached", [True, False])
def test_what_the_issuer_said_last_stays(road: Road, life: Life, look: Look, is_reached: bool) -> None:
    """The first page says so, too. The platform's own word is newer; without one, the certificate is revoked."""
    file, context = life.first(), road.toolkit.context
    now = context.clock.now()
    result = RevocationResult(RevocationStatus.REVOKED, "crl.example.be", since=now, as_of=now)
    silent = RevocationResult(RevocationStatus.SILENT, "crl.example.be")
    for said in (result, silent):
        record_answer(file.keystore.key_id, said, context.notes, now)
    if not is_reached:
        road.wire.before[INFO.lower()] = road.wire.before["CertRa"] = UNREACHABLE
    found = look(file)
    assert found.checked is is_reached
    assert "revocation_revoked" in keys(found)
    assert found.severity is Severity.ERROR
    assert found.state is (State.ACTIVE if is_reached else State.REVOKED)
    assert (found.standing.state, found.next) == (State.REVOKED, Action.REQUEST)
    due = due_keystores(file.path.parent, context.notes)
    (item,) = outlook(due, now, context.environment)
    assert (item.state, item.standing.urgency) == (State.REVOKED, Urgency.STOPS)


def test_old_and_new_through_a_renewal(road: Road, life: Life, look: Look) -> None:
    old = life.due()
    asked = life.renew(old)
    waiting = look(old)
    assert (waiting.state, waiting.next) == (State.ACTIVE, None)  # the newer file has the next step
    assert sorted(keys(waiting)) == ["depot_ours", "renewal_waiting"]
    assert waiting.severity is Severity.INFO

    life.move("+1d")
    assert sorted(keys(look(old))) == ["depot_ours", "renewal_ready"]
    new = life.open(asked.keystore)
    complete(new, road.toolkit.context)
    assert sorted(keys(look(old))) == ["depot_ours", "newer"]
    to_activate = look(new)
    assert (to_activate.state, to_activate.next) == (State.TO_ACTIVATE, Action.ACTIVATE)
    assert keys(to_activate) == ["etk_to_activate", "depot_old"]
    assert to_activate.severity is Severity.WARNING

    life.activate(new)
    assert keys(look(new)) == ["depot_ours"]
    left = look(old)
    assert keys(left) == ["depot_newer", "newer"]
    assert left.severity is Severity.ERROR
    assert new.path.name in left.findings[0].message(Translator("fr"))


def test_a_renewal_that_was_never_sent(road: Road, life: Life, look: Look) -> None:
    old = life.due()
    road.wire.before["generatecertificate"] = UNREACHABLE
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(old)
    road.wire.before.clear()
    (path,) = (path for path in road.keystores if path != old.path)
    found = look(old)
    assert (found.state, sorted(keys(found))) == (State.RENEWABLE, ["depot_ours", "renewal_unsent"])
    unsent = look(life.open(path))
    assert (unsent.state, unsent.next, keys(unsent)) == (State.PREPARED, Action.RESUME, ["never_sent"])
    assert "CERT_UNKNOWN" in unsent.findings[0].message(Translator("en"))


# ── what the platform knows and the file does not ────────────────────────────────────────────────────────
def test_revoked_although_the_file_looks_good(road: Road, life: Life, look: Look) -> None:
    file = life.first()
    before = file.path.read_bytes()
    life.revoke(file.keystore.key_id)
    found = look(file)
    assert (found.state, found.next, keys(found)) == (State.REVOKED, Action.REQUEST, ["revoked"])
    assert found.severity is Severity.ERROR
    assert file.path.read_bytes() == before


def test_a_renewal_that_was_revoked_counts_no_more(road: Road, life: Life, look: Look) -> None:
    old = life.due()
    asked = life.renew(old)
    life.move("+1d")
    life.revoke(asked.key_id)
    found = look(old)
    assert (found.state, found.next, keys(found)) == (State.RENEWABLE, Action.RENEW, ["depot_ours"])


def test_the_file_has_no_key_for_the_token(road: Road, life: Life, look: Look) -> None:
    asked = life.ask()
    life.move("+1d")
    elsewhere = road.toolkit.settings.home / asked.keystore.name
    elsewhere.write_bytes(asked.keystore.read_bytes())
    file = life.open(elsewhere)
    install_certificate(file, road.toolkit.context)
    complete(life.open(asked.keystore), road.toolkit.context)
    found = look(file)
    assert found.state is State.NO_ETK
    assert {"etk_key_missing", "depot_other"} <= set(keys(found))
    assert found.severity is Severity.ERROR


def test_the_depot_has_another_persons_token(road: Road, life: Life, look: Look) -> None:
    file = life.first()
    other = Life(road, "bram")
    other.first()
    seen: list[Response] = []
    road.wire.after["EtkDepot"] = remembering(seen)
    serial = other.published().serial
    road.wire.after["EtkDepot"] = lambda _: seen[0]
    found = look(file)
    assert keys(found) == ["depot_other"]
    assert found.findings[0].facts == {"serial": str(serial)}


def test_the_depot_answers_nonsense_or_not_at_all(road: Road, life: Life, look: Look) -> None:
    file = life.first()
    road.wire.after["EtkDepot"] = said(b"<", b"&lt;")
    assert keys(look(file)) == ["depot_unchecked"]
    road.wire.after.clear()
    road.wire.before["EtkDepot"] = UNREACHABLE
    found = look(file)
    assert (found.state, keys(found), found.checked) == (State.ACTIVE, ["depot_unchecked"], True)


def test_what_was_delivered_has_a_key_of_an_unknown_kind(road: Road, life: Life, look: Look) -> None:
    """Asking says no more than that something is there; completing says that it is not to be believed."""
    asked = life.ask()
    life.move("+1d")
    rsa, unknown = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("01", "0f"))

    def act(answer: Response) -> Response:
        def changed(match: re.Match[bytes]) -> bytes:
            return match[1] + b64encode(b64decode(match[2]).replace(rsa, unknown))

        return replace(answer, body=re.sub(rb"(X509Certificate>)([^<]+)", changed, answer.body))

    road.wire.after[CERTIFICATE] = act
    assert keys(look(life.open(asked.keystore))) == ["ready"]
    with pytest.raises(errors.ResponseUntrusted):
        complete(life.open(asked.keystore), road.toolkit.context)


# ── not checked ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "error",
    [
        UNREACHABLE,
        errors.PlatformTimeout(host="platform", seconds=30, sent=True),
        errors.PlatformUntrusted(host="platform", issuer="Acme", reason="issuer"),
        errors.PlatformFault(code="SOA-02001", origin="", detail="down", correlation_id=None),
    ],
    ids=["unreachable", "timeout", "untrusted", "fault"],
)
def test_a_platform_that_does_not_answer_is_no_error(
    error: errors.PlatformError, road: Road, life: Life, look: Look
) -> None:
    file = life.first()
    road.wire.before["CertRa"] = error
    found = look(file)
    assert (found.state, found.next) == (State.COMPLETE, Action.USE)
    assert keys(found) == ["unchecked", "state_complete"]
    assert not found.checked
    assert found.unchecked is error
    assert found.not_after == file.keystore.not_after


def test_an_answer_about_another_certificate_is_not_believed(road: Road, life: Life, look: Look) -> None:
    file = life.first()
    key_id = file.keystore.key_id.encode()
    road.wire.after[INFO] = said(b"PublicKeyIdentifier>" + key_id, b"PublicKeyIdentifier>" + b"AB" * 20)
    found = look(file)
    assert isinstance(found.unchecked, errors.ResponseUntrusted)
    assert found.state is State.COMPLETE


def test_a_keystore_of_another_environment_is_refused(road: Road, life: Life) -> None:
    file = life.first()
    for note in road.toolkit.context.notes.glob("*.json"):
        note.unlink()
    sent = len(road.wire.seen)
    with pytest.raises(errors.WrongEnvironment) as caught:
        status(file, replace(road.toolkit.context, environment=Environment.PRODUCTION))
    assert caught.value.facts["kind"] == Environment.TRAINING
    assert len(road.wire.seen) == sent


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────
def emitted() -> dict[str, set[str]]:
    """Every finding of standings that the procedures make, with its variant, and the names of its facts."""
    found: dict[str, set[str]] = {
        key: {"file"}
        for key in ("renewal_unsent", "renewal_unclear", "renewal_waiting", "renewal_ready", "newer")
    }
    found |= {
        ".".join(filter(None, (each.key, each.variant))): set()
        for each in (*SAID_BY_PLATFORM.values(), BLOCKED)
    }
    for module in sorted((PACKAGE / "procedures").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "finding":
                key, variants = node.args[0], node.args[2:]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    name = ".".join([key.value, *(ast.literal_eval(variant) for variant in variants)])
                    found[name] = {str(keyword.arg) for keyword in node.keywords}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_a_sentence_and_a_step_and_no_other_text_is_kept(language: str) -> None:
    catalogue = messages("standing", language)
    of_commands = {key for key in catalogue if not key.endswith(".page")}
    assert of_commands == {f"standing.{key}{end}" for key in emitted() for end in ("", ".next")}
    for key, facts in emitted().items():
        for end in ("", ".next"):
            text = catalogue[f"standing.{key}{end}"]
            text = catalogue[text[1:]] if text.startswith("=") else text
            assert text.format_map(dict.fromkeys(facts, "7")).endswith((".", "7"))
