"""What is in a JKS or JCEKS file: as much without its password as with it, but for proof and the keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.finding import Finding, error, info
from ehtoolkit.keystore.codec.contents import Key
from ehtoolkit.keystore.diagnosis.certificate_rules import certificate, chain
from ehtoolkit.keystore.diagnosis.content import (
    DiagnosisContext,
    FileContent,
    Rule,
    closed_content,
    opened_content,
)
from ehtoolkit.keystore.diagnosis.file import Outline
from ehtoolkit.keystore.diagnosis.format_rules import no_keystore
from ehtoolkit.keystore.diagnosis.key_rules import encryption, pairing
from ehtoolkit.keystore.diagnosis.protection_rules import wrong_password
from ehtoolkit.keystore.entries import serials_among
from ehtoolkit.keystore.repair.java_store import outline_java_store, read_java_store
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable

_RULES: Final[tuple[Rule, ...]] = (certificate, chain, encryption, pairing)
"""Those on what is in the file; protection and names of files are matters of PKCS#12."""
_CURED_BY_CONVERSION: Final = ("etk_alias_differs",)


class JavaPasswords(NamedTuple):
    """The password of the file, None without one, and that of its keys, None for the same one."""

    store: Secret | None
    key: Secret | None = None


class JavaContent(NamedTuple):
    """What was seen in a Java keystore, and what is to be said of its passwords."""

    content: FileContent
    findings: Sequence[Finding]


def look_into_java_store(data: bytes, passwords: JavaPasswords, *, keys: bool) -> JavaContent:
    """Return what is in a JKS or JCEKS file that is whole. Without ``keys``, private keys stay closed.

    Raises `errors.KeystoreError` for any other file.
    """
    visible = outline_java_store(data)
    if passwords.store is None:
        return JavaContent(closed_content(visible, opened=False), ())
    try:
        proven = closed_content(outline_java_store(data, passwords.store), opened=True)
        if not keys and proven.keystore is not None:
            return JavaContent(proven, (_whole(proven),))
        contents = read_java_store(data, passwords.store, passwords.key)
    except errors.KeystorePasswordWrong:
        return JavaContent(closed_content(visible, opened=False), tuple(wrong_password(passwords.store)))
    except errors.KeyPasswordWrong as refused:
        other = replace(
            error("key_password_other", alias=printable(refused.alias)), variant=refused.reason or ""
        )
        return JavaContent(closed_content(visible, opened=False), (other,))
    content = opened_content(contents)
    if content.failure is not None:
        return JavaContent(content, (no_keystore(content.failure),))
    return JavaContent(content, (_whole(content),))


def _whole(content: FileContent) -> Finding:
    return info("rescuable_whole", keys=len(content.keys), certificates=len(content.certificates))


def outline_of_java(keys: Sequence[Key]) -> Outline:
    """Return an outline with the keys alone: how these formats encrypt them is no matter for rules."""
    return Outline(
        keys=tuple(key.outline for key in keys),
        etk_serials=serials_among([key.alias for key in keys]),
        key_ciphers=(),
        safe_ciphers=(),
        iterations=(),
        mac=None,
        mac_iterations=None,
        last_written=None,
        open_keys=0,
        open_certificates=0,
        sealed=False,
        has_pbes2=False,
    )


def java_findings(context: DiagnosisContext) -> Iterator[Finding]:
    """Yield what is wrong with what is in a Java keystore."""
    for rule in _RULES:
        for finding in rule(context):
            if finding.key not in _CURED_BY_CONVERSION:
                yield finding
