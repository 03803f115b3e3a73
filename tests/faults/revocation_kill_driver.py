"""As `kill_driver`, for the revocation and for the request without card.

``revocation_kill_driver.py FOLDER [--every-point]``. Prints one JSON object with a report of each procedure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.procedures import certificate_list, complete, foreigner, revoke
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.faults.kill_driver import PASSWORD, PIN, ask, killed_everywhere, open_only, run, toolkit_in
from tests.faults.kill_points import Report

WISH = foreigner.ForeignerRequest(FOREIGNER, ContactData("anais@example.org", "+33 1 99 00 01 42"))


def end(toolkit: Toolkit) -> None:
    """Revoke the one certificate, by its file, without its password."""
    (found,) = find_keystores(toolkit.parts.keystores)
    card = toolkit.open_card()
    chosen = certificate_list.by_file(
        found.path, lambda: open_only(toolkit), card.identity().person, toolkit.parts
    )
    revoke.revoke(
        card,
        lambda _: PIN,
        chosen,
        RevocationReason.SUPERSEDED,
        toolkit.parts,
        show=lambda _: None,
    )


def ask_abroad(toolkit: Toolkit) -> None:
    foreigner.request_foreign(WISH, PASSWORD, toolkit.parts)


def ended(home: Path) -> str:
    """The same again: either it is done, or it is said that it was done."""
    toolkit = toolkit_in(home)
    before = open_only(toolkit).keystore
    how = "revoked now"
    try:
        end(toolkit)
    except errors.NotRevocable as already:
        how = f"was {already.facts['state']}"
    (record,) = toolkit.training.register.all()  # type: ignore[union-attr]
    assert record.revoked_at is not None
    assert toolkit.parts.platform.depot.get_etk(record.holder.dn.identifier) is None
    assert open_only(toolkit).keystore == before, "the file was changed"
    toolkit.close()
    return how


def asked_abroad(home: Path) -> str:
    """Complete; or resume and complete; or ask anew."""
    toolkit = toolkit_in(home)
    found = find_keystores(toolkit.parts.keystores)
    assert len(found) <= 1, found
    how = "nothing was sent"
    if not found:
        ask_abroad(toolkit)
    else:
        file = open_only(toolkit)
        key_id = file.keystore.key_id
        try:
            complete.complete(file, toolkit.parts)
            how = "went on"
        except errors.NeverSent:
            foreigner.resume_foreign(file, WISH, toolkit.parts)
            how = "resumed with the same pair"
        assert open_only(toolkit).keystore.key_id == key_id
    training = toolkit.training
    assert training is not None
    (record,) = training.register.all()
    training.foreigners.validate(record.key_id)
    training.clock.move("+2h")
    outcome = complete.complete(open_only(toolkit), toolkit.parts)
    assert outcome.state == "complete", outcome
    assert len(training.register.all()) == 1, "a certificate too many"
    toolkit.close()
    return how


def main(folder: Path) -> dict[str, Report]:
    warm, active = folder / "warm", folder / "active"
    toolkit_in(warm).close()
    toolkit = toolkit_in(active)
    ask(toolkit)
    toolkit.training.clock.move("+2h")  # type: ignore[union-attr]
    complete.complete(open_only(toolkit), toolkit.parts)
    toolkit.close()
    runs: tuple[tuple[Callable[[Toolkit], None], Path, Callable[[Path], str]], ...] = (
        (end, active, ended),
        (ask_abroad, warm, asked_abroad),
    )
    return {
        work.__name__: killed_everywhere(work, prepared, folder, recover) for work, prepared, recover in runs
    }


if __name__ == "__main__":
    run(main)
