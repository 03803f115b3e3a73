"""``ehtoolkit message``: seal a file for others, and open what they have sealed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.findings import FindingLines, print_lines
from ehtoolkit.cli.help.command import LocalisedGroup
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate

    from ehtoolkit.ehealth.sealing.message import (
        AddressedKey,
        LayerSignature,
        TrustedAuthorities,
        UnsealedMessage,
    )
    from ehtoolkit.finding import Finding
    from ehtoolkit.keystore.keystore import Keystore
    from ehtoolkit.procedures.messages import MessageRecipient, OpenedFile, SealedFile

    Holding = dict[Path, tuple[AddressedKey, ...]]

_PATH = click.Path(path_type=Path)
_FILE = click.argument("file", type=_PATH)
_AUTHORITY = click.option(
    "--authority",
    "authorities",
    type=_PATH,
    multiple=True,
    help="File with the certificate of an authority to believe, beside those of the keystore.",
)


@click.group(cls=LocalisedGroup, help="Sealed messages (end-to-end encryption with ETKs).")
def message() -> None:
    """Group the commands that seal and open messages."""


@message.command(
    "seal", help="Seal FILE for one or more holders: signed with your keystore, encrypted with their ETKs."
)
@_FILE
@click.option("-o", "--output", type=_PATH, required=True, help="The new file.")
@click.option("--keystore", type=_PATH, required=True, help="Your keystore, which signs.")
@click.option(
    "--to", "holders", metavar="TYPE=ID[,APPID]", multiple=True, help="A holder whose ETK the depot has."
)
@click.option(
    "--etk",
    "tokens",
    type=_PATH,
    multiple=True,
    help="File with the signed ETK of a recipient; a certificate does not do.",
)
@click.option("--to-self", is_flag=True, help="For your own keystore, too: you cannot open it otherwise.")
@_AUTHORITY
@shared
def seal(
    session: Session,
    file: Path,
    output: Path,
    keystore: Path,
    holders: tuple[str, ...],
    tokens: tuple[Path, ...],
    to_self: bool,
    authorities: tuple[Path, ...],
) -> int:
    from ehtoolkit.keystore.storage.keystore_file import open_keystore
    from ehtoolkit.procedures.messages import (
        authorities_in_files,
        own_recipient,
        seal_file,
        token_at_depot,
        token_in_file,
    )

    if not (holders or tokens or to_self):
        raise errors.OptionMissing(option="--to")
    depot = session.toolkit.parts if holders else None  # confirmed before anything is read
    believed, now = _judgement(session)
    believed = believed.with_anchors(authorities_in_files(authorities).anchors)
    sender = open_keystore(keystore, session.password_of(keystore))
    believed = believed.adding(sender.chain)
    recipients = [token_in_file(one, believed, now) for one in tokens]
    if depot is not None:
        recipients += [token_at_depot(one, depot, believed) for one in holders]
    if to_self:
        recipients.append(own_recipient(sender))
    done = seal_file(file, output, recipients, sender, now)
    session.warn_of_clock()
    if session.options.as_json:
        session.result(_describe_sealed(file, done, sender, session), "")
        return 0
    echo(session.texts.get("cli.message.sealed", file=done.path))
    for one in done.recipients:
        echo(session.texts.get("cli.message.recipient", name=_recipient_name(one), serial=_serial(one)))
    _tell(session, done.findings)
    return 0


@message.command("open", help="Who has sealed FILE, when and for whom; open it with your keystore.")
@_FILE
@click.option(
    "-o", "--output", type=_PATH, help="A new file for the content; without it everything is only checked."
)
@click.option(
    "--keystore",
    type=_PATH,
    help="Your keystore; without it the newest in the keystore folder that has a key for FILE.",
)
@click.option(
    "--unproven", is_flag=True, help="Write the content, too, when it was opened but nothing proves it."
)
@click.option(
    "--online",
    is_flag=True,
    help="Ask the signer's authority, too, whether the certificate is revoked; needs no login.",
)
@_AUTHORITY
@shared
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
    from ehtoolkit.bootstrap import revocation_asker
    from ehtoolkit.keystore.storage.keystore_file import open_keystore
    from ehtoolkit.procedures.messages import (
        addresses_of,
        authorities_in_files,
        keystores_with,
        open_file,
    )
    from ehtoolkit.system.files import require_new

    if output is not None:
        require_new(output)
    believed, now = _judgement(session)
    believed = believed.with_anchors(authorities_in_files(authorities).anchors)
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
        session.result(_describe_opened(file, opened, keystore, holding, session), "")
    else:
        _tell_opened(session, file, opened, keystore, holding)
    return 0 if opened.message.proven else 1


def _judgement(session: Session) -> tuple[TrustedAuthorities, datetime]:
    """Return the authorities to believe, and the time. Nothing is sent, so production need not be confirmed."""
    from ehtoolkit.clock import SystemClock
    from ehtoolkit.ehealth.sealing.message import TrustedAuthorities

    if session.settings.environment == "training":
        return session.training.message_authorities(), session.training.clock.now()
    return TrustedAuthorities(), SystemClock().now()


def _first_that_opens(
    candidates: Sequence[Path], session: Session
) -> tuple[Path, Keystore] | tuple[None, None]:
    """Return the first of ``candidates`` that its password opens; (None, None) when there are no candidates.

    Raises `errors.OptionMissing` when no password was given and there is no terminal, and
    `errors.KeystorePasswordWrong` (reason ``candidates``) when none opens.
    """
    from ehtoolkit.keystore.storage.keystore_file import open_keystore

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
        replace(one, variant="elsewhere", facts={**one.facts, "file": path})
        if one.key == "not_for_this_keystore"
        else one
        for one in opened.message.findings
    )
    return replace(opened, message=replace(opened.message, findings=findings))


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────
def _describe_sealed(file: Path, done: SealedFile, sender: Keystore, session: Session) -> dict[str, Any]:
    made = done.message
    return {
        "file": str(file),
        "sealed": str(done.path),
        "size": made.size,
        "content": {"size": made.content_size, "sha256": made.sha256},
        "signer": _describe_certificate(sender.chain[0]),
        "signed_at": made.signed_at,
        "recipients": [
            {
                "serial": _serial(one),
                "holder": None if one.holder is None else one.holder.identifier.text,
                "holder_name": None if one.holder is None else one.holder.name,
            }
            for one in done.recipients
        ],
        "findings": _describe_findings(done.findings, session),
    }


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
                "serial": None if one.serial is None else str(one.serial),
                "key_identifier": one.key_identifier,
                "name": one.issuer,
                "known": one.known,
                "keystores": [str(path) for path, held in holding.items() if one in held],
            }
            for one in found.recipients
        ],
        "kgss_keys": [base64.b64encode(one).decode() for one in found.symmetric_key_ids],
        "keystore": None if keystore is None else str(keystore),
        "opened_with": None if found.opened_with is None else str(found.opened_with),
        "findings": _describe_findings(found.findings, session),
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
        **({} if certificate is None else _describe_certificate(certificate)),
    }


def _describe_certificate(certificate: Certificate) -> dict[str, Any]:
    from ehtoolkit.ehealth.sealing.checks import display_name
    from ehtoolkit.identity import DistinguishedName

    holder = DistinguishedName.of_holder(certificate)
    return {
        "holder": None if holder is None else holder.identifier.text,
        "holder_name": display_name(certificate.subject) if holder is None else holder.name,
        "application_id": None if holder is None else holder.application_id,
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": str(certificate.serial_number),
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }


def _describe_findings(findings: Sequence[Finding], session: Session) -> list[dict[str, Any]]:
    from ehtoolkit.ehealth.sealing.other_software import names_elsewhere
    from ehtoolkit.finding import sort_by_severity
    from ehtoolkit.keystore.diagnosis.diagnosis import describe_finding

    return [
        {
            **describe_finding(one, session.texts),
            "layer": one.facts.get("layer"),
            "other_software": {name: list(words) for name, words in names_elsewhere(one).items()},
        }
        for one in sort_by_severity(findings)
    ]


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────
def _tell_opened(
    session: Session, file: Path, opened: OpenedFile, keystore: Path | None, holding: Holding
) -> None:
    get, found = session.texts.get, opened.message
    echo(get(f"cli.message.{found.state}", file=file, keystore=keystore))
    if opened.content is not None:
        echo(
            get(
                "cli.message.written" if found.proven else "cli.message.written_unproven", file=opened.content
            )
        )
    echo("\n".join(_origin(session, found, holding)))
    _tell(session, found.findings)


def _origin(session: Session, found: UnsealedMessage, holding: Holding) -> list[str]:
    get, lines = session.texts.get, []
    outer = found.outer
    if outer is not None and outer.certificate is not None:
        signer = _describe_certificate(outer.certificate)
        name = ", ".join(filter(None, (signer["holder_name"], signer["holder"])))
        # Only what is proven is said without a reserve.
        key = "cli.message.signer" if found.proven else "cli.message.signer_stated"
        lines.append(get(key, name=name, serial=signer["serial"]))
    if outer is not None and outer.signed_at is not None:
        lines.append(get("cli.message.signed_at", date=outer.signed_at))
    for one in found.recipients:
        files = [path for path, held in holding.items() if one in held]
        key = "cli.message.recipient_known" if one.known or files else "cli.message.recipient"
        lines.append(get(key, name=one.issuer or "–", serial=one.key_name))
        lines += [get("cli.message.key_in", file=path) for path in files]
    lines += [get("cli.message.kgss", id=base64.b64encode(one).decode()) for one in found.symmetric_key_ids]
    return lines


def _tell(session: Session, findings: Sequence[Finding]) -> None:
    from ehtoolkit.ehealth.sealing.other_software import names_elsewhere
    from ehtoolkit.finding import Severity, sort_by_severity

    texts, serious = session.texts, (Severity.ERROR, Severity.WARNING)
    print_lines(
        (
            FindingLines(
                one.severity,
                one.message(texts),
                "" if one.severity is Severity.OK else one.next_step(texts),
                more=tuple(
                    f"{software}: {', '.join(words)}"
                    for software, words in (names_elsewhere(one).items() if one.severity in serious else ())
                ),
            )
            for one in sort_by_severity(findings)
            if one.severity in serious or not session.options.quiet
        ),
        texts,
    )


def _recipient_name(one: MessageRecipient) -> str:
    return one.name if one.holder is None else f"{one.holder.name}, {one.holder.identifier.text}"


def _serial(one: MessageRecipient) -> str:
    return str(one.certificate.serial_number)
