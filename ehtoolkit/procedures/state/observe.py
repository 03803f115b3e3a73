"""Observe a certificate once: ask the platform, the depot and the folder about it; the answers are one `Situation`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from typing import TypeVar

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.etk import check_etk, read_etk
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State, state_at
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import (
    HolderFiles,
    archived_files,
    find_keystores,
    folder_in_use,
)
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedState
from ehtoolkit.procedures.authorization import signer_of
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import RequestStatus, fetch_request_status, validation_of
from ehtoolkit.procedures.state.situation import (
    SUCCEEDING,
    DepotToken,
    Newer,
    Situation,
    Successor,
    TokenMatch,
)

Answer = TypeVar("Answer")


class Purpose(IntEnum):
    """What a certificate is observed for. Each purpose asks what the one before it asks, and more."""

    REGISTRATION = 1
    """Ask the platform about the certificate."""
    ACTIVATION = 2
    """Look for newer keystores of the holder, too, where the certificate has a token and its key is in the file."""
    RENEWAL = 3
    """Look for them whatever its token is."""
    STATUS = 4
    """Ask the depot, too, about an active certificate."""
    TEST = 5
    """Ask the depot about every installed certificate, unless the platform does not answer at all."""


def observe(file: KeystoreFile, context: Context, purpose: Purpose = Purpose.STATUS) -> Situation:
    """Ask platform, depot and folder about the certificate of a keystore, as far as ``purpose`` needs. The keystore
    itself signs, where it can. What cannot be asked is an error in the situation and raises nothing."""
    situation = Situation.of_file(file, context.clock.now())
    if not situation.installed:
        return _before_installation(situation, file, context)
    info = _answer(lambda: context.platform.certra.get_certificate_info(signer_of(file)))
    situation = replace(situation, info=info)
    known, holder = situation.known, situation.holder
    has_token = known is not None and known.has_token and situation.has_encryption_key
    looks = purpose > Purpose.ACTIVATION or (purpose is Purpose.ACTIVATION and has_token)
    if holder is not None and known is not None and looks:
        situation = replace(situation, newer=_newer(file, holder, context))
    if purpose is Purpose.TEST or (purpose is Purpose.STATUS and known is not None and known.is_active):
        return ask_depot(situation, file, context)
    return situation


def ask_depot(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Return the situation with the depot's token; unchanged where it was asked for already, where there is no holder,
    and where the platform was not reached."""
    holder = situation.holder
    if situation.token is not None or holder is None or situation.silence is not None:
        return situation
    return replace(situation, token=_answer(lambda: fetch_depot_token(file.keystore, holder, context)))


def _answer(ask: Callable[[], Answer]) -> Answer | errors.PlatformError:
    """Return what ``ask`` returns, or the error that it raises instead of an answer."""
    try:
        return ask()
    except errors.PlatformError as failure:
        return failure


def _before_installation(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Ask about the key; and, signed with what was given out, about a certificate that was delivered: one that was
    revoked meanwhile is given out all the same."""
    delivery = _answer(lambda: fetch_request_status(situation.key_id, context))
    situation = replace(situation, validation=validation_of(file, context), delivery=delivery)
    if not isinstance(delivery, RequestStatus):
        return situation
    key = file.keystore.authentication.key
    try:
        is_ours = bool(delivery.chain) and delivery.chain[0].public_key() == key.public_key()
    except UNREADABLE:  # completing refuses it
        is_ours = False
    if not is_ours:
        return situation
    signer = KeySigner(key, delivery.chain)
    return replace(situation, info=_answer(lambda: context.platform.certra.get_certificate_info(signer)))


# ── The depot's token ────────────────────────────────────────────────────────────────────────────────
def fetch_depot_token(keystore: Keystore, holder: DistinguishedName, context: Context) -> DepotToken:
    """Ask the depot for the holder's token and look for its key in ``keystore``, whose certificate is installed.

    Raises `errors.ResponseUntrusted` (reason ``etk``) for one that is no token, or is for a key of ours in a
    certificate that we never signed; and the `errors.PlatformError` of a question without an answer.
    """
    data = context.platform.depot.get_etk(holder.identifier, holder.application_id)
    if data is None:
        return DepotToken(TokenMatch.NONE)
    etk = read_etk(data)
    public_key = etk.encryption_certificate.public_key()
    for key in keystore.current_encryption:
        if key.key.public_key() == public_key:
            check_etk(data, key.key.public_key(), keystore.chain[0])
            return DepotToken(TokenMatch.CURRENT, etk)
    for key in keystore.encryption:
        if key.key.public_key() == public_key:
            return DepotToken(TokenMatch.OLD, etk)
    return DepotToken(TokenMatch.OTHER, etk)


# ── Newer keystores of the holder ────────────────────────────────────────────────────────────────────
def _newer(file: KeystoreFile, holder: DistinguishedName, context: Context) -> Newer:
    try:
        return _answer(lambda: find_successors(file, holder, context))
    except errors.FileUnreadable as failure:
        return failure


def find_successors(file: KeystoreFile, holder: DistinguishedName, context: Context) -> tuple[Successor, ...]:
    """Return the keystores of the holder that take the place of ``file``, the newest first. What the platform says of
    their keys, which needs no password, distinguishes old and new; names of files are hints.

    Looks at the folder of ``file`` (and where it leads, when it is a link), at the folder around it when it is in an
    archive, and at the keystore folder, and asks the platform about each key. Files whose key cannot be seen without a
    password are passed over: other programs write such. Raises `errors.FileUnreadable` for a folder that may not be
    listed, and `errors.PlatformError`.
    """
    this, others = _this(file, holder, context), _others(file, context)
    known = HolderFiles([this, *others.of_holder(this.holder)], others.archived)
    asked = {
        other.path: fetch_request_status(other.key_id, context, even_faults=True)
        for other in known.others(this)
        if other.key_id is not None and not other.is_copy_of(this)
    }
    seen = (
        _with_status(
            other,
            asked[other.path],
            this,
            context,
            has_token=bool(set(known.own_serials(other)) - set(this.serials)),
        )
        for other in known.others(this)
        if other.path in asked
    )
    files = HolderFiles([this, *seen])
    return tuple(
        _successor(each, each.state, asked[each.path])
        for each in files.others(this)
        if each.state in SUCCEEDING
        and files.takes_place_of(each, this)
        and (asked[each.path].is_unclear or _is_renewal_of(each, file))
    )


def _successor(found: FoundKeystore, state: State, status: RequestStatus) -> Successor:
    aliases = frozenset(key.alias or "" for key in found.keys)
    if status.is_unclear:
        return Successor(found.path, found.key_id or "", State.UNKNOWN, aliases, status.words)
    return Successor(found.path, found.key_id or "", state, aliases)


def _this(file: KeystoreFile, holder: DistinguishedName, context: Context) -> FoundKeystore:
    """Return the opened file; it is of the environment of ``context``, which every procedure proves first."""
    seen, entries = CachedState.of(file.keystore, file.content), file.keystore.contents.keys
    keys = tuple(KeyOutline(key.alias, key.key_id.hex().upper()) for key in entries)
    found = FoundKeystore(file.path.resolve(), file.named, file.named.moment or LONG_AGO, lambda: keys)
    known = found.as_seen(seen).at(context.clock.now(), seen, "")
    return replace(known, owner=holder, environment=context.environment)


def _others(file: KeystoreFile, context: Context) -> HolderFiles:
    """Return all that lies beside the file and in the keystore folder, archives too, but the file itself."""
    own = file.path.resolve()
    folders = dict.fromkeys(
        (file.path.parent.resolve(), own.parent, folder_in_use(own), context.keystores.resolve())
    )
    found = (
        keystore
        for folder in folders
        for keystore in find_keystores(folder)
        if keystore.path.resolve() != own
    )
    archived = (each for folder in folders for each in archived_files(folder))
    return HolderFiles(found, archived)


def _with_status(
    found: FoundKeystore, status: RequestStatus, this: FoundKeystore, context: Context, *, has_token: bool
) -> FoundKeystore:
    """Return the file with what the platform says of its key; where that is unclear, as one that may be pending."""
    if not status.delivered:
        return replace(found, state=State.PREPARED if status.is_unclear else status.state)
    leaf = status.chain[0] if status.chain else None
    named = None if leaf is None else DistinguishedName.of_holder(leaf)
    if leaf is None or named is None or this.owner is None or not named.same_holder(this.owner):
        return replace(found, state=State.UNKNOWN)
    begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    state = state_at(context.clock.now(), begin, end, has_encryption_key=has_token)
    known = replace(found, owner=this.owner, environment=context.environment, opened=True)
    return replace(known, state=state, not_before=begin)


def _is_renewal_of(newer: FoundKeystore, file: KeystoreFile) -> bool:
    """Return whether ``newer`` stands in the way of a renewal of ``file``. A request that was never sent does only when
    it is one: it has every encryption key of the old file."""
    ids = {key.key_id for key in newer.keys}
    carries = all(key.key_id.hex().upper() in ids for key in file.keystore.encryption)
    return newer.state is not State.PREPARED or carries
