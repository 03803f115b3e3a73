"""``ehtoolkit keystore`` commands that write: another password, another format, what can be rescued or carried over."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.keystore import Keystore, KeystoreFile, Profile, open_keystore
from ehtoolkit.keystore.conversion import convert, rescue_file
from ehtoolkit.keystore.export import Form, export_certificate, export_chain, export_encryption
from ehtoolkit.keystore.merging import merge_old_keys
from ehtoolkit.keystore.password_change import change_password
from ehtoolkit.secret import Secret

_FILE = click.argument("file", type=click.Path(path_type=Path))
_OUT = click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The new file.")
_PROFILE = click.option(
    "--profile",
    type=click.Choice([str(profile) for profile in Profile]),
    default=str(Profile.DEFAULT),
    show_default=True,
    help="legacy: for old software.",
)


@click.command(help="Give a keystore another password; its copy still opens with the old one.")
@_FILE
@_PROFILE
@shared
def passwd(session: Session, file: Path, profile: str) -> int:
    changed = change_password(file, session.password(), session.new_password(), Profile(profile))
    value = {"keystore": str(changed.path), "backup": str(changed.backup)}
    session.result(value, "cli.keystore.changed", **value)
    return 0


@click.command("convert", help="Make a sound PKCS#12 keystore of a JKS or JCEKS file, or of a mangled one.")
@_FILE
@_OUT
@_PROFILE
@shared
def convert_file(session: Session, file: Path, output: Path, profile: str) -> int:
    contents = convert(file, session.password(), output, _new_password(session), Profile(profile))
    value = {"keystore": str(output), "keys": len(contents.keys), "certificates": len(contents.certificates)}
    session.result(value, "cli.keystore.written", **value)
    return 0


@click.command(
    help="Save what is sound in a damaged keystore into a new file; exit 1 when something was lost."
)
@_FILE
@_OUT
@_PROFILE
@shared
def rescue(session: Session, file: Path, output: Path, profile: str) -> int:
    rescued = rescue_file(file, session.password(), output, _new_password(session), Profile(profile))
    keys, certificates = len(rescued.contents.keys), len(rescued.contents.certificates)
    lost = [{"kind": one.kind, "reason": one.reason, "alias": one.alias} for one in rescued.lost]
    value = {"keystore": str(output), "keys": keys, "certificates": certificates, "lost": lost}
    session.result(value, f"cli.keystore.{'rescued' if lost else 'written'}", **{**value, "lost": len(lost)})
    return 1 if lost else 0


@click.command(help="Carry the decryption keys of an older keystore of the same holder into a newer one.")
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--from", "old", type=click.Path(path_type=Path), required=True, help="The older keystore.")
@shared
def merge(session: Session, new: Path, old: Path) -> int:
    """Both open with --password-file, or each with its pattern in --passwords."""
    file = KeystoreFile.open(new, session.password_of(new))
    merged = merge_old_keys(file.keystore, open_keystore(old, session.password_of(old)))
    added = len(merged.encryption) - len(file.keystore.encryption)
    backup = None if merged == file.keystore else file.save(merged)
    value = {"keystore": str(new), "added": added, "backup": None if backup is None else str(backup)}
    session.result(value, "cli.keystore.merged", **value)
    return 0


@click.command(help="Write the public parts of a keystore: certificate, chain, or ETK certificates.")
@_FILE
@click.option("--certificate", "part", flag_value="certificate", default=True, help="The certificate.")
@click.option("--chain", "part", flag_value="chain", help="The certificate and its issuers.")
@click.option("--etk", "part", flag_value="etk", help="The encryption certificates.")
@click.option("--form", type=click.Choice([str(form) for form in Form]), default="pem", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@shared
def export(session: Session, file: Path, part: str, form: str, output: Path | None) -> int:
    data = _exported(open_keystore(file, session.password_of(file)), part, Form(form))
    if output is None and not session.options.as_json:
        sys.stdout.buffer.write(data)
        return 0
    if output is None:
        raise errors.OptionMissing(option="-o")
    _write_new(output, data)
    session.result({"file": str(output)}, "cli.keystore.exported", file=output)
    return 0


def _exported(keystore: Keystore, part: str, form: Form) -> bytes:
    return {"certificate": export_certificate, "chain": export_chain, "etk": export_encryption}[part](
        keystore, form
    )


def _write_new(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as target:
            target.write(data)
    except FileExistsError as error:
        raise errors.FileExists(path=str(path)) from error
    except OSError as error:
        raise errors.FolderNotWritable(folder=str(path.parent)) from error


def _new_password(session: Session) -> Secret | None:
    """The password for the new file; None keeps the old one."""
    return session.new_password() if session.options.new_password_file is not None else None
