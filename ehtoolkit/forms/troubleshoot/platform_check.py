"""Ask the platform about a file: what it says, and whether the certificate works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation import SETTLED, AskRevocation
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile, FileSays, PlatformCheck
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.certificate_test import CertificateTest, prove_certificate
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.standing import status
from ehtoolkit.secret import Secret

_HANDED_OVER: Final = "handed over"
"""Instead of the folder of a file that has none: there is no such folder, so nothing is found beside it."""


def can_be_asked(examined: ExaminedFile) -> bool:
    """Return whether the platform can be asked about the file: it is open, and a keystore is in it."""
    inventory = examined.inventory
    return examined.secret is not None and inventory is not None and inventory.is_keystore


def issuer_can_be_asked(examined: ExaminedFile) -> bool:
    """Return whether the issuer can be asked about the certificate of the file: it shows, and nothing was answered
    yet."""
    answered = any(finding.key in SETTLED for finding in examined.diagnosis.findings)
    return bool(examined.diagnosis.chain) and not answered


def ask(examined: ExaminedFile, secret: Secret, context: Context) -> PlatformCheck:
    """Ask platform and depot; a damaged file is asked about by what is sound in it.

    Raises `errors.WrongEnvironment`, and what reading the file raises. A platform that does not answer is no
    error: see `ehtoolkit.procedures.state.standing`.
    """
    file = _file_of(examined, secret, context.keystores)
    with _named(examined):
        standing = status(file, context)
    now = context.clock.now()
    return PlatformCheck(standing, FileSays.of(file.keystore, now), now)


def prove(
    examined: ExaminedFile, secret: Secret, context: Context, ask_revocation: AskRevocation
) -> CertificateTest:
    """Put the keystore to the test. Raises as `ask`."""
    file = _file_of(examined, secret, context.keystores)
    with _named(examined):
        return prove_certificate(file, context, ask_revocation=ask_revocation)


@contextmanager
def _named(examined: ExaminedFile) -> Iterator[None]:
    """Name the file in an `errors.WrongEnvironment` of the body as the page does."""
    try:
        yield
    except errors.WrongEnvironment as error:
        error.facts["path"] = visible(examined.name)
        raise


def _file_of(examined: ExaminedFile, secret: Secret, folder: Path) -> KeystoreFile:
    """Return the keystore of a file, to be read only. The name counts, since the time in it tells old from new; it
    leads out of no folder."""
    data = examined.read()
    keystore = Keystore.of(recover(data, secret).contents)
    name = visible(examined.name).replace("/", "\ufffd").replace("\\", "\ufffd")
    path = folder / _HANDED_OVER / name if examined.path is None else examined.path
    cache = DerivedKeyCache(secret)
    cache.close()
    return KeystoreFile(path, keystore, cache, EncryptionParams.new(EncryptionProfile.COMPATIBLE), data)
