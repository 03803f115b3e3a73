"""As `kill_driver`, for the second half of a certificate's life: renew, complete the renewal, activate.

``renewal_kill_driver.py FOLDER [--every-point]``. Prints one JSON object with a report of each procedure.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.ehealth.certificates.etk import read_etk
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import activate, complete, renew, request
from tests.faults.kill_driver import PASSWORD, PIN, ask, killed_everywhere, run, toolkit_in, wish_of
from tests.faults.kill_points import Report


def oldest(toolkit: Toolkit) -> KeystoreFile:
    return KeystoreFile.open(find_keystores(toolkit.parts.keystores)[-1].path, PASSWORD)


def newest(toolkit: Toolkit) -> KeystoreFile:
    return KeystoreFile.open(find_keystores(toolkit.parts.keystores)[0].path, PASSWORD)


def ask_again(toolkit: Toolkit) -> None:
    renew.renew(
        oldest(toolkit), toolkit.open_card(), lambda _: PIN, PASSWORD, toolkit.parts, show=lambda _: None
    )


def finish_again(toolkit: Toolkit) -> None:
    complete.complete(newest(toolkit), toolkit.parts)


def switch(toolkit: Toolkit) -> None:
    activate.activate(newest(toolkit), toolkit.parts)


def recover(home: Path, old: bytes) -> str:
    """What a user does after a crash: the same again, and what that leads to. Returns which it was."""
    toolkit = toolkit_in(home)
    how = once_more(toolkit)
    toolkit.training.clock.move("+2h")  # type: ignore[union-attr]
    file = newest(toolkit)
    outcome = complete.complete(file, toolkit.parts)
    assert outcome.state in ("to_activate", "complete"), outcome
    assert activate.activate(file, toolkit.parts).outcome.state == "active"
    check(toolkit, old)
    toolkit.close()
    return how


def once_more(toolkit: Toolkit) -> str:
    """Renew again, from the old file; each refusal names the new one."""
    try:
        ask_again(toolkit)
    except errors.NeverSent as unsent:
        file = KeystoreFile.open(Path(str(unsent.facts["path"])), PASSWORD)
        card = toolkit.open_card()
        request.resume(file, wish_of(toolkit), card, lambda _: PIN, toolkit.parts, show=lambda _: None)
        return "resumed with the same pair"
    except (errors.RequestWaiting, errors.AlreadyRenewed) as there:
        named = there.facts["newer" if isinstance(there, errors.AlreadyRenewed) else "path"]
    else:
        return "nothing was sent"
    assert named == str(newest(toolkit).path)
    return "went on"


def check(toolkit: Toolkit, old: bytes) -> None:
    """Nothing lost, nothing twice: two files, two certificates, the old keys in the new file, the depot switched."""
    assert len(find_keystores(toolkit.parts.keystores)) == 2
    assert len(toolkit.training.register.all()) == 2, "a certificate too many"  # type: ignore[union-attr]
    before, after = oldest(toolkit), newest(toolkit)
    assert before.path.read_bytes() == old, "the old file was changed"
    assert {one.alias for one in before.keystore.encryption} < {
        one.alias for one in after.keystore.encryption
    }
    holder = wish_of(toolkit).name
    etk = toolkit.parts.platform.depot.get_etk(holder.identifier)
    assert etk is not None
    assert str(read_etk(etk).serial) in {one.alias for one in after.keystore.current_encryption}


def main(folder: Path) -> dict[str, Report]:
    due, asked, complete_ = folder / "due", folder / "asked", folder / "complete"
    toolkit = toolkit_in(due)
    ask(toolkit)
    clock = toolkit.training.clock  # type: ignore[union-attr]
    clock.move("+2h")
    complete.complete(newest(toolkit), toolkit.parts)
    clock.move("+34mo")
    old = oldest(toolkit).path.read_bytes()
    toolkit.close()
    for home, before, work in ((asked, due, ask_again), (complete_, asked, finish_again)):
        shutil.copytree(before, home)
        toolkit = toolkit_in(home)
        work(toolkit)
        toolkit.training.clock.move("+2h")  # type: ignore[union-attr]
        toolkit.close()
    runs = ((ask_again, due), (finish_again, asked), (switch, complete_))
    return {
        work.__name__: killed_everywhere(work, prepared, folder, lambda home: recover(home, old))
        for work, prepared in runs
    }


if __name__ == "__main__":
    run(main)
