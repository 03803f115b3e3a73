"""One of several processes that do the same for the same holder: ``two_at_once_driver.py HOME VERB GATE NAME [hold]``.

Waits until the file ``GATE/go`` is there, and does VERB (request, renew or revoke). With ``hold`` it stops where the
contract is shown until ``GATE/sign`` is there. Leaves ``GATE/NAME-ready`` and ``GATE/NAME-shown`` when it gets that
far, and prints ``done`` or the key of the error.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.compose import Toolkit, compose
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore import KeystoreFile, find_keystores
from ehtoolkit.procedures import pick, renew, request, revoke
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
PATIENCE = 60.0


def wait_for(path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(path)
        time.sleep(0.002)


def do(verb: str, toolkit: Toolkit, shown: Path, sign: Path | None) -> None:
    def show(_: object) -> None:
        shown.touch()
        if sign is not None:
            wait_for(sign)

    card, parts = toolkit.open_card(), toolkit.parts
    person = card.identity().person
    if verb == "request":
        wish = request.Wish(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
        request.request(wish, card, lambda _: PIN, PASSWORD, parts, show=show)
        return
    path = find_keystores(parts.keystores)[-1].path
    if verb == "renew":
        renew.renew(KeystoreFile.open(path, PASSWORD), card, lambda _: PIN, PASSWORD, parts, show=show)
    else:
        chosen = pick.by_file(path, lambda: KeystoreFile.open(path, PASSWORD), person, parts)
        revoke.revoke(card, lambda _: PIN, chosen, RevocationReason.SUPERSEDED, parts, show=show)


def main() -> None:
    home, verb, gate, name = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    toolkit = compose(load_settings(home=home, training_delivery=60.0))
    (gate / f"{name}-ready").touch()
    wait_for(gate / "go")
    try:
        do(verb, toolkit, gate / f"{name}-shown", gate / "sign" if "hold" in sys.argv else None)
    except errors.EhToolkitError as error:
        print(error.key)
    else:
        print("done")
    toolkit.close()


if __name__ == "__main__":
    main()
