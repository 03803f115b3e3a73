"""Find the keystores of an audit and judge each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.discovery import DiscoveredFiles, Stop, list_files, path_order
from ehtoolkit.auditing.judge import evaluate
from ehtoolkit.auditing.keystores import AuditedKeystore, brussels_day
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.results.cache import Cache
from ehtoolkit.auditing.results.scan_result import ScanResult
from ehtoolkit.auditing.scanning import recall, scan
from ehtoolkit.ehealth.revocation import AskRevocation
from ehtoolkit.ehealth.revocation_answers import revocation_finding
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import Guesses, PasswordsOf
from ehtoolkit.keystore.storage.records import CachedStates, read_cached_states
from ehtoolkit.providers import Provider
from ehtoolkit.secret import Secret

_CURRENT: Final = frozenset(
    {
        State.NO_ETK,
        State.RENEWABLE,
        State.NOT_YET_VALID,
        State.COMPLETE,
    }
)
"""Keystores that are asked about: of a certificate that has ended, authorities need not know any more."""


def find_audited_keystores(
    folders: Sequence[Path],
    records: Sequence[Provider],
    passwords: PasswordsOf | None,
    options: AuditOptions,
    others: Sequence[Provider] = (),
) -> tuple[dict[str, AuditedKeystore], DiscoveredFiles]:
    """Return each keystore by its path, and what else the folders hold: folders that could not be listed, and how many
    files were passed over. ``others``: records whose keystores are left out."""
    listed = list_files([folder.absolute() for folder in folders], options.stop, options.seconds)
    assigned = _assigned(records)
    leave_out = _assigned(others) - assigned
    given = _GivenPasswords(passwords or (lambda _: None))
    now = options.moment
    wanted = sorted(dict.fromkeys((*listed.files, *assigned)), key=path_order)
    files = [file for file in wanted if file not in leave_out]
    del wanted
    listed = listed._replace(files=())
    found = scan(
        files,
        given,
        cache=None if options.cache is None else Cache(options.cache, brussels_day(now)),
        processes=options.processes,
        progress=options.progress,
        stop=options.stop,
        seconds=options.seconds,
        chains=options.ask_revocation is not None,
        executor=options.executor,
    )
    known = () if options.notes is None else read_cached_states(options.notes)
    readings = recall(given.without_guesses(found), known, options.seconds)
    seen = evaluate(readings, files, now, options.seconds, CachedStates(known))
    theirs = {record.niss for record in others if record.niss} - {record.niss for record in records}
    for file in [file for file, keystore in seen.items() if _belongs_to(keystore, theirs)]:
        if file not in assigned:
            del seen[file]
    if options.ask_revocation is not None:
        _ask_about(seen, options.ask_revocation, options.stop)
    return seen, listed


def _ask_about(seen: dict[str, AuditedKeystore], ask: AskRevocation, stop: Stop) -> None:
    """Put into ``seen`` what authorities say of their certificates, which are not needed any more then. Raises
    `errors.Cancelled`."""
    for file, keystore in seen.items():
        if stop():
            raise errors.Cancelled
        if keystore.state in _CURRENT and keystore.reading.opened:
            answer = revocation_finding(ask(keystore.reading.certificates, keystore.environment))
            seen[file] = replace(keystore, reading=replace(keystore.reading, chain=()), revocation=answer)


def assigned_file(record: Provider) -> str | None:
    """Return the path of the keystore that is assigned to ``record``."""
    return None if record.keystore is None else str(Path(record.keystore.path))


def _assigned(records: Iterable[Provider]) -> Set[str]:
    return set(filter(None, map(assigned_file, records)))


def _belongs_to(keystore: AuditedKeystore, numbers: Set[str]) -> bool:
    holder = keystore.holder
    return holder is not None and holder.is_person and holder.value in numbers


class _GivenPasswords:
    """The passwords of files; remembers the files for which there were only guesses."""

    def __init__(self, passwords: PasswordsOf) -> None:
        self._passwords = passwords
        self._guessed: set[str] = set()

    def __call__(self, path: Path) -> Secret | Sequence[Secret] | None:
        found = self._passwords(path)
        if isinstance(found, Guesses):
            self._guessed.add(str(path))
        return found

    def without_guesses(self, found: Iterable[tuple[str, ScanResult]]) -> Iterator[tuple[str, ScanResult]]:
        """Yield what was found. A guess that fails says nothing about its file."""
        for file, reading in found:
            yield file, reading.as_untried() if file in self._guessed else reading
