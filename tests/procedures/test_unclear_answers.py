"""Answers that are not understood, at every door: nothing is sent twice, no key is removed, no word is untrue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.soap.operations import OPERATIONS
from ehtoolkit.ehealth.soap.transport import Response, Transport, operation_of
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State, from_word, with_platform_word
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.complete import activate, complete
from ehtoolkit.procedures.finish import finish
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign, resume_foreign
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import (
    fetch_contract,
    require_resumable,
    resume,
    sign,
    submit_new,
    write_keystore,
)
from ehtoolkit.procedures.request_preconditions import fetch_applicant_info
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.revoke import fetch_revocation_contract, revoke, submit_revocation
from ehtoolkit.procedures.state.certificate_list import by_key, list_certificates
from ehtoolkit.procedures.state.platform_status import PlatformStatus, status
from ehtoolkit.procedures.state.requests import KeyAnswer, ask_about_key, fetch_request_status
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.status_answers import REQUESTER, RESPONDER, SUCCESS, status_instead, with_codes
from tests.support.training_life import Life

KEY: Final = 'getcertificate"'
INFO: Final = "getCertificateInfoForAuthenticationCertificate"
LIST: Final = "getCertificateInfoForCitizen"
QUESTIONS: Final = (KEY, INFO, LIST)
ONCE: Final = frozenset(each.name for each in OPERATIONS.values() if not each.repeatable)
"""What is never sent twice."""
INVENTED: Final = "X_4711"
FOREIGN: Final = ForeignerRequest(FOREIGNER, ContactData("anais@example.org", "+33 1 99 00 01 42"))

Spoil = Callable[[Road], None]


def coded(code: str, top: str = REQUESTER) -> Spoil:
    """Every question is answered by this status."""

    def spoil(road: Road) -> None:
        for question in QUESTIONS:
            road.wire.after[question] = status_instead(top, code)

    return spoil


def silent(road: Road) -> None:
    for question in QUESTIONS:
        road.wire.before[question] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)


def cut_off(road: Road) -> None:
    for question in QUESTIONS:
        road.wire.after[question] = lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2])


ANSWERS: Final[Mapping[str, Spoil]] = {
    "not known": coded("CERT_UNKNOWN"),
    "refused": coded("CERT_REFUSED"),
    "expired": coded("CERT_VALIDATION_EXPIRED"),
    "Responder": coded("", RESPONDER),
    "Responder with a code": coded("CERT_UNKNOWN", RESPONDER),
    "an invented code": coded(INVENTED),
    "no answer": silent,
    "an answer cut off": cut_off,
}
UNDERSTOOD: Final = ("not known", "refused", "expired")
UNSURE: Final = tuple(answer for answer in ANSWERS if answer not in UNDERSTOOD)
FAULTS: Final = {
    "Responder": errors.PlatformFault,
    "Responder with a code": errors.PlatformFault,
    "no answer": errors.PlatformTimeout,
    "an answer cut off": errors.ResponseInvalid,
}
"""What comes of a question that got no answer."""


@dataclass
class Counting:
    """Counts what is sent. ``keys``: the messages that may be sent once, by operation."""

    inner: Transport
    sent: Counter[str]

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        name = operation_of(body)
        if name in ONCE:
            self.sent[name] += 1
        return self.inner.post(url, body, headers)


@pytest.fixture
def sent(road: Road) -> Counter[str]:
    found: Counter[str] = Counter()
    road.wire.inner = Counting(road.wire.inner, found)
    return found


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


def repair(road: Road) -> None:
    road.wire.after.clear()
    road.wire.before.clear()
    road.wire.lost.clear()


def keys_of(road: Road) -> set[str]:
    """The identifiers of all private keys in the folder and in its archive."""
    folder = road.toolkit.context.keystores
    stores = [
        KeystoreFile.open(path, PASSWORD).keystore
        for path in (*folder.glob("*p12"), *(folder / ARCHIVE).glob("*p12"))
    ]
    return {key.key_id.hex() for store in stores for key in (store.authentication, *store.encryption)}


def word_of(road: Road, key_id: str) -> str:
    """What is recorded of the platform's word."""
    return CachedStates.read(road.toolkit.context.notes).word_of(key_id)


def never_sent(road: Road, work: Callable[[], object], operation: str = "generatecertificate") -> None:
    """Do ``work``, whose request does not leave the computer."""
    road.wire.before[operation] = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    with pytest.raises(errors.PlatformUnreachable):
        work()
    repair(road)


# ── a request: complete, finish, status, resume, request again ───────────────────────────────────────────
def resumed(road: Road, file: KeystoreFile) -> ProcedureResult:
    card, context = road.toolkit.open_card(), road.toolkit.context
    return resume(file, road.requested, card, lambda _: PIN, context, show=lambda _: None)


VERBS: Final[Mapping[str, Callable[[Road, KeystoreFile], object]]] = {
    "complete": lambda road, file: complete(file, road.toolkit.context),
    "finish": lambda road, file: finish(file, road.toolkit.context),
    "status": lambda road, file: status(file, road.toolkit.context),
    "resume": resumed,
    "request again": lambda road, file: road.ask(),
}
EXPECTED: Final[Mapping[tuple[str, str], object]] = {
    **{(verb, "not known"): errors.NeverSent for verb in ("complete", "finish")},
    **{
        (verb, answer): errors.RequestRefused
        for verb in ("complete", "finish", "resume")
        for answer in ("refused", "expired")
    },
    **{(verb, "an invented code"): errors.RequestUnclear for verb in VERBS},
    **{(verb, answer): error for verb in VERBS for answer, error in FAULTS.items()},
    # The list was asked, and did not help either.
    **{
        (verb, answer): errors.RequestUnclear
        for verb in ("resume", "request again")
        for answer in ("Responder", "Responder with a code")
    },
    ("status", "not known"): State.PREPARED,
    ("status", "refused"): State.REFUSED,
    ("status", "expired"): State.REFUSED,
    ("status", "an invented code"): State.UNKNOWN,
    ("resume", "not known"): State.WAITING,
    **{("request again", answer): State.WAITING for answer in UNDERSTOOD},
}
"""What comes of it: an error, or the state that is told."""


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_request_is_answered_about(verb: str, answer: str, road: Road, sent: Counter[str]) -> None:
    """The platform has the request, unless it says that it has not, or that it refused it."""
    training = road.toolkit.training
    assert training is not None
    if answer == "not known":
        never_sent(road, road.ask)
        sent.clear()
    else:
        asked = road.ask()
        if answer in UNDERSTOOD:
            training.decide(asked.key_id, deliver=False)
    (path,) = road.keystores
    file, content, keys = KeystoreFile.open(path, PASSWORD), path.read_bytes(), keys_of(road)
    before, word = sent.copy(), word_of(road, file.keystore.key_id)
    ANSWERS[answer](road)
    outcome, expected = attempt(road, verb, file), EXPECTED[verb, answer]
    if isinstance(expected, State):
        assert isinstance(outcome, (ProcedureResult, PlatformStatus))
        assert outcome.state is expected
    elif verb == "status":
        assert isinstance(outcome, PlatformStatus)
        assert type(outcome.unchecked) is expected
        assert outcome.next is Action.COMPLETE
    else:
        assert type(outcome) is expected
    assert path.read_bytes() == content
    assert keys <= keys_of(road)
    new = expected is State.WAITING
    assert sent - before == (Counter({"generateCertificate": 1}) if new else Counter())
    if answer not in UNDERSTOOD:
        assert word_of(road, file.keystore.key_id) == word
    if isinstance(outcome, ProcedureResult):
        same = outcome.key_id == file.keystore.key_id
        assert same is (answer == "not known"), "the same key is sent again only where it is not known"


def attempt(road: Road, verb: str, file: KeystoreFile) -> object:
    try:
        return VERBS[verb](road, file)
    except errors.EhToolkitError as error:
        return error


@pytest.mark.parametrize("verb", ["resume", "request again"])
@pytest.mark.parametrize("answer", ["Responder", "an invented code"])
def test_the_list_that_the_card_signs_tells_of_the_request(
    verb: str, answer: str, road: Road, sent: Counter[str]
) -> None:
    file = road.file(road.ask())
    ANSWERS[answer](road)
    road.wire.after.pop(LIST)
    with pytest.raises(errors.RequestWaiting) as waiting:
        VERBS[verb](road, file)
    assert waiting.value.facts == {"path": str(file.path)}
    assert sent == {"generateCertificate": 1}


@pytest.mark.parametrize("answer", UNSURE)
def test_a_second_press_sends_nothing_unless_the_key_is_not_known(
    answer: str, road: Road, sent: Counter[str]
) -> None:
    """The user insisted, the answer was lost, and the platform says nothing that is understood about the key."""
    card, context, requested = road.toolkit.open_card(), road.toolkit.context, road.requested
    signed = sign(fetch_contract(requested, context), requested, card, PIN, context)
    file = write_keystore(signed, PASSWORD, requested.name, context)
    ANSWERS[answer](road)
    road.wire.lost["generatecertificate"] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    with pytest.raises(errors.ResponseLost):
        submit_new(file, signed, context, insist=True)
    road.wire.lost.clear()
    with pytest.raises(FAULTS.get(answer, errors.RequestUnclear)):
        submit_new(file, signed, context, insist=True, retry=True)
    assert sent == {"generateCertificate": 1}
    assert file.path.exists()
    repair(road)
    assert submit_new(file, signed, context, insist=True, retry=True).state is State.WAITING
    assert sent == {"generateCertificate": 1}


@pytest.mark.parametrize("answer", UNSURE)
def test_a_refused_keystore_stays_unless_its_key_is_not_known(answer: str, road: Road) -> None:
    road.ask()

    def spoil(response: Response) -> Response:
        road.wire.after = {}
        ANSWERS[answer](road)
        return response

    road.wire.after["generatecertificate"] = spoil
    with pytest.raises(errors.PlatformRefused) as refused:
        road.ask(insist=True)
    assert refused.value.code == "CERT_ALREADY_REQUESTED"
    assert len(road.keystores) == 2
    repair(road)


def test_an_arrived_request_that_was_refused_is_not_said_to_wait(road: Road) -> None:
    """Its answer was lost."""
    training = road.toolkit.training
    assert training is not None
    training.switch("refused", True)
    road.wire.lost["generatecertificate"] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    with pytest.raises(errors.RequestRefused):
        road.ask()
    (path,) = road.keystores
    assert word_of(road, KeystoreFile.open(path, PASSWORD).keystore.key_id) == State.REFUSED


# ── a platform of which no code is known ─────────────────────────────────────────────────────────────────
def only_invented(road: Road) -> None:
    """Every refusal has a code that nobody knows, but for the one that is public."""
    for question in (*QUESTIONS, "generatecertificate", "submitCSRForForeigner", "getActorQualities"):
        road.wire.after[question] = with_codes(lambda code: f"X_{len(code)}")


def test_with_invented_codes_a_request_that_never_left_can_be_given_up(road: Road) -> None:
    never_sent(road, road.ask)
    (path,) = road.keystores
    file = KeystoreFile.open(path, PASSWORD)
    only_invented(road)
    with pytest.raises(errors.RequestUnclear) as unclear:
        complete(file, road.toolkit.context)
    assert (unclear.value.reason, unclear.value.words[:4]) == (None, "X_12")
    for verb in ("resume", "request again"):
        with pytest.raises(errors.RequestUnclear) as unclear:
            VERBS[verb](road, file)
        assert (unclear.value.reason, unclear.value.path) == ("unlisted", str(path))
    assert road.wire.count("generatecertificate") == 1, "the one that did not leave"

    outcome = road.ask(insist=True)
    assert (outcome.state, outcome.key_id == file.keystore.key_id) == (State.WAITING, False)
    archived = path.parent / ARCHIVE / path.name
    assert (road.keystores, archived.exists()) == ([outcome.keystore], True)
    road.wait()
    assert road.complete(outcome).state is State.COMPLETE
    with pytest.raises(errors.CertificateInForce):
        road.ask()
    repair(road)
    put_away = KeystoreFile.open(archived, PASSWORD)
    assert put_away.keystore.key_id == file.keystore.key_id
    require_resumable(put_away, road.toolkit.context)


def test_with_invented_codes_a_request_without_a_card_can_be_given_up(road: Road) -> None:
    context = road.toolkit.context
    never_sent(road, lambda: request_foreign(FOREIGN, PASSWORD, context), "submitCSRForForeigner")
    (path,) = road.keystores
    only_invented(road)
    for work in (
        lambda: complete(KeystoreFile.open(path, PASSWORD), context),
        lambda: resume_foreign(KeystoreFile.open(path, PASSWORD), FOREIGN, context),
        lambda: request_foreign(FOREIGN, PASSWORD, context),
    ):
        with pytest.raises(errors.RequestUnclear) as unclear:
            work()
        assert unclear.value.path == str(path)
    outcome = request_foreign(FOREIGN, PASSWORD, context, insist=True)
    assert outcome.state is State.WAITING
    assert road.keystores == [outcome.keystore]
    assert (path.parent / ARCHIVE / path.name).exists()


def renewed(road: Road, file: KeystoreFile, *, insist: bool = False) -> ProcedureResult:
    card, context = road.toolkit.open_card(), road.toolkit.context
    return renew(file, card, lambda _: PIN, PASSWORD, context, show=lambda _: None, insist=insist)


@pytest.mark.parametrize("top", [REQUESTER, RESPONDER])
def test_with_invented_codes_a_renewal_that_never_left_can_be_given_up(
    top: str, road: Road, life: Life
) -> None:
    old = life.due()
    never_sent(road, lambda: renewed(road, old))
    (path,) = set(road.keystores) - {old.path}
    only_invented(road)
    road.wire.after[KEY] = status_instead(top, INVENTED)
    with pytest.raises(errors.RequestUnclear) as unclear:
        renewed(road, old)
    assert (unclear.value.reason, unclear.value.path) == ("unlisted", str(path))
    assert status(old, road.toolkit.context).has("renewal_unclear")

    outcome = renewed(road, old, insist=True)
    assert outcome.state is State.WAITING
    assert sorted(road.keystores) == sorted([old.path, outcome.keystore])
    assert (path.parent / ARCHIVE / path.name).exists()
    repair(road)
    life.move("+1d")
    done = finish(KeystoreFile.open(outcome.keystore, PASSWORD), road.toolkit.context)
    assert done.outcome.state is State.ACTIVE


OF_NEWER: Final[Mapping[str, type[errors.EhToolkitError]]] = {
    "not known": errors.NeverSent,
    "refused": errors.NotReplaceable,  # the platform makes the newer one all the same
    "expired": errors.NotReplaceable,
    **FAULTS,
    **dict.fromkeys(("an invented code", "Responder", "Responder with a code"), errors.RequestUnclear),
}
"""What a renewal comes to, by the answer about a newer keystore of the holder."""


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_newer_renewal_is_answered_about(answer: str, road: Road, life: Life, sent: Counter[str]) -> None:
    old = life.due()
    newer = life.renew(old)
    context, before, keys = road.toolkit.context, sent.copy(), keys_of(road)
    ANSWERS[answer](road)
    for question in (INFO, LIST):
        road.wire.after.pop(question, None)
        road.wire.before.pop(question, None)
    with pytest.raises(OF_NEWER[answer]) as caught:
        renewed(road, old)
    if isinstance(caught.value, errors.NeverSent | errors.RequestUnclear):
        assert caught.value.path == str(newer.keystore)
    # The old one is active, and nothing is to be done with it: the newer one may be meant.
    for verb in (complete, activate):
        if answer in ("refused", "expired"):
            verb(old, context)
        else:
            with pytest.raises(OF_NEWER[answer]):
                verb(old, context)
    assert status(old, context).has("renewal_unclear") is (OF_NEWER[answer] is errors.RequestUnclear)
    assert sent == before
    assert keys == keys_of(road)


def test_a_renewal_in_the_list_is_not_given_up(road: Road, life: Life, sent: Counter[str]) -> None:
    old = life.due()
    newer = life.renew(old)
    road.wire.after[KEY] = status_instead(REQUESTER, INVENTED)
    before = sent.copy()
    for insist in (False, True):
        with pytest.raises(
            errors.RequestUnclear
        ):  # the platform does not let the old one be replaced, either
            renewed(road, old, insist=insist)
    road.wire.after[INFO] = lambda answer: replace(
        answer, body=answer.body.replace(b"Replaceable>false<", b"Replaceable>true<")
    )
    for insist in (False, True):
        with pytest.raises(errors.RequestWaiting) as waiting:
            renewed(road, old, insist=insist)
        assert waiting.value.facts["path"] == str(newer.keystore)
    assert sent == before
    assert newer.keystore.exists()


def test_a_renewal_that_may_wait_is_in_the_way_of_a_request(
    road: Road, life: Life, sent: Counter[str]
) -> None:
    """Another person of an organisation may have requested it: no list of this card tells."""
    old = life.due()
    newer = life.renew(old)
    sent.clear()
    life.move("+3mo")  # the old one is over
    road.wire.after[KEY] = road.wire.after[LIST] = status_instead(REQUESTER, INVENTED)
    with pytest.raises(errors.RequestUnclear) as unclear:
        road.ask()
    assert (unclear.value.path, unclear.value.reason) == (str(newer.keystore), None)
    assert sent == {}


@pytest.mark.parametrize(
    ("word", "error"), [("REFUSED", errors.RequestRefused), ("REVOKED", errors.WrongState)]
)
def test_a_request_that_is_over_in_the_list(
    word: str, error: type[errors.KeystoreError], road: Road, sent: Counter[str]
) -> None:
    """It is not resumed, and not in the way of another one."""
    file = road.file(road.ask())
    road.wire.after[KEY] = status_instead(REQUESTER, INVENTED)
    road.wire.after[LIST] = lambda answer: replace(
        answer,
        body=answer.body.replace(b"CertificateStatus>IN_PROGRESS<", b"CertificateStatus>%s<" % word.encode()),
    )
    with pytest.raises(error):
        resumed(road, file)
    assert sent == {"generateCertificate": 1}
    with pytest.raises(errors.PlatformRefused) as refused:  # this platform still makes the first one
        road.ask()
    assert refused.value.code == "CERT_ALREADY_REQUESTED"


def test_a_request_in_the_archive_is_completed_there(road: Road) -> None:
    asked = road.ask()
    archived = archive_keystore(asked.keystore)
    road.wait()
    assert complete(KeystoreFile.open(archived, PASSWORD), road.toolkit.context).state is State.COMPLETE


def test_an_old_keystore_of_which_the_platform_says_nothing_known_is_no_request(
    road: Road, life: Life
) -> None:
    """It has its decryption key, so that it does not wait."""
    file = life.first()
    life.move("+37mo")
    road.wire.after[KEY] = road.wire.after[LIST] = status_instead(REQUESTER, INVENTED)
    outcome = road.ask()
    assert outcome.key_id != file.keystore.key_id
    assert file.path.exists()


# ── installed: status, complete, activate, renew ─────────────────────────────────────────────────────────
INSTALLED: Final[Mapping[str, Callable[[Road, KeystoreFile], object]]] = {
    "complete": lambda road, file: complete(file, road.toolkit.context),
    "finish": lambda road, file: finish(file, road.toolkit.context),
    "activate": lambda road, file: activate(file, road.toolkit.context),
    "renew": lambda road, file: renewed(road, file),
    "status": lambda road, file: status(file, road.toolkit.context),
}


def strange_words(status: str, token: str) -> Spoil:
    def spoil(road: Road) -> None:
        def act(answer: Response) -> Response:
            body = answer.body.replace(
                b"CertificateStatus>VALID_ACTIVE<", b"CertificateStatus>%s<" % status.encode()
            )
            body = body.replace(b"ETKStatus>VALID_ACTIVE<", b"ETKStatus>%s<" % token.encode())
            assert body != answer.body
            return replace(answer, body=body)

        road.wire.after[INFO] = road.wire.after[LIST] = act

    return spoil


STRANGE: Final[Mapping[str, Spoil]] = {
    "certificate": strange_words("SUSPENDED", "VALID_ACTIVE"),
    "token": strange_words("VALID_ACTIVE", "ASLEEP"),
}


@pytest.mark.parametrize("word", STRANGE)
@pytest.mark.parametrize("verb", INSTALLED)
def test_nothing_is_changed_by_a_word_that_is_not_known(
    verb: str, word: str, road: Road, life: Life, sent: Counter[str]
) -> None:
    file = life.due()
    before, content, keys = sent.copy(), file.path.read_bytes(), keys_of(road)
    recorded = word_of(road, file.keystore.key_id)
    STRANGE[word](road)
    if verb == "status":
        platform_status = status(file, road.toolkit.context)
        assert (platform_status.state, platform_status.next, platform_status.has("words")) == (
            State.UNKNOWN,
            Action.RENEW,  # what was known stays; renewing refuses, see below
            True,
        )
        assert not platform_status.has("etk_missing")
    else:
        with pytest.raises(errors.StatusUnclear):
            INSTALLED[verb](road, file)
    assert sent == before
    assert (file.path.read_bytes(), keys_of(road)) == (content, keys)
    assert word_of(road, file.keystore.key_id) == recorded


def test_no_token_is_registered_while_its_word_is_not_known(
    road: Road, life: Life, sent: Counter[str]
) -> None:
    """A file with the certificate alone: the platform may have a token."""
    asked = life.ask()
    life.move("+1d")
    never_sent(
        road, lambda: complete(life.open(asked.keystore), road.toolkit.context), "startETKRegistration"
    )
    sent.clear()
    road.wire.after[INFO] = lambda answer: replace(
        answer, body=answer.body.replace(b"ETKStatus>NOT_REQUESTED<", b"ETKStatus>ASLEEP<")
    )
    with pytest.raises(errors.StatusUnclear):
        complete(life.open(asked.keystore), road.toolkit.context)
    assert sent == {}
    repair(road)
    assert complete(life.open(asked.keystore), road.toolkit.context).state is State.COMPLETE


@pytest.mark.parametrize("word", STRANGE)
def test_a_new_request_beside_a_word_that_is_not_known(
    word: str, road: Road, life: Life, sent: Counter[str]
) -> None:
    life.first()
    sent.clear()
    STRANGE[word](road)
    with pytest.raises(errors.StatusUnclear) as unclear:
        road.ask()
    assert unclear.value.reason == "request"
    assert sent == {}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("verb", INSTALLED)
def test_an_installed_certificate_is_answered_about(
    verb: str, answer: str, road: Road, life: Life, sent: Counter[str]
) -> None:
    """Neither a refusal nor silence about it is a word on its token."""
    file = life.due()
    before, content, keys = sent.copy(), file.path.read_bytes(), keys_of(road)
    recorded = word_of(road, file.keystore.key_id)
    ANSWERS[answer](road)
    if verb == "status":
        platform_status = status(file, road.toolkit.context)
        refused = answer in (*UNDERSTOOD, "an invented code")
        assert type(platform_status.unchecked) is (type(None) if refused else FAULTS[answer])
        assert platform_status.state is (State.UNKNOWN if refused else State.RENEWABLE)
    else:
        with pytest.raises(FAULTS.get(answer, errors.PlatformRefused)):
            INSTALLED[verb](road, file)
    assert sent == before
    assert (file.path.read_bytes(), keys_of(road)) == (content, keys)
    assert word_of(road, file.keystore.key_id) == recorded


@pytest.mark.parametrize("answer", [*ANSWERS, *STRANGE])
def test_an_activation_after_a_lost_answer(answer: str, road: Road, life: Life, sent: Counter[str]) -> None:
    _, new = life.renewed()
    sent.clear()

    def lose(_: Response) -> Response:
        {**ANSWERS, **STRANGE}[answer](road)
        road.wire.after.pop("activateETK")
        raise errors.PlatformTimeout(host="platform", seconds=30, sent=True)

    road.wire.after["activateETK"] = lose
    with pytest.raises(errors.ResponseLost):
        activate(new, road.toolkit.context)
    with pytest.raises(errors.PlatformError):
        activate(new, road.toolkit.context)
    repair(road)
    assert activate(new, road.toolkit.context).already
    assert sent == {"activateETK": 1}


@pytest.mark.parametrize("answer", [*ANSWERS, *STRANGE])
def test_a_registration_after_a_lost_answer(answer: str, road: Road, life: Life, sent: Counter[str]) -> None:
    asked = life.ask()
    life.move("+1d")
    sent.clear()

    def lose(_: Response) -> Response:
        {**ANSWERS, **STRANGE}[answer](road)
        road.wire.after.pop("completeETKRegistration")
        raise errors.PlatformTimeout(host="platform", seconds=30, sent=True)

    road.wire.after["completeETKRegistration"] = lose
    with pytest.raises(errors.ResponseLost):
        complete(life.open(asked.keystore), road.toolkit.context)
    keys = keys_of(road)
    with pytest.raises(errors.PlatformError):
        complete(life.open(asked.keystore), road.toolkit.context)
    repair(road)
    assert complete(life.open(asked.keystore), road.toolkit.context).state is State.COMPLETE
    assert sent == {"startETKRegistration": 1, "completeETKRegistration": 1}
    assert keys == keys_of(road)


# ── revoke ───────────────────────────────────────────────────────────────────────────────────────────────
def without_certificates(road: Road) -> None:
    """The list is empty."""
    road.wire.after[LIST] = status_instead(SUCCESS, "")


LISTS: Final[Mapping[str, Spoil]] = {
    **ANSWERS,
    "an empty list": without_certificates,
    "a word": lambda road: road.wire.after.update(
        {
            LIST: lambda answer: replace(
                answer, body=answer.body.replace(b"CertificateStatus>REVOKED<", b"CertificateStatus>GONE<")
            )
        }
    ),
}


@pytest.mark.parametrize("answer", LISTS)
def test_a_revocation_after_a_lost_answer(answer: str, road: Road, life: Life, sent: Counter[str]) -> None:
    file, card, context = life.first(), road.toolkit.open_card(), road.toolkit.context
    holding = by_key(file.keystore.key_id)(list_certificates(card, PIN, context))
    contract = fetch_revocation_contract(
        holding, card.identity().person, RevocationReason.SUPERSEDED, context
    )
    LISTS[answer](road)
    road.wire.lost['revoke"'] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    with pytest.raises(errors.ResponseLost):
        submit_revocation(holding, contract, card, PIN, context)
    road.wire.lost.clear()
    with pytest.raises((errors.PlatformError, errors.CertificateNotListed)):
        submit_revocation(holding, contract, card, PIN, context, retry=True)
    assert sent["revoke"] == 1
    repair(road)
    assert submit_revocation(holding, contract, card, PIN, context, retry=True).state is State.REVOKED
    assert sent["revoke"] == 1


@pytest.mark.parametrize("answer", UNSURE)
def test_a_word_that_is_over_is_not_erased(answer: str, road: Road, life: Life) -> None:
    """The first page still shows a revoked certificate as revoked after an answer that is not understood."""
    file, context = life.first(), road.toolkit.context
    revoke(
        road.toolkit.open_card(),
        lambda _: PIN,
        by_key(file.keystore.key_id),
        RevocationReason.SUPERSEDED,
        context,
        show=lambda _: None,
    )
    ANSWERS[answer](road)
    found = status(file, context)
    assert found.state is (State.UNKNOWN if found.checked else State.REVOKED)
    assert (found.standing.state, found.next) == (State.REVOKED, Action.REQUEST)
    seen = CachedStates.read(context.notes)
    shown = seen.of_file(file.path)
    assert shown is not None
    state = with_platform_word(
        shown.state(context.clock.now()), from_word(seen.word_of(file.keystore.key_id))
    )
    assert state is State.REVOKED


# ── the meanings ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("not known", KeyAnswer.NOT_KNOWN),
        ("refused", KeyAnswer.REFUSED),
        ("expired", KeyAnswer.EXPIRED),
        ("Responder", KeyAnswer.NO_ANSWER),
        ("Responder with a code", KeyAnswer.NO_ANSWER),
        ("an invented code", KeyAnswer.NOT_UNDERSTOOD),
        ("no answer", KeyAnswer.NO_ANSWER),
        ("an answer cut off", KeyAnswer.NO_ANSWER),
    ],
)
def test_every_answer_has_one_meaning(answer: str, meaning: KeyAnswer, road: Road) -> None:
    key_id, context = road.ask().key_id, road.toolkit.context
    assert ask_about_key(key_id, context).meaning is KeyAnswer.KNOWN
    ANSWERS[answer](road)
    assert ask_about_key(key_id, context).meaning is meaning
    if meaning is KeyAnswer.NO_ANSWER:
        with pytest.raises(errors.PlatformError):
            fetch_request_status(key_id, context)


@pytest.mark.parametrize("top", [REQUESTER, RESPONDER])
def test_a_certificate_that_is_not_delivered_yet_waits_with_each_top_status(top: str, road: Road) -> None:
    asked = road.ask()
    road.wire.after[KEY] = status_instead(top, "CERT_NOT_YET_DELIVERED")
    assert complete(road.file(asked), road.toolkit.context).state is State.WAITING


def test_the_list_counts_only_where_the_platform_gave_it(road: Road) -> None:
    card, context = road.toolkit.open_card(), road.toolkit.context
    assert fetch_applicant_info(card, PIN, context).listed
    ANSWERS["an invented code"](road)
    assert not fetch_applicant_info(card, PIN, context).listed
