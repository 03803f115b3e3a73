"""``message open``: open a sealed message, and report who sealed it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.message.shared import (
    AUTHORITY,
    describe_certificate,
    describe_findings,
    print_message_findings,
    trusted_authorities,
)
from ehtoolkit.cli.options import ENVIRONMENT, FILE, KEYSTORE_FOLDER, PASSWORDS, PATH, TRACE
from ehtoolkit.cli.terminal import echo
from ehtoolkit.ehealth.sealing.models import AddressedKey, LayerSignature, UnsealedMessage
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.procedures.messages import OpenedFile, addresses_of, keystores_with, open_file
from ehtoolkit.system.files import require_new
from ehtoolkit.toolkit import revocation_asker

Holding = dict[Path, tuple[AddressedKey, ...]]
"""By keystore, the keys of a message's recipients that it has."""


@command(PASSWORDS, ENVIRONMENT, TRACE, KEYSTORE_FOLDER)
@FILE
@click.option("-o", "--output", type=PATH)
@click.option("--keystore", type=PATH)
@click.option("--unproven", is_flag=True)
@click.option("--online", is_flag=True)
@AUTHORITY
def open_(
    session: Session,
    file: Path,
    output: Path | None,
    keystore: Path | None,
    unproven: bool,
    online: bool,
    authorities: tuple[Path, ...],
) -> int:
    """Open a sealed message, and show who has sealed it, when and for whom. Returns 0 when the content is proven, else
    1."""
    if output is not None:
        require_new(output)
    believed, now = trusted_authorities(session, authorities)
    try:
        holding = keystores_with(addresses_of(file), session.settings.keystores)
    except errors.FileUnreadable:
        if keystore is None:
            raise
        holding = {}  # the folder is not needed
    if keystore is None:
        keystore, reader = _first_that_opens(tuple(holding), session)
    else:
        reader = open_keystore(keystore, session.password_of(keystore))
    with revocation_asker(session.settings) if online else nullcontext() as ask:
        opened = open_file(file, reader, believed, now, output=output, unproven=unproven, ask_revocation=ask)
    opened = _naming_the_keystore(opened, holding)
    if session.options.as_json:
        session.print_json(_describe_opened(file, opened, keystore, holding, session))
    else:
        _tell_opened(session, file, opened, keystore, holding)
    return 0 if opened.message.proven else 1


def _first_that_opens(
    candidates: Sequence[Path], session: Session
) -> tuple[Path, Keystore] | tuple[None, None]:
    """Return the first of ``candidates`` that its password opens; (None, None) when there are no candidates.

    Raises `errors.OptionMissing` when no password was given and there is no terminal, and
    `errors.KeystorePasswordWrong` (reason ``candidates``) when none opens.
    """
    given = bool(session.options.passwords)
    for path in candidates:
        try:
            return path, open_keystore(path, session.password_of(path))
        except errors.KeystorePasswordWrong:
            continue
        except errors.OptionMissing:  # the table has no line for this file
            if not given:
                raise
    if candidates:
        files = ", ".join(path.name for path in candidates)
        raise errors.KeystorePasswordWrong(reason="candidates", files=files)
    return None, None


def _naming_the_keystore(opened: OpenedFile, holding: Holding) -> OpenedFile:
    """Return ``opened``; where the keystore lacks the key and another has it, the next step names that one."""
    if not holding:
        return opened
    path = str(next(iter(holding)))
    findings = tuple(
        replace(finding, variant="elsewhere", facts={**finding.facts, "file": path})
        if finding.key == "not_for_this_keystore"
        else finding
        for finding in opened.message.findings
    )
    return replace(opened, message=replace(opened.message, findings=findings))


def _describe_opened(
    file: Path, opened: OpenedFile, keystore: Path | None, holding: Holding, session: Session
) -> dict[str, Any]:
    found = opened.message
    return {
        "file": str(file),
        "state": str(found.state),
        "proven": found.proven,
        "content": None
        if found.size is None
        else {
            "file": None if opened.content is None else str(opened.content),
            "size": found.size,
            "sha256": found.sha256,
        },
        "signer": _describe_signer(found.outer),
        "content_signer": _describe_signer(found.inner),
        "signed_at": None if found.outer is None else found.outer.signed_at,
        "recipients": [
            {
                "serial": None if recipient.serial is None else str(recipient.serial),
                "key_identifier": recipient.key_identifier,
                "name": recipient.issuer,
                "known": recipient.known,
                "keystores": [str(path) for path, key_ids in holding.items() if recipient in key_ids],
            }
            for recipient in found.recipients
        ],
        "kgss_keys": _kgss_keys(found),
        "keystore": None if keystore is None else str(keystore),
        "opened_with": None if found.opened_with is None else str(found.opened_with),
        "findings": describe_findings(found.findings, session),
    }


def _describe_signer(signature: LayerSignature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    certificate = signature.certificate
    return {
        "serial": None if signature.serial is None else str(signature.serial),
        "signature_algorithm": signature.algorithm,
        "signed_at": signature.signed_at,
        "trusted": bool(signature.path),
        **({} if certificate is None else describe_certificate(certificate)),
    }


def _tell_opened(
    session: Session, file: Path, opened: OpenedFile, keystore: Path | None, holding: Holding
) -> None:
    get, found = session.texts.get, opened.message
    echo(get(f"cli.message.{found.state}", file=file, keystore=keystore))
    if found.size is not None:
        key = "cli.message.not_written" if opened.content is None else "cli.message.written"
        echo(get(key if found.proven else f"{key}_unproven", file=opened.content))
    echo("\n".join(_origin(session, found, holding)))
    print_message_findings(session, found.findings)


def _origin(session: Session, found: UnsealedMessage, holding: Holding) -> list[str]:
    get, lines = session.texts.get, []
    outer = found.outer
    if outer is not None and outer.certificate is not None:
        signer = describe_certificate(outer.certificate)
        name = ", ".join(filter(None, (signer["holder_name"], signer["holder"])))
        # Only what is proven is said without a reserve.
        key = "cli.message.signer" if found.proven else "cli.message.signer_stated"
        lines.append(get(key, name=name, serial=signer["serial"]))
    if outer is not None and outer.signed_at is not None:
        lines.append(get("cli.message.signed_at", date=outer.signed_at))
    for recipient in found.recipients:
        files = [path for path, key_ids in holding.items() if recipient in key_ids]
        key = "cli.message.recipient_known" if recipient.known or files else "cli.message.recipient"
        lines.append(get(key, name=recipient.issuer or "–", serial=recipient.key_name))
        lines += [get("cli.message.key_in", file=path) for path in files]
    return lines + [get("cli.message.kgss", id=key_id) for key_id in _kgss_keys(found)]


def _kgss_keys(found: UnsealedMessage) -> list[str]:
    return [base64.b64encode(key_id).decode() for key_id in found.symmetric_key_ids]
