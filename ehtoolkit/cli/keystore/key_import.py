"""``keystore import``: make one PKCS#12 keystore of keys and certificates in files."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import (
    CONFIRMATION,
    ENVIRONMENT,
    KEY_PASSWORD,
    KEYSTORE_FOLDER,
    NEW_PASSWORD,
    PASSWORDS,
)
from ehtoolkit.cli.keystore.arguments import (
    OUTPUT,
    PROFILE,
    new_password,
    require_answers,
    with_key_password,
)
from ehtoolkit.cli.keystore.inspection import display_path
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command("import", cls=LocalisedCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@OUTPUT
@click.option("--alias", metavar="NAME")
@PROFILE
@shared(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
def import_(session: Session, files: tuple[Path, ...], output: Path, alias: str | None, profile: str) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.repair.key_import import read_source, write_combined
    from ehtoolkit.keystore.repair.merging import ImportSource, combine_sources
    from ehtoolkit.system.files import require_new

    session.confirm_environment()
    require_answers(session, *files, output.parent)
    require_new(output)

    def read(file: Path) -> ImportSource:
        session.require_openable(file)
        return with_key_password(
            session, lambda key: read_source(file, lambda: [session.password_of(file)], key)
        )

    combined = combine_sources([read(file) for file in files], alias)
    password = new_password(session) or combined.password or session.new_password()
    contents = write_combined(output, combined, password, EncryptionProfile(profile))
    value = {
        "keystore": str(output),
        "keys": len(contents.keys),
        "certificates": len(contents.certificates),
        "aliases": [key.alias for key in contents.keys],
        "authentication_missing": combined.lacks_authentication,
        "unencrypted": [display_path(source.path) for source in combined.sources if source.open_keys],
    }
    session.result(value, "cli.keystore.written", **value)
    if combined.lacks_authentication:
        session.say(
            "cli.keystore.authentication_missing",
            aliases=", ".join(key.alias or "–" for key in contents.keys),
        )
    for source in combined.sources:
        if source.open_keys:
            session.say("cli.keystore.import_clear", file=display_path(source.path))
    return 0
