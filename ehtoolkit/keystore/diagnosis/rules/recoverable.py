"""What can be saved of a file that is damaged, mangled or of another format: shown before anybody despairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Finding, info
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.diagnosis.rules.password import wrong_password
from ehtoolkit.keystore.repair.recovery import recover_with
from ehtoolkit.keystore.repair.transfer_damage import undo_transfer_damage
from ehtoolkit.secret import Secret

_JAVA: Final = frozenset(("file_jks", "file_jceks"))
_WORTH_A_TRY: Final = _JAVA | {"file_base64", "file_pem", "file_unknown"}
_DAMAGED: Final = "damaged_"


def rescuable(
    data: bytes, password: Secret | None, ring: DerivedKeyCache | None, finding: Finding
) -> Iterator[Finding]:
    """About a file that did not open because of ``finding``. ``ring``: of the password, with the keys that
    were derived already; None without a password, when only damage that can be undone is seen."""
    if finding.key not in _WORTH_A_TRY and not finding.key.startswith(_DAMAGED):
        return
    try:
        if password is None or ring is None:
            if undo_transfer_damage(data) is not None:
                yield info("mendable")
            return
        rescued = recover_with(data, ring, password)
    except errors.KeystorePasswordWrong:
        yield from (
            wrong_password(password or Secret("")) if finding.key in _JAVA else (info("rescue_nothing"),)
        )
    except errors.KeystoreError:
        return
    else:
        keys, certificates = len(rescued.contents.keys), len(rescued.contents.certificates)
        if rescued.lost:
            yield info("rescuable", keys=keys, certificates=certificates)
        elif finding.key in _JAVA or rescued.mended is not None:
            yield info("rescuable_whole", keys=keys, certificates=certificates)
        else:
            yield info("rescuable_all", keys=keys, certificates=certificates)
