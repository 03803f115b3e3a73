"""``ehtoolkit etk``: what the depot holds, so what others encrypt messages with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.options import PASSWORDS, PATH, PLATFORM
from ehtoolkit.cli.terminal import echo
from ehtoolkit.keystore.codec.contents import Key
from ehtoolkit.procedures.state.depot_tokens import (
    FoundToken,
    find_tokens,
    holder_text,
    parse_holder,
    save_token,
)
from ehtoolkit.system.files import require_new
from ehtoolkit.system.text_safety import printable


@command(PLATFORM)
@click.argument("holder", metavar="TYPE=ID[,APPID]")
def show(session: Session, holder: str) -> int:
    """Show the tokens that the depot has for ``holder``. Returns 0 when there are tokens and all are sound, 1 when
    there are none, 5 when one cannot be trusted."""
    identifier, application_id = parse_holder(holder)
    found = find_tokens(identifier, application_id, session.toolkit.context)
    session.warn_of_clock()
    if session.options.as_json:
        value = {
            "holder": identifier.text,
            "type": identifier.type,
            "number": identifier.value,
            "application_id": application_id,
            "tokens": [_describe(token) for token in found],
        }
        session.print_json(value)
    elif found:
        echo("\n\n".join("\n".join(_lines(token, session)) for token in found))
    else:
        session.print_text("etk.none", holder=holder)
    if not found:
        return ExitCode.NOT_FINE
    return ExitCode.FINE if all(token.sound for token in found) else ExitCode.PLATFORM


@command(PASSWORDS, PLATFORM)
@click.argument("holder", metavar="TYPE=ID[,APPID]|KEYSTORE")
@click.option("-o", "--output", type=PATH, required=True)
def save(session: Session, holder: str, output: Path) -> None:
    """Write the signed token that the depot has for ``holder``, or for the holder of a keystore, to a new file."""
    require_new(output)
    keystore = None
    try:
        parse_holder(holder)
    except errors.IdentifierInvalid:
        path = Path(holder)
        if not path.is_file():
            raise
        session.confirm_environment()
        keystore = session.open_keystore(path).keystore
        holder = holder_text(keystore)
    token = save_token(holder, output, session.toolkit.context)
    session.warn_of_clock()
    value = {"file": str(output), **_describe(token)}
    session.result(value, "etk.saved", file=output, holder=value["holder"], serial=value["serial"])
    if keystore is not None and not any(_fits(key, token) for key in keystore.encryption):
        session.say("etk.saved_other", keystore=path)


def _fits(key: Key, token: FoundToken) -> bool:
    return key.key.public_key() == token.sound_etk.encryption_certificate.public_key()


def _describe(token_found: FoundToken) -> dict[str, Any]:
    """Return a token as JSON has it. ``sound``: the signature holds, and the token is for the holder that was asked
    for; ``bound``: it brings along the certificate whose key has signed its own; ``keystores``: the files in the folder
    that have its key."""
    holder, token = token_found.holder, token_found.etk
    value: dict[str, Any] = {
        "holder": f"{token_found.name.type}={token_found.name.number}",
        "type": token_found.name.type,
        "number": token_found.name.number,
        "application_id": token_found.name.application_id if holder is None else holder.application_id,
        "signature_valid": token is not None,
        "sound": token_found.sound,
        "keystores": [str(path) for path in token_found.files],
    }
    if token is None:
        return value
    certificate, owner = token.encryption_certificate, token.authentication_certificate
    return {
        **value,
        "serial": str(token.serial),
        "subject": _name(certificate),
        "name": None if holder is None else holder.name,
        "issuer": None if owner is None else _name(owner, issuer=True),
        "signer": _name(token.signer),
        "bound": owner is not None,
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }


def _lines(token_found: FoundToken, session: Session) -> list[str]:
    get, token = session.texts.get, token_found.etk
    if token is None:
        name, untrusted = token_found.name, errors.ResponseUntrusted(reason="etk")
        named = ",".join(filter(None, (f"{name.type}={name.number}", name.application_id)))
        return [named, f"    {session.texts.error(untrusted)}"]
    certificate, owner = token.encryption_certificate, token.authentication_certificate
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    is_valid = start <= session.toolkit.context.clock.now() <= end
    return [
        _name(certificate),
        get("etk.serial", serial=token.serial),
        get("etk.valid" if is_valid else "etk.invalid", start=start, end=end),
        get("etk.signer", signer=_name(token.signer)),
        *([] if owner is None else [get("etk.issuer", issuer=_name(owner, issuer=True))]),
        get("etk.sound" if token_found.sound else "etk.unsound"),
        *(get("etk.file", file=path) for path in token_found.files),
        *([] if token_found.files else [get("etk.no_file", folder=session.settings.keystores)]),
    ]


def _name(certificate: Certificate, *, issuer: bool = False) -> str:
    """Return the subject of a certificate, or its issuer, as text; empty for one that is no name."""
    try:
        return printable((certificate.issuer if issuer else certificate.subject).rfc4514_string())
    except ValueError:
        return ""
