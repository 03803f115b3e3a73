"""Many files, some at a time, each in a process that may die of it.

Opening a keystore derives keys and mostly holds the interpreter's lock; so processes, not threads. They are started
anew (``spawn``), as Windows and macOS do it: a notebook's kernel has threads that a fork would break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.audit.cache import Cache
from ehtoolkit.audit.listing import Stop
from ehtoolkit.audit.patience import SECONDS, Hangs, Patience
from ehtoolkit.audit.reading import Content, Fault, Reading, fingerprint, hanging, look
from ehtoolkit.keystore.candidate import PasswordOf
from ehtoolkit.secret import Secret

Progress = Callable[[int, int], None]
"""How many files are done, of how many."""

_FEW: Final = 12
"""Files that are read sooner than a process has started."""
_CHUNK: Final = 25
_PATIENCE: Final = 0.2
"""Seconds after which it is asked again whether the scan is to end."""

_Task = tuple[str, str | None]
"""A path and a password as a process can be handed them: a `Secret` refuses to leave its own."""
_Wanted = tuple[Path, Secret | None]
_Found = tuple[list[Content], frozenset[Path]]
"""What was seen in files, and the folders that were given up."""
_Work = Future[_Found]


class Looking(NamedTuple):
    """How files are looked at; see `scan`."""

    seconds: float
    chains: bool


def scan(
    paths: Sequence[Path],
    password_of: PasswordOf,
    *,
    cache: Cache | None = None,
    processes: int = 2,
    progress: Progress = lambda done, of: None,
    stop: Stop = lambda: False,
    seconds: float = SECONDS,
    chains: bool = False,
) -> dict[Path, Reading]:
    """What each file shows, with its password where there is one. ``seconds``: how long reading one may take; whatever
    hangs, the scan ends. ``chains``: with the certificates of those that are open.

    Raises `errors.Cancelled`; what was seen until then is in the cache all the same.
    """
    seen: dict[Path, Reading] = {}
    open_: list[_Wanted] = []
    try:
        with Patience(seconds) as patience:
            for path in paths:
                _go_on(stop)
                password = password_of(path)
                known = _known(path, password, cache, patience)
                if known is None or (chains and known.not_after is not None and not known.chain):
                    open_.append((path, password))
                else:
                    seen[path] = known
                    progress(len(seen), len(paths))
        for (path, password), (content, reading) in _looked(open_, processes, stop, Looking(seconds, chains)):
            seen[path] = reading
            if cache is not None and password is not None and content is not None:
                cache.put(content, password, reading)
            progress(len(seen), len(paths))
    finally:
        if cache is not None:
            cache.save()
    return seen


def _known(path: Path, password: Secret | None, cache: Cache | None, patience: Patience) -> Reading | None:
    """Without a password looking is as fast as looking it up."""
    if cache is None or password is None:
        return None
    try:
        content = fingerprint(path, patience)
    except Hangs as hangs:
        return hanging(tried=hangs.tried)
    return None if content is None else cache.get(content, password)


def _looked(
    open_: Sequence[_Wanted], processes: int, stop: Stop, how: Looking
) -> Iterator[tuple[_Wanted, Content]]:
    if processes < 2 or len(open_) <= _FEW:
        with Patience(how.seconds) as patience:
            for path, password in open_:
                _go_on(stop)
                yield (path, password), look(path, password, patience, chains=how.chains)
        return
    chunks = [open_[start : start + _CHUNK] for start in range(0, len(open_), _CHUNK)]
    broken: list[Sequence[_Wanted]] = []
    given_up: set[Path] = set()
    pool = _pool(processes)
    try:
        futures = {pool.submit(_look_at, _tasks(chunk), how): chunk for chunk in chunks}
        for future in _done(futures, stop):
            chunk = futures[future]
            if future.cancelled():
                yield from ((one, (None, hanging(tried=False))) for one in chunk)
                continue
            try:
                contents, places = future.result()
            except BrokenProcessPool:
                broken.append(chunk)
                continue
            yield from zip(chunk, contents, strict=True)
            if places:
                given_up |= places
                _cancel(futures, given_up)
    finally:
        # A process in which the system holds a thread may not end; then nobody waits for it here.
        pool.shutdown(wait=not given_up, cancel_futures=True)
    yield from _again(broken, stop, how)


def _cancel(futures: Mapping[_Work, Sequence[_Wanted]], given_up: Set[Path]) -> None:
    """Those that have not begun and are all of folders that do not answer."""
    for future, chunk in futures.items():
        if not future.done() and all(path.parent in given_up for path, _ in chunk):
            future.cancel()


def _again(
    broken: Sequence[Sequence[_Wanted]], stop: Stop, how: Looking
) -> Iterator[tuple[_Wanted, Content]]:
    """A process that dies takes all that waits with it: chunk by chunk, and file by file where it dies again."""
    if not broken:
        return
    pool = _pool(1)
    try:
        for chunk in broken:
            _go_on(stop)
            try:
                contents, _ = pool.submit(_look_at, _tasks(chunk), how).result()
            except BrokenProcessPool:
                pool.shutdown()
                pool = _pool(1)
                contents = [_alone(one, how) for one in chunk]
            yield from zip(chunk, contents, strict=True)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(one: _Wanted, how: Looking) -> Content:
    """A file of a chunk in which a process died, in a process of its own: one of them is what it died of."""
    with _pool(1) as pool:
        try:
            return pool.submit(_look_at, _tasks([one]), how).result()[0][0]
        except BrokenProcessPool:
            return None, Reading(kind="unreadable", faults=(Fault("file_unreadable", "", {}),))


def _done(futures: Mapping[_Work, Sequence[_Wanted]], stop: Stop) -> Iterator[_Work]:
    left = set(futures)
    while left:
        _go_on(stop)
        done, left = wait(left, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        yield from done


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def _tasks(chunk: Sequence[_Wanted]) -> list[_Task]:
    return [(str(path), None if password is None else password.reveal()) for path, password in chunk]


def _look_at(tasks: Sequence[_Task], how: Looking) -> _Found:
    """In the other process."""
    with Patience(how.seconds) as patience:
        contents = [
            look(Path(path), None if password is None else Secret(password), patience, chains=how.chains)
            for path, password in tasks
        ]
        return contents, patience.given_up


def _go_on(stop: Stop) -> None:
    if stop():
        raise errors.Cancelled
