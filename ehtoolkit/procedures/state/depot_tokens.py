"""The tokens of a holder in the depot: find all of them, save one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.ehealth.etk import Etk, TokenName, read_etk
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.identity.distinguished_name import normalise_application_id
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.holder_keystores import files_with_key
from ehtoolkit.procedures.context import Context
from ehtoolkit.system.files import require_new
from ehtoolkit.system.unnamed_files import create_whole


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token of the depot, whatever its name.

    Attributes:
        name: what was asked for, or what the depot files it under.
        etk: None when it is no token, or its signature does not hold.
        files: the keystores that have its key: of the folder, newest first, then of its archive.
        any_application: whether it was asked for without an application id.
        data: the token as the depot has it, signed.
    """

    name: TokenName
    etk: Etk | None
    files: tuple[Path, ...] = ()
    any_application: bool = False
    data: bytes = field(default=b"", repr=False)

    @property
    def holder(self) -> DistinguishedName | None:
        """Whose token it is, by its certificate; None when that is no name of the platform's."""
        return None if self.etk is None else DistinguishedName.of_holder(self.etk.encryption_certificate)

    @property
    def sound_etk(self) -> Etk:
        """The token. Raises ValueError when it is none."""
        if self.etk is None:
            raise ValueError("no token")
        return self.etk

    @property
    def sound(self) -> bool:
        """Whether its signature holds, and it is for whom it was asked for."""
        holder = self.holder
        if holder is None:
            return False
        same = (holder.identifier.type, holder.identifier.value) == (self.name.type, self.name.number)
        # What the depot files tokens under may be as it was typed.
        applications = [(id_ or "").upper() for id_ in (holder.application_id, self.name.application_id)]
        return same and (self.any_application or applications[0] == applications[1])


def parse_holder(text: str) -> tuple[Identifier, str | None]:
    """Read ``TYPE=ID[,APPID]``: the number, and the application id to ask for.

    ``TYPE=ID`` stands for whatever application id (None), ``TYPE=ID,`` for the token without one (empty). Raises
    `errors.IdentifierInvalid`.
    """
    number, comma, application_id = text.partition(",")
    identifier = Identifier.parse(number)
    if not comma or not application_id.strip():
        return identifier, "" if comma else None
    return identifier, normalise_application_id(application_id)


def find_tokens(
    identifier: Identifier, application_id: str | None, context: Context
) -> tuple[FoundToken, ...]:
    """Return all tokens of ``identifier``, or the one under ``application_id`` (empty: the one without).

    Several that match are looked up one by one. Raises `errors.PlatformError`.
    """
    depot = context.platform.depot
    wanted = TokenName(identifier.type, identifier.value, application_id or None)
    any_application = application_id is None
    answer = depot.search(wanted, any_application=any_application)
    if answer.etk is not None:
        return (replace(_found(wanted, answer.etk, context), any_application=any_application),)
    tokens = ((name, depot.search(name).etk) for name in answer.matching)
    return tuple(_found(name, etk, context) for name, etk in tokens if etk is not None)


def only_token(holder: str, context: Context) -> FoundToken:
    """Return the only token of ``TYPE=ID[,APPID]``, which is sound.

    Raises `errors.IdentifierInvalid`, `errors.RecipientUnusable` (``none``; ``several``: they have different
    application ids; ``untrusted``), `errors.PlatformError`.
    """
    found = find_tokens(*parse_holder(holder), context)
    if len(found) != 1:
        raise errors.RecipientUnusable(reason="several" if found else "none", recipient=holder)
    if not found[0].sound:
        raise errors.RecipientUnusable(reason="untrusted", recipient=holder)
    return found[0]


def save_token(holder: str, output: Path, context: Context) -> FoundToken:
    """Write the only token of ``TYPE=ID[,APPID]``, signed as the depot gives it out, to a new file.

    Raises what `only_token` raises, and what `ehtoolkit.system.files.map_os_errors` raises, `errors.FileExists` among
    them.
    """
    require_new(output)
    token = only_token(holder, context)
    create_whole(output, token.data)
    return token


def holder_text(keystore: Keystore) -> str:
    """Return whose token belongs to ``keystore``, as `parse_holder` reads it. Raises `errors.CertificateMissing`."""
    if keystore.holder is None:
        raise errors.CertificateMissing
    return f"{keystore.holder.identifier.text},{keystore.holder.application_id or ''}"


def _found(name: TokenName, data: bytes, context: Context) -> FoundToken:
    try:
        etk = read_etk(data)
    except errors.ResponseUntrusted:
        return FoundToken(name, None, data=data)
    alias = str(etk.serial)
    files = files_with_key(context.keystores, lambda key: key.alias == alias)
    return FoundToken(name, etk, tuple(file.path for file in files), data=data)
