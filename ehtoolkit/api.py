"""The public functions: each is one call of `ehtoolkit.client.Client` over a connection of its own.

Callers pass what a procedure asks for (a PIN, an acceptance) as a value or a function. ``settings``: None reads the
``EHTOOLKIT_*`` variables. A wrong type raises a `TypeError` that names the argument.
"""

# The bodies are the methods' own.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from ehtoolkit.api_arguments import Password, Passwords, PathLike, Paths, Pin, path_of, paths_of, secret_of
from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.keystore.storage import folder as keystore_folder
from ehtoolkit.keystore.storage import keystore_file
from ehtoolkit.result_display import ResultTuple

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.comparison import AuditComparison
    from ehtoolkit.card.port import CardIdentity
    from ehtoolkit.client import Agree
    from ehtoolkit.identity import ContactData, Organisation, Person
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
    from ehtoolkit.keystore.keystore import Keystore
    from ehtoolkit.keystore.repair.key_names import RenamedKey
    from ehtoolkit.keystore.rewrite import Changed, WrittenKeystore
    from ehtoolkit.keystore.storage.holder_file import HolderFile
    from ehtoolkit.procedures.activate import ActivationResult
    from ehtoolkit.procedures.certificate_list import ListedCertificate
    from ehtoolkit.procedures.certificate_test import CertificateTest
    from ehtoolkit.procedures.finish import FinishResult
    from ehtoolkit.procedures.messages import OpenedFile, SealedFile
    from ehtoolkit.procedures.result import ProcedureResult
    from ehtoolkit.procedures.revoke import CompletedRevocation
    from ehtoolkit.procedures.state.standing import Standing
    from ehtoolkit.providers import Registry
    from ehtoolkit.settings import Settings

P = ParamSpec("P")
Result = TypeVar("Result")


def _method_of_connection(function: Callable[P, Result]) -> Callable[P, Result]:
    """Return a function that connects, and calls the method of the same name with the same arguments.

    The modules of the connection are imported by the first call: opening a keystore does not need them.
    """

    @wraps(function)
    def call(*arguments: P.args, **named: P.kwargs) -> Result:
        from ehtoolkit.client import connect
        from ehtoolkit.settings import load_settings

        settings: Any = named.pop("settings", None)
        with connect(settings=load_settings() if settings is None else settings) as eh:
            method: Callable[..., Result] = getattr(eh, function.__name__)
            return method(*arguments, **named)

    return call


@_method_of_connection
def read_card(card: str | None = None, *, settings: Settings | None = None) -> CardIdentity:
    """Return the identity of the card's holder; needs no PIN.

    Args:
        card: ``training:NAME`` or ``pkcs11:MODULE#READER``; None uses the card of the settings, or the only card in a
            reader.

    Raises `errors.CardError`, for example `errors.CardAbsent`, `errors.MultipleCards` or `errors.ModuleMissing`.

    >>> import ehtoolkit
    >>> ehtoolkit.read_card("training:elise").person.full_name
    'Élise Marie Vandamme'
    """


@_method_of_connection
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
    """Request a certificate for the card's holder, or for ``organisation``. The private key is written to a new
    keystore in the keystore folder before anything is sent.

    Args:
        contact: the e-mail address and phone number that the platform gets.
        password: of the new keystore.
        agree: called with the `Contract`; it must show it, and raises `errors.TermsNotAccepted` to stop.
        pin: the PIN, or a function that returns it for the name of a key (``Authentication``, then ``Signature``);
            None when the middleware or the reader asks.
        card: as in `read_card`.
        organisation: the certificate is for this organisation, of which the card's holder is a representative.
        application_id: tells several certificates of one organisation apart; only with ``organisation``.

    Raises before anything is sent: `errors.CardError`, `errors.PinError`, `errors.PasswordNotAllowed`,
    `errors.NotEntitled` (the card's holder may not request for the organisation), and when another request or
    certificate of the same holder stands in the way `errors.RequestWaiting`, `errors.NeverSent`,
    `errors.CertificateInForce` or `errors.ApplicationIdTaken`. `errors.PlatformError` when the platform cannot be
    reached or refuses. If it is unknown whether the request arrived, the error is one of ``errors.OUTCOME_UNKNOWN``
    and the keystore is on disk: call `complete_certificate`, which asks the platform.

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


@_method_of_connection
def complete_certificate(
    keystore: PathLike, password: Password, *, settings: Settings | None = None
) -> ProcedureResult:
    """Install the certificate in its keystore and make its encryption token (ETK). The file may be in any folder.

    A certificate that is not delivered yet is a result (state ``waiting``), not an error. A complete file is checked
    again (``already``).

    Raises what `open_keystore` raises, `errors.WrongEnvironment`, `errors.NeverSent` (the platform does not know the
    key), `errors.RequestRefused`, `errors.ValidationOverdue`, `errors.EtkKeyMissing` (the platform has a token whose
    key is not in the file) and `errors.PlatformError`. When the holder has a newer file, `errors.RequestWaiting`,
    `errors.AlreadyRenewed` (both with reason ``old``) or `errors.NeverSent` names it. The example continues that of
    `request_certificate`:

    >>> import ehtoolkit
    >>> with ehtoolkit.connect() as eh:  # in training, you can move the clock
    ...     _ = eh.training.clock.move("+1d")
    ...     done = eh.complete_certificate(asked.keystore, "Kine-2026")
    >>> print(done.state, "→", done.next)
    complete → use
    """


@_method_of_connection
def certificate_status(
    keystore: PathLike, password: Password, *, settings: Settings | None = None
) -> Standing:
    """Return the state of a keystore's certificate according to the platform and the depot; needs no card. When they
    cannot be reached, the state according to the file alone, and ``checked`` is False.

    Raises what `open_keystore` raises, and `errors.WrongEnvironment`.

    >>> import ehtoolkit
    >>> standing = ehtoolkit.certificate_status(asked.keystore, "Kine-2026")
    >>> print(standing.state, [finding.key for finding in standing.findings])
    active ['depot_ours']
    """


@_method_of_connection
def test_certificate(
    keystore: PathLike,
    password: Password,
    *,
    offline: bool = False,  # noqa: PT028  # no test of ours: that of a certificate
    settings: Settings | None = None,  # noqa: PT028
) -> CertificateTest:
    """Check that a keystore works: its keys fit, it opens messages that are sealed for it, and the platform gives it a
    session. Changes nothing, and keeps no assertion.

    ``offline``: sends nothing, and checks what needs no network. A check that the platform does not answer is an amber
    line of the result, not an error. Raises `errors.WrongEnvironment`, and what opening the keystore raises.

    >>> import ehtoolkit
    >>> test = ehtoolkit.test_certificate(asked.keystore, "Kine-2026")
    >>> print(test.colour, [line.thing.value for line in test.lines if line.colour != "green"])
    green []
    >>> print(ehtoolkit.test_certificate(asked.keystore, "Kine-2026", offline=True).verdict)
    offline
    """


def open_keystore(keystore: PathLike, password: Password) -> Keystore:
    """Return the contents of a keystore: holder, chain, environment and keys.

    Args:
        keystore: a PKCS#12 file, up to 1 MB.

    Raises `errors.KeystoreNotFound`, `errors.KeystorePasswordWrong`, `errors.NotAKeystore`, `errors.KeystoreDamaged`,
    `errors.KeystoreUnsupported`, `errors.LimitExceeded` and `errors.FileUnreadable`.

    >>> import ehtoolkit
    >>> keystore = ehtoolkit.open_keystore(asked.keystore, "Kine-2026")
    >>> print(keystore.environment, keystore.installed, len(keystore.encryption))
    training True 1
    """
    return keystore_file.open_keystore(path_of("keystore", keystore), secret_of("password", password))


@_method_of_connection
def change_password(
    keystore: PathLike,
    password: Password,
    new_password: Password,
    *,
    profile: EncryptionProfile | str | None = None,
    settings: Settings | None = None,
) -> Changed:
    """Encrypt a keystore with another password. The result names the backup, which still opens with the old one.

    Args:
        profile: ``compatible`` (3DES, HMAC-SHA1) or ``modern`` (AES-256, HMAC-SHA256); None keeps the present
            protection, so that the same software can open it.

    Raises `errors.KeystorePasswordWrong`, `errors.PasswordNotAllowed`, `errors.DuplicateAlias`, `errors.FileBusy`,
    `errors.FolderNotWritable`, `errors.DiskFull` and `errors.WriteFailed`. The file is then unchanged.

    >>> import ehtoolkit
    >>> changed = ehtoolkit.change_password(asked.keystore, "Kine-2026", "Kine-2027")
    >>> ehtoolkit.diagnose(asked.keystore, "Kine-2027").opened, ehtoolkit.diagnose(changed.backup, "Kine-2026").opened
    (True, True)
    >>> back = ehtoolkit.change_password(asked.keystore, "Kine-2027", "Kine-2026", profile="compatible")
    """


@_method_of_connection
def rename_key(
    keystore: PathLike, password: Password, key: str, new_name: str, *, settings: Settings | None = None
) -> RenamedKey:
    """Give a private key of a keystore, and its certificate, another name. ``key``: its name, its position (``#1``) or
    its key identifier. The result names the backup.

    eHealth software looks for the key that signs under the name ``authentication``; ``authentication_missing`` of the
    result says that no key is called so any more.

    Raises `errors.KeyNotFound`, `errors.DuplicateAlias`, `errors.InputInvalid`, and what opening the keystore raises.

    >>> import ehtoolkit
    >>> named = ehtoolkit.rename_key(asked.keystore, "Kine-2026", "authentication", "old")
    >>> named.authentication_missing
    True
    >>> ehtoolkit.rename_key(asked.keystore, "Kine-2026", "#1", "authentication").old
    'old'
    """


@_method_of_connection
def import_keys(
    sources: Paths,
    output: PathLike,
    new_password: Password | None = None,
    *,
    passwords: Passwords = None,
    key_password: Password | None = None,
    alias: str | None = None,
    profile: EncryptionProfile | str = "compatible",
    settings: Settings | None = None,
) -> Keystore:
    """Make one PKCS#12 keystore of private keys and certificates in files: PEM, DER, PKCS#12 (PFX), JKS, JCEKS. Keys
    and certificates are matched by public key. Returns the new keystore.

    Args:
        sources: the files, which are not changed.
        output: the new file; it must not exist.
        new_password: of the new file; None keeps the password of the sources, when they all have the same.
        passwords: of the sources, as in `diagnose`.
        key_password: of private keys that their file's password does not open (JKS, JCEKS, PEM).
        alias: the name of the only key; None keeps its name. eHealth software expects ``authentication``.
        profile: ``compatible`` or ``modern``.

    Raises `errors.ImportConflict`, `errors.KeyPasswordWrong`, `errors.DuplicateAlias`, and what reading the sources
    and writing a keystore raises.

    >>> import ehtoolkit
    >>> made = ehtoolkit.import_keys(asked.keystore, "imported.p12", passwords="Kine-2026")
    >>> made.key_id == ehtoolkit.open_keystore(asked.keystore, "Kine-2026").key_id
    True
    """


@_method_of_connection
def convert_keystore(
    keystore: PathLike,
    password: Password,
    output: PathLike,
    *,
    new_password: Password | None = None,
    profile: EncryptionProfile | str = "compatible",
    settings: Settings | None = None,
) -> WrittenKeystore:
    """Write all keys and certificates of a keystore to a new PKCS#12 file. Reads PKCS#12, JKS and JCEKS, also files
    that a transfer changed, for example into base64 text. The source is not changed.

    Args:
        keystore: the source, up to 1 MB.
        password: of the source.
        output: the new file; it must not exist.
        new_password: of the new file; None keeps the password.
        profile: ``compatible`` (3DES, HMAC-SHA1) or ``modern`` (AES-256, HMAC-SHA256).

    Raises `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged` (use `rescue_keystore`), `errors.NotAKeystore`,
    `errors.PasswordNotAllowed`, `errors.FileExists`, and `errors.FolderNotWritable`. There is then no new file.

    >>> import base64
    >>> from pathlib import Path
    >>> import ehtoolkit
    >>> size = Path("mailed.txt").write_bytes(base64.encodebytes(asked.keystore.read_bytes()))
    >>> written = ehtoolkit.convert_keystore("mailed.txt", "Kine-2026", "from-mail.p12")
    >>> print(written.keys, ehtoolkit.diagnose(written.path, "Kine-2026").opened)
    2 True
    """


@_method_of_connection
def rescue_keystore(
    keystore: PathLike,
    password: Password,
    output: PathLike,
    *,
    new_password: Password | None = None,
    profile: EncryptionProfile | str = "compatible",
    settings: Settings | None = None,
) -> WrittenKeystore:
    """Save the keys and certificates of a damaged keystore that are proven intact in a new PKCS#12 file. ``lost`` of
    the result lists the rest. The damaged file is not changed.

    The arguments are those of `convert_keystore`.

    Raises `errors.KeystoreDamaged` when nothing can be saved, and what `convert_keystore` raises.

    >>> from pathlib import Path
    >>> import ehtoolkit
    >>> whole = asked.keystore.read_bytes()
    >>> size = Path("half.p12").write_bytes(whole[: len(whole) * 3 // 4])
    >>> rescued = ehtoolkit.rescue_keystore("half.p12", "Kine-2026", "rescued.p12")
    >>> print(rescued.keys, [lost.kind for lost in rescued.lost])
    2 ['certificates', 'rest']
    """


def find_keystores(folder: Paths) -> ResultTuple[HolderFile]:
    """Return the files in one or more folders whose names are those of keystores, newest first. A missing folder has
    none. Opens no file.

    Raises `errors.FileUnreadable` for a folder that cannot be listed.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect() as eh:
    ...     found = ehtoolkit.find_keystores(eh.keystores)
    >>> [keystore.path == asked.keystore for keystore in found]
    [True]
    """
    return ResultTuple(
        keystore for path in paths_of("folder", folder) for keystore in keystore_folder.find_keystores(path)
    )


def read_passwords(table: Paths) -> PasswordPatterns:
    """Return the passwords of one or more tables, in their order: CSV files with the columns ``pattern`` and
    ``password``, in UTF-8, UTF-16 or Windows-1252. Give the result as ``passwords`` to `audit` or `diagnose`;
    ``of(path)`` is the password of one file.

    Raises `errors.PasswordTableInvalid` and `errors.FileUnreadable`.

    >>> from pathlib import Path
    >>> import ehtoolkit
    >>> size = Path("passwords.csv").write_text("pattern;password\\nSSIN=79*;Kine-2026\\n")
    >>> passwords = ehtoolkit.read_passwords("passwords.csv")
    >>> passwords.of(Path("SSIN=79031421872 20261124-101204.p12"))
    Secret(***)
    """
    return PasswordPatterns.merge(map(PasswordPatterns.read, paths_of("table", table)))


@overload  # a str is one path, although it could be many letters
def diagnose(  # type: ignore[overload-overlap]
    keystore: PathLike, password: Passwords = None, *, settings: Settings | None = None
) -> Diagnosis: ...
@overload
def diagnose(
    keystore: Iterable[PathLike], password: Passwords = None, *, settings: Settings | None = None
) -> ResultTuple[Diagnosis]: ...
@_method_of_connection
def diagnose(
    keystore: Paths, password: Passwords = None, *, settings: Settings | None = None
) -> Diagnosis | ResultTuple[Diagnosis]:
    """Return what a file is and what is wrong with it; for several files, a diagnosis of each, in their order. Problems
    are findings, not errors, and so is a file that cannot be read.

    Args:
        keystore: one file or many.
        password: None checks only what needs no password. For several files: one password for all, a `Path` of a
            password table or the tables of `read_passwords`, passwords by file name or pattern (``{"*.p12": "…"}``), or
            a function of the path. The first password that opens the file is used.

    >>> import ehtoolkit
    >>> ehtoolkit.diagnose(asked.keystore, "Kine-2026").severity
    <Severity.INFO: 'info'>
    >>> ehtoolkit.diagnose([asked.keystore], "wrong")[0].has("password_wrong")
    True
    """


@_method_of_connection
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
    """Renew the certificate of a keystore, in a new file beside it with the same decryption keys; the old file is not
    changed. The result is about the new file, which must then be completed and activated.

    Args:
        pin, agree, card: as in `request_certificate`.
        contact: None sends the details that the platform has.
        new_password: of the new file; None takes the old password.

    Raises `errors.RenewalTooEarly` (with the date from which the platform allows it), `errors.NotReplaceable`,
    `errors.WrongState` (the certificate was revoked, has expired or is not installed),
    `errors.DifferentKeystoreHolder` (the card is another person's), `errors.NotEntitled`,
    `errors.PasswordNotAllowed`, `errors.PasswordReused`, and what `request_certificate` and `open_keystore` raise.

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


@_method_of_connection
def activate_etk(
    keystore: PathLike, password: Password, *, settings: Settings | None = None
) -> ActivationResult:
    """Activate the token (ETK) of a renewed keystore at the depot, and check it there; an active token is only checked.

    Raises `errors.WrongState` (not complete, expired or revoked), `errors.AlreadyRenewed` (the file is the old one),
    `errors.EtkKeyMissing`, `errors.ResponseUntrusted` (reason ``not_switched``: the depot still publishes another
    token), `errors.PlatformError`, and what `open_keystore` raises.

    The example continues that of `finish_certificate`:

    >>> import ehtoolkit
    >>> active = ehtoolkit.activate_etk(renewed.keystore, "Kine-2026")
    >>> print(active.outcome.state, active.retired == (asked.keystore,))
    active True
    """


@_method_of_connection
def finish_certificate(
    keystore: PathLike, password: Password, *, archive: bool = False, settings: Settings | None = None
) -> FinishResult:
    """Complete a request or a renewal, activate its token (ETK) where it replaces another one, and test the keystore.
    After an error, the same call goes on with the step that failed.

    ``archive``: also move the files that this one replaces into the sub-folder ``archive``, unless the test is red.
    Raises what `complete_certificate` and `activate_etk` raise. A certificate that is not delivered yet is a result.
    The example continues that of `renew_certificate`:

    >>> import ehtoolkit
    >>> done = ehtoolkit.finish_certificate(renewed.keystore, "Kine-2026")
    >>> print(done.test.colour, {str(step): str(status) for step, status in done.steps.items()})
    green {'install': 'already', 'etk': 'already', 'activate': 'done', 'test': 'done', 'archive': 'open'}
    """


@_method_of_connection
def list_certificates(
    *, pin: Pin = None, card: str | None = None, settings: Settings | None = None
) -> ResultTuple[ListedCertificate]:
    """Return the certificates that the platform has for the card's holder and their organisations, newest request
    first, also those whose file or password is lost.

    Args:
        pin, card: as in `request_certificate`; only the Authentication key is used.

    Raises `errors.CardError`, `errors.PlatformError` and `errors.FileUnreadable`.

    >>> import ehtoolkit
    >>> held = ehtoolkit.list_certificates(pin="1234", card="training:elise")
    >>> [str(certificate.state) for certificate in held]
    ['active', 'active']
    """


@_method_of_connection
def revoke_certificate(
    key_id: str,
    reason: str,
    *,
    agree: Agree,
    pin: Pin = None,
    card: str | None = None,
    settings: Settings | None = None,
) -> CompletedRevocation:
    """Revoke a certificate of the card's holder or of one of their organisations, with its ETK.

    Args:
        key_id: from `list_certificates`, or from the keystore: 40 hexadecimal digits.
        reason: ``forgotten``, ``lost``, ``replace``, ``compromised``, ``changed`` or ``stopped``, or one of the
            platform's own four (RFC 5280): ``keyCompromise``, ``affiliationChanged``, ``superseded``,
            ``cessationOfOperation``.
        pin, agree, card: as in `request_certificate`.

    Raises `errors.InputInvalid` for another reason, `errors.CertificateNotListed`, `errors.NotRevocable`,
    `errors.CardError` and `errors.PlatformError`. The result has the details for a new request.

    >>> import ehtoolkit
    >>> gone = ehtoolkit.revoke_certificate(
    ...     held[-1].key_id, "replace", pin="1234", card="training:elise", agree=lambda contract: None
    ... )
    >>> print(gone.state, gone.keystore == asked.keystore)
    revoked True
    """


@_method_of_connection
def request_foreign_certificate(
    person: Person, contact: ContactData, password: Password, *, settings: Settings | None = None
) -> ProcedureResult:
    """Request a certificate for a person who has a BIS number and no card. The result's ``validation`` says where that
    person logs in to confirm it, and until when. Then call `complete_certificate`.

    Args:
        password: of the new keystore.

    Raises `errors.PasswordNotAllowed`, `errors.RequestWaiting`, `errors.NeverSent` and `errors.PlatformError`.

    >>> from ehtoolkit import ContactData, Niss, Person, request_foreign_certificate
    >>> person = Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez")
    >>> contact = ContactData("anais@example.org", "+33 1 99 00 01 42")
    >>> outcome = request_foreign_certificate(person, contact, "Kine-2026")
    >>> outcome.validation is not None
    True
    """


@_method_of_connection
def save_etk(holder: str, output: PathLike, *, settings: Settings | None = None) -> Path:
    """Write the signed token (ETK) that the depot has for ``TYPE=ID[,APPID]`` to a new file, and return its path.
    `seal` takes it as a recipient.

    Raises `errors.RecipientUnusable`, `errors.IdentifierInvalid`, `errors.FileExists`, `errors.PlatformError`.

    >>> import ehtoolkit
    >>> token = ehtoolkit.save_etk(keystore.holder.identifier.text, "elise.etk")
    >>> token.name
    'elise.etk'
    """


@_method_of_connection
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
        recipients: holders whose token the depot has, ``TYPE=ID[,APPID]`` as ``str``; files with tokens as `Path`.
        to_self: also seal it for the keystore's own newest token.
        authorities: files with certificates to trust, besides those of the keystore.

    Raises `errors.RecipientUnusable` (no token, or no recipient at all), `errors.SenderUnusable`,
    `errors.CertificateMissing`, `errors.MessageTooLarge`, `errors.FileExists`, `errors.FileUnreadable`, and what
    `open_keystore` raises. There is then no new file.

    >>> from pathlib import Path
    >>> import ehtoolkit
    >>> size = Path("letter.txt").write_text("Beste collega")
    >>> sealed = ehtoolkit.seal("letter.txt", "letter.etee", asked.keystore, "Kine-2026", to_self=True)
    >>> Path("letter.etee").stat().st_size == sealed.message.size
    True
    """


@_method_of_connection
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
    """Open a sealed message and check all of it. ``message.proven`` of the result says whether to trust the content.

    Args:
        message: the file, up to 100 MB.
        keystore: the reader's; its older encryption keys open older messages.
        password: of it.
        output: a new file for the content, written only when it is proven; None only checks the message.
        unproven: also write content that is not proven.
        online: ask the signer's authority whether the certificate is revoked.
        authorities: files with certificates to trust, besides those of the keystore.

    A message that is damaged, or for another holder, is a result with findings. Raises `errors.FileUnreadable`,
    `errors.MessageTooLarge`, `errors.FileExists`, and what `open_keystore` raises.

    >>> import ehtoolkit
    >>> opened = ehtoolkit.unseal("letter.etee", asked.keystore, "Kine-2026", "opened.txt")
    >>> opened.message.proven
    True
    """


@_method_of_connection
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
    """Return the keystores in one or more folders and their subfolders, and what is wrong with them. None: the keystore
    folder of the settings.

    The result is an `Audit`: pandas frames, and methods that write files, such as ``to_excel``.

    Args:
        passwords: one for all, a `Path` of a password table, the tables of `read_passwords`, passwords by file name or
            pattern, or a function of the path; None opens no file.
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

    A file or folder that cannot be read is a row or a finding and stops nothing. Raises `errors.PracticeUnknown`,
    `errors.RegistryError`, and `errors.PasswordTableInvalid` for a malformed password table.

    >>> import ehtoolkit
    >>> found = ehtoolkit.audit(passwords="Kine-2026", processes=1, language="en")
    >>> list(found.keystores["environment"].unique())
    ['training']
    """


def compare_audits(
    earlier: Audit | PathLike, later: Audit | PathLike, *, language: str | None = None
) -> AuditComparison:
    """Return what changed from one audit to another: keystores that are new, renewed, moved, gone, worse or better, or
    have another certificate.

    Args:
        earlier, later: an `Audit`, or the path of one that ``to_json`` wrote, or ``to_csv`` with ``table="keystores"``
            or ``"merged"``. Save with ``full=True``: where NISS numbers of one are masked, those of the other are too,
            and two persons of one birthday may be mistaken for one another. Audits of two folders are compared file by
            file, by the path in the folder.
        language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``.

    Raises `errors.SavedAuditInvalid` and `errors.FileUnreadable`.

    >>> import ehtoolkit
    >>> saved = ehtoolkit.audit(passwords="Kine-2026", processes=1)
    >>> saved.to_json("last-month.json", full=True)
    >>> comparison = ehtoolkit.compare_audits("last-month.json", saved, language="en")
    >>> len(comparison.changes), comparison.is_due
    (0, False)
    """
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.comparison import AuditState, compare_states, read_saved_audit
    from ehtoolkit.i18n import LANGUAGES, Translator, language_of
    from ehtoolkit.type_errors import checked_choice

    before, after = (
        AuditState.of(audit) if isinstance(audit, Audit) else read_saved_audit(path_of(argument, audit))
        for argument, audit in (("earlier", earlier), ("later", later))
    )
    given = None if language is None else checked_choice("language", language, LANGUAGES)
    return compare_states(before, after, Translator(language_of(given)))
