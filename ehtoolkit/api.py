"""The public functions: each is one call of `ehtoolkit.client.Client` over a connection of its own.

What is asked on the way (a PIN, an acceptance) is a value or a function that the caller gives. ``settings``: None takes
those of the ``EHTOOLKIT_*`` variables. A wrong type is a `TypeError` that names the argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, overload

from ehtoolkit.arguments import Password, Passwords, PathLike, Paths, Pin, path_of, paths_of, secret_of
from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.display import ResultTuple
from ehtoolkit.keystore.storage import folder as keystore_folder
from ehtoolkit.keystore.storage import keystore_file

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.card.port import CardIdentity
    from ehtoolkit.client import Agree, Client
    from ehtoolkit.identity import ContactData, Organisation, Person
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.diagnosis import Diagnosis
    from ehtoolkit.keystore.keystore import Keystore
    from ehtoolkit.keystore.rewrite import Changed
    from ehtoolkit.keystore.storage.folder import FoundKeystore
    from ehtoolkit.procedures.activate import ActivationResult
    from ehtoolkit.procedures.certificate_list import ListedCertificate
    from ehtoolkit.procedures.certificate_test import CertificateTest
    from ehtoolkit.procedures.messages import OpenedFile, SealedFile
    from ehtoolkit.procedures.result import ProcedureResult
    from ehtoolkit.procedures.revoke import CompletedRevocation
    from ehtoolkit.procedures.state.standing import Standing
    from ehtoolkit.providers import Registry
    from ehtoolkit.settings import Settings


def _connected(settings: Settings | None) -> Client:
    """Open a connection for one call. Its modules are imported here: opening a keystore does not need them."""
    from ehtoolkit.client import connect
    from ehtoolkit.settings import load_settings

    return connect(settings=load_settings() if settings is None else settings)


def read_card(card: str | None = None, *, settings: Settings | None = None) -> CardIdentity:
    """Return who the holder of the card is; no PIN needed. ``card``: ``training:NAME`` or ``pkcs11:MODULE#READER``;
    None is the card of the settings, or the only one in a reader.

    Raises `errors.CardError`.

    >>> import ehtoolkit
    >>> ehtoolkit.read_card("training:elise").person.full_name
    'Élise Marie Vandamme'
    """
    with _connected(settings) as eh:
        return eh.read_card(card)


def request_certificate(
    contact: ContactData,
    *,
    password: Password,
    agree: Agree,
    pin: Pin = None,
    card: str | None = None,
    organisation: Organisation | None = None,
    application_id: str | None = None,
    settings: Settings | None = None,
) -> ProcedureResult:
    """Ask for a certificate for the card's holder, or for ``organisation``.

    Args:
        pin: the PIN, or a function that is called for each key with its name and gives it; None where the middleware
            or the reader asks.
        agree: gets the contract, has to show it, and raises `errors.TermsNotAccepted` to stop.
        password: of the new keystore.

    Raises what `ehtoolkit.procedures.request` raises; a private key that was made is then on disk.

    >>> from ehtoolkit import ContactData, complete_certificate, request_certificate
    >>> contact = ContactData("elise@example.be", "+32 2 555 01 42")
    >>> asked = request_certificate(
    ...     contact,
    ...     password="Kine-2026",
    ...     pin="1234",
    ...     card="training:elise",
    ...     agree=lambda contract: None,  # a program for people shows contract.texts["fr"]
    ... )
    >>> print(asked.state, "→", asked.next)
    waiting → complete
    """
    with _connected(settings) as eh:
        return eh.request_certificate(
            contact,
            password=password,
            agree=agree,
            pin=pin,
            card=card,
            organisation=organisation,
            application_id=application_id,
        )


def complete_certificate(
    keystore: PathLike, password: Password, *, settings: Settings | None = None
) -> ProcedureResult:
    """Install the certificate and make its encryption token, from wherever the file is.

    A certificate that is not delivered yet is an outcome (state ``waiting``), not an error. A file that was complete
    before is proven again (``already``); while a newer file of its holder takes its place, `errors.RequestWaiting`,
    `errors.AlreadyRenewed` (both with reason ``old``) or `errors.NeverSent` names that one. The example goes on with
    that of `request_certificate`:

    >>> import ehtoolkit
    >>> with ehtoolkit.connect() as eh:  # in training, time can be let go by
    ...     _ = eh.training.clock.move("+1d")
    ...     done = eh.complete_certificate(asked.keystore, "Kine-2026")
    >>> print(done.state, "→", done.next)
    complete → use
    """
    with _connected(settings) as eh:
        return eh.complete_certificate(keystore, password)


def certificate_status(
    keystore: PathLike, password: Password, *, settings: Settings | None = None
) -> Standing:
    """Return what the platform and the depot say of a keystore's certificate; no card needed. Where they cannot be
    asked, what the file alone says.

    >>> import ehtoolkit
    >>> standing = ehtoolkit.certificate_status(asked.keystore, "Kine-2026")
    >>> print(standing.state, [finding.key for finding in standing.findings])
    active ['depot_ours']
    """
    with _connected(settings) as eh:
        return eh.certificate_status(keystore, password)


def test_certificate(
    keystore: PathLike,
    password: Password,
    *,
    offline: bool = False,  # noqa: PT028  # no test of ours: that of a certificate
    settings: Settings | None = None,  # noqa: PT028
) -> CertificateTest:
    """Prove that a keystore works: its keys fit, messages that are sealed for it open, and the platform gives a
    session. Nothing is changed, and no assertion is kept.

    ``offline``: sends nothing, and proves what needs no network. What the platform does not answer is an amber line of
    the result, and raises nothing. Raises `errors.WrongEnvironment`, and what opening the keystore raises.

    >>> import ehtoolkit
    >>> test = ehtoolkit.test_certificate(asked.keystore, "Kine-2026")
    >>> print(test.colour, [line.thing.value for line in test.lines if line.colour != "green"])
    green []
    >>> print(ehtoolkit.test_certificate(asked.keystore, "Kine-2026", offline=True).verdict)
    offline
    """
    with _connected(settings) as eh:
        return eh.test_certificate(keystore, password, offline=offline)


def open_keystore(keystore: PathLike, password: Password) -> Keystore:
    """Return what is in a keystore: its holder, chain, environment and keys.

    Raises `errors.KeystoreError`, `errors.FileUnreadable`.

    >>> import ehtoolkit
    >>> keystore = ehtoolkit.open_keystore(asked.keystore, "Kine-2026")
    >>> print(keystore.environment, keystore.installed, len(keystore.encryption))
    training True 1
    """
    return keystore_file.open_keystore(path_of("keystore", keystore), secret_of("password", password))


def change_password(
    keystore: PathLike,
    password: Password,
    new_password: Password,
    *,
    profile: EncryptionProfile | str | None = None,
    settings: Settings | None = None,
) -> Changed:
    """Encrypt a keystore under another password, in its place. The result names the copy that still opens with the old
    one.

    ``profile``: ``compatible`` or ``modern``; None keeps how the file is protected, so that what opened it still does.

    Raises `errors.KeystorePasswordWrong`, `errors.PasswordNotAllowed`, and what
    `ehtoolkit.keystore.rewrite.change_password` raises. Then the file is as it was.

    >>> import ehtoolkit
    >>> changed = ehtoolkit.change_password(asked.keystore, "Kine-2026", "Kine-2027")
    >>> ehtoolkit.diagnose(asked.keystore, "Kine-2027").opened, ehtoolkit.diagnose(changed.backup, "Kine-2026").opened
    (True, True)
    >>> back = ehtoolkit.change_password(asked.keystore, "Kine-2027", "Kine-2026", profile="compatible")
    """
    with _connected(settings) as eh:
        return eh.change_password(keystore, password, new_password, profile=profile)


def find_keystores(folder: Paths) -> ResultTuple[FoundKeystore]:
    """Return the files in a folder, or in several, that are called like keystores, newest first; none where there is no
    such folder. Nothing is opened.

    Raises `errors.FileUnreadable` for a folder that may not be listed.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect() as eh:
    ...     found = ehtoolkit.find_keystores(eh.keystores)
    >>> [one.path == asked.keystore for one in found]
    [True]
    """
    return ResultTuple(
        one for each in paths_of("folder", folder) for one in keystore_folder.find_keystores(each)
    )


@overload  # a str is one path, although it could be many letters
def diagnose(  # type: ignore[overload-overlap]
    keystore: PathLike, password: Passwords = None, *, settings: Settings | None = None
) -> Diagnosis: ...
@overload
def diagnose(
    keystore: Iterable[PathLike], password: Passwords = None, *, settings: Settings | None = None
) -> ResultTuple[Diagnosis]: ...
def diagnose(
    keystore: Paths, password: Passwords = None, *, settings: Settings | None = None
) -> Diagnosis | ResultTuple[Diagnosis]:
    """Return what a file is and what is wrong with it; of several files a diagnosis each, in their order. Whatever is
    wrong is a finding, and raises nothing.

    ``password``: None says what shows without. For several files: one for all, a `Path` of a password table, passwords
    by file name or pattern (``{"*.p12": "…"}``), or a function of the path. Of several passwords the first that opens
    the file is used.

    >>> import ehtoolkit
    >>> ehtoolkit.diagnose(asked.keystore, "Kine-2026").severity
    <Severity.INFO: 'info'>
    >>> ehtoolkit.diagnose([asked.keystore], "wrong")[0].has("password_wrong")
    True
    """
    with _connected(settings) as eh:
        return eh.diagnose(keystore, password)


def renew_certificate(
    keystore: PathLike,
    password: Password,
    *,
    agree: Agree,
    pin: Pin = None,
    contact: ContactData | None = None,
    new_password: Password | None = None,
    card: str | None = None,
    settings: Settings | None = None,
) -> ProcedureResult:
    """Renew the certificate of a keystore: a new file beside it, with its decryption keys; the old one is untouched.

    ``pin`` and ``agree`` as in `request_certificate`. ``contact``: None sends what the platform has. The new file has
    ``new_password``, else the old one's. Raises what `ehtoolkit.procedures.renew` raises. The outcome is that of the
    new file, which is then completed and activated.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect() as eh:
    ...     _ = eh.training.clock.move("+34mo")
    ...     renewed = eh.renew_certificate(
    ...         asked.keystore, "Kine-2026", pin="1234", card="training:elise", agree=lambda contract: None
    ...     )
    ...     _ = eh.training.clock.move("+1d")
    ...     print(eh.complete_certificate(renewed.keystore, "Kine-2026").state)
    to_activate
    """
    with _connected(settings) as eh:
        return eh.renew_certificate(
            keystore,
            password,
            agree=agree,
            pin=pin,
            contact=contact,
            new_password=new_password,
            card=card,
        )


def activate_etk(
    keystore: PathLike, password: Password, *, settings: Settings | None = None
) -> ActivationResult:
    """Make the depot give out the token of a renewed keystore, and prove that it does; done before, it is proven
    only.

    The example goes on with that of `renew_certificate`:

    >>> import ehtoolkit
    >>> active = ehtoolkit.activate_etk(renewed.keystore, "Kine-2026")
    >>> print(active.outcome.state, active.retired == (asked.keystore,))
    active True
    """
    with _connected(settings) as eh:
        return eh.activate_etk(keystore, password)


def list_certificates(
    *, pin: Pin = None, card: str | None = None, settings: Settings | None = None
) -> ResultTuple[ListedCertificate]:
    """Return what the platform has for the card's holder and their organisations, also where file or password are lost;
    the newest request first. ``pin`` as in `request_certificate`; of the Authentication key alone.

    >>> import ehtoolkit
    >>> held = ehtoolkit.list_certificates(pin="1234", card="training:elise")
    >>> [str(one.state) for one in held]
    ['active', 'active']
    """
    with _connected(settings) as eh:
        return eh.list_certificates(pin=pin, card=card)


def revoke_certificate(
    key_id: str,
    reason: str,
    *,
    agree: Agree,
    pin: Pin = None,
    card: str | None = None,
    settings: Settings | None = None,
) -> CompletedRevocation:
    """Revoke a certificate of the card's holder, or of an organisation of theirs, and its ETK with it.

    Args:
        key_id: as `list_certificates` and the keystore have it.
        reason: one of `ehtoolkit.procedures.revoke.REASONS`, for example ``lost``.
        pin, agree: as in `request_certificate`.

    Raises what `ehtoolkit.procedures.revoke` raises. What is known for a new request is in the answer.

    >>> import ehtoolkit
    >>> gone = ehtoolkit.revoke_certificate(
    ...     held[-1].key_id, "replace", pin="1234", card="training:elise", agree=lambda contract: None
    ... )
    >>> print(gone.state, gone.keystore == asked.keystore)
    revoked True
    """
    with _connected(settings) as eh:
        return eh.revoke_certificate(key_id, reason, agree=agree, pin=pin, card=card)


def request_foreign_certificate(
    person: Person, contact: ContactData, password: Password, *, settings: Settings | None = None
) -> ProcedureResult:
    """Ask for a certificate for a person who has a BIS number and no card. The outcome's ``validation`` says where that
    person logs in and confirms it, and until when; then `complete_certificate`.

    >>> from ehtoolkit import ContactData, Niss, Person, request_foreign_certificate
    >>> person = Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez")
    >>> contact = ContactData("anais@example.org", "+33 1 99 00 01 42")
    >>> outcome = request_foreign_certificate(person, contact, "Kine-2026")
    >>> outcome.validation is not None
    True
    """
    with _connected(settings) as eh:
        return eh.request_foreign_certificate(person, contact, password)


def seal(
    content: PathLike,
    output: PathLike,
    keystore: PathLike,
    password: Password,
    *,
    recipients: Iterable[PathLike] = (),
    to_self: bool = False,
    authorities: Iterable[PathLike] = (),
    settings: Settings | None = None,
) -> SealedFile:
    """Seal a file for one or more holders of encryption tokens, signed with a keystore.

    Args:
        content: the file to seal, up to 99 MB.
        output: the new file; it must not exist.
        keystore: the sender's.
        password: of it.
        recipients: ``TYPE=ID[,APPID]`` of holders whose token the depot has, as ``str``; files with tokens, as `Path`.
        to_self: seal it for the keystore's own newest token, too.
        authorities: files with certificates to believe, beside those of the keystore.

    Raises what `ehtoolkit.procedures.messages.seal_file` raises, and `errors.RecipientUnusable`, also when there is
    neither a recipient nor ``to_self``.

    >>> from pathlib import Path
    >>> import ehtoolkit
    >>> size = Path("letter.txt").write_text("Beste collega")
    >>> sealed = ehtoolkit.seal("letter.txt", "letter.etee", asked.keystore, "Kine-2026", to_self=True)
    >>> Path("letter.etee").stat().st_size == sealed.message.size
    True
    """
    with _connected(settings) as eh:
        return eh.seal(
            content,
            output,
            keystore,
            password,
            recipients=recipients,
            to_self=to_self,
            authorities=authorities,
        )


def unseal(
    message: PathLike,
    keystore: PathLike,
    password: Password,
    output: PathLike | None = None,
    *,
    unproven: bool = False,
    online: bool = False,
    authorities: Iterable[PathLike] = (),
    settings: Settings | None = None,
) -> OpenedFile:
    """Open a sealed message and check all of it. Its ``message.proven`` says whether the content is to be believed.

    Args:
        message: the file, up to 100 MB.
        keystore: the reader's; its older encryption keys open older messages.
        password: of it.
        output: a new file for the content, written only when it is proven; None to check alone.
        unproven: write it, too, when it was opened and is not proven.
        online: ask the signer's authority whether the certificate is revoked.
        authorities: files with certificates to believe, beside those of the keystore.

    Raises what `ehtoolkit.procedures.messages.open_file` raises.

    >>> import ehtoolkit
    >>> opened = ehtoolkit.unseal("letter.etee", asked.keystore, "Kine-2026", "opened.txt")
    >>> opened.message.proven
    True
    """
    with _connected(settings) as eh:
        return eh.unseal(
            message,
            keystore,
            password,
            output,
            unproven=unproven,
            online=online,
            authorities=authorities,
        )


def audit(
    folder: Paths | None = None,
    passwords: Passwords = None,
    *,
    providers: Registry | bool = False,
    practice: str | None = None,
    due_within: timedelta | int = DUE_WITHIN,
    now: datetime | None = None,
    online: bool = False,
    language: str | None = None,
    processes: int = 2,
    executor: Executor | None = None,
    settings: Settings | None = None,
) -> Audit:
    """Return what is in folders of keystores and the folders within, and what is wrong with it; one folder or many,
    None is the keystore folder of the settings.

    The result is an `Audit`: pandas frames, and methods that write files, such as ``to_excel``.

    Args:
        passwords: one for all, a `Path` of a password table, passwords by file name or pattern, or a function of the
            path; None opens no file.
        providers: True, or a registry, compares the keystores with the registry of providers; ``practice`` then looks
            at one practice, and fails without a registry. True reads the training registry for folders of the training
            platform; for others only when training is named (``environment``). ``audit.registry`` says which was read.
        due_within: when the end of a certificate is near, days or a `timedelta`.
        now: aware; None is the training clock where training is looked at, else the computer's.
        online: asks the issuers what is revoked.
        language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``.
        processes: that read files; 1 stays in this one, and none runs the caller's script again.
        executor: its workers read the files, on this computer or, with
            `ehtoolkit.auditing.executors.open_cluster`, on many.

    A file or folder that cannot be read is a row or a finding and stops nothing.

    >>> import ehtoolkit
    >>> found = ehtoolkit.audit(passwords="Kine-2026", processes=1, language="en")
    >>> list(found.keystores["environment"].unique())
    ['training']
    """
    with _connected(settings) as eh:
        return eh.audit(
            folder,
            passwords,
            providers=providers,
            practice=practice,
            due_within=due_within,
            now=now,
            online=online,
            language=language,
            processes=processes,
            executor=executor,
        )
