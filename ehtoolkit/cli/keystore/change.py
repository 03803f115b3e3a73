"""Change keystores: ``keystore convert``, ``merge``, ``passwd`` and ``rescue``."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.keystore.arguments import (
    FILE,
    KEPT_PROFILE,
    OUTPUT,
    PROFILE,
    new_password,
    require_answers,
)
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(
    cls=LocalisedCommand, help="Make a sound PKCS#12 keystore of a JKS or JCEKS file, or of a mangled one."
)
@FILE
@OUTPUT
@PROFILE
@shared
def convert(session: Session, file: Path, output: Path, profile: str) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.rewrite import rewrite_file

    session.confirm_environment()
    require_answers(session, file, output.parent)
    password = session.password_of(file)
    made = rewrite_file(file, password, output, new_password(session), EncryptionProfile(profile))
    contents = made.contents
    value = {"keystore": str(output), "keys": len(contents.keys), "certificates": len(contents.certificates)}
    session.result(value, "cli.keystore.written", **value)
    return 0


# ── keystore merge ───────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Carry the decryption keys of an older keystore of the same holder into a newer one.",
)
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--from", "old", type=click.Path(path_type=Path), required=True, help="The older keystore.")
@shared
def merge(session: Session, new: Path, old: Path) -> int:
    """Carry the decryption keys of ``old`` over into ``new``. Both open with --password-file, or each with its pattern
    in --passwords."""
    from ehtoolkit.keystore.repair.merging import merge_old_keys
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore

    session.confirm_environment()
    require_answers(session, new, old)
    file = KeystoreFile.open(new, session.password_of(new))
    merged = merge_old_keys(file.keystore, open_keystore(old, session.password_of(old)))
    added = len(merged.encryption) - len(file.keystore.encryption)
    backup = None if merged == file.keystore else file.save(merged)
    value = {"keystore": str(new), "added": added, "backup": None if backup is None else str(backup)}
    session.result(value, "cli.keystore.merged", **value)
    return 0


# ── keystore passwd ──────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand, help="Give a keystore another password; its copy still opens with the old one."
)
@FILE
@KEPT_PROFILE
@shared
def passwd(session: Session, file: Path, profile: str | None) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.rewrite import change_password

    session.confirm_environment()
    require_answers(session, file)
    wanted = None if profile is None else EncryptionProfile(profile)
    changed = change_password(file, session.password_of(file), session.new_password(), wanted)
    value = {"keystore": str(changed.path), "backup": str(changed.backup)}
    session.result(value, "cli.keystore.changed", **value)
    return 0


# ── keystore rescue ──────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Save what is sound in a damaged keystore into a new file; exit 1 when something was lost.",
)
@FILE
@OUTPUT
@PROFILE
@shared
def rescue(session: Session, file: Path, output: Path, profile: str) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.rewrite import rewrite_file

    session.confirm_environment()
    require_answers(session, file, output.parent)
    password = session.password_of(file)
    wanted = EncryptionProfile(profile)
    rescued = rewrite_file(file, password, output, new_password(session), wanted, salvage=True)
    keys, certificates = len(rescued.contents.keys), len(rescued.contents.certificates)
    lost = [{"kind": one.kind, "reason": one.reason, "alias": one.alias} for one in rescued.lost]
    value = {"keystore": str(output), "keys": keys, "certificates": certificates, "lost": lost}
    session.result(value, f"cli.keystore.{'rescued' if lost else 'written'}", **{**value, "lost": len(lost)})
    return 1 if lost else 0
