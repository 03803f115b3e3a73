"""Why a certificate may not be renewed or its token not be activated: decided by its `Situation` alone."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.state.request_status import ended
from ehtoolkit.procedures.state.situation import Situation
from ehtoolkit.procedures.state.successors import Successor


def require_allowed(refusal: errors.EhToolkitError | None, situation: Situation) -> None:
    """Raise ``refusal``, if there is one; what the platform answered is its cause."""
    if refusal is None:
        return
    if isinstance(situation.info, errors.PlatformError) and refusal is not situation.info:
        raise refusal from situation.info
    raise refusal


def may_renew(situation: Situation, *, besides: Path | None = None) -> errors.EhToolkitError | None:
    """Return why an installed certificate cannot be renewed now; None when it can.

    Args:
        besides: a newer keystore that does not count, since its request was never accepted.

    The platform may refuse to answer for an expired certificate (assumed): then that is the reason.
    """
    if isinstance(situation.info, errors.PlatformRefused) and situation.not_after is not None:
        is_over = situation.now > situation.not_after
        return errors.WrongState(path=str(situation.path), state=State.EXPIRED) if is_over else situation.info
    if isinstance(situation.info, errors.PlatformError):
        return situation.info
    if isinstance(situation.newer, errors.EhToolkitError):
        return situation.newer
    newer = [keystore for keystore in situation.replacing if keystore.path != besides]
    if newer:
        return _leading_to(newer[0], situation)
    return _not_replaceable(situation, situation.require_known())


def may_activate(situation: Situation) -> errors.EhToolkitError | None:
    """Return why the token of an installed certificate cannot be activated, or is not the one to activate; None when it
    can, or is active."""
    if isinstance(situation.info, errors.PlatformError):
        return situation.info
    path, known = str(situation.path), situation.require_known()
    over = ended(known)
    if over is not None:
        return errors.WrongState(path=path, state=over)
    if not known.has_token:
        return errors.WrongState(path=path, state=State.NO_ETK)
    if not situation.has_encryption_key:
        return errors.EtkKeyMissing(path=path)
    return not_newest(situation)


def not_newest(situation: Situation) -> errors.EhToolkitError | None:
    """Return the error that leads on to a newer keystore of the holder; None when this is the newest.

    An old file may be active, so that all would seem well: then every newer file is an error. One that is yet to be
    activated may be it while a newer one waits; only then it may be activated although the platform cannot be asked
    about the newer ones. A folder that may not be listed is never an error.
    """
    active = not situation.require_known().token_waits
    if isinstance(situation.newer, errors.PlatformError):
        return situation.newer if active else None
    counting = (keystore for keystore in situation.replacing if keystore.is_complete or active)
    return next((_leading_to(keystore, situation, is_old=True) for keystore in counting), None)


def _leading_to(newer: Successor, situation: Situation, *, is_old: bool = False) -> errors.KeystoreError:
    """Return the error that leads on to the keystore that takes the place of this one: `errors.NeverSent` (resume it),
    `errors.RequestWaiting` (complete it) or `errors.AlreadyRenewed` (use it). ``is_old``: this one was chosen by
    mistake, not to be renewed."""
    path, this = str(newer.path), str(situation.path)
    if newer.is_complete:
        if is_old:
            return errors.AlreadyRenewed(path=this, newer=path, reason="old")
        return errors.AlreadyRenewed(path=this, newer=path)
    if newer.state is State.PREPARED:
        return errors.NeverSent(path=path, key_id=newer.key_id)
    if is_old:
        return errors.RequestWaiting(path=path, old=this, reason="old")
    return errors.RequestWaiting(path=path, reason="renewal")


def _not_replaceable(situation: Situation, known: CertificateInfo) -> errors.KeystoreError | None:
    path, start, over = str(situation.path), known.replaceable_from, ended(known)
    if over is not None:
        return errors.WrongState(path=path, state=over)
    if known.replaceable:
        return None
    if start is not None and start > situation.now:
        return errors.RenewalTooEarly(path=path, date=start)
    return errors.NotReplaceable(path=path)
