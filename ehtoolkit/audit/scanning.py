"""Many files, some at a time, each in a process that may die of it.

Opening a keystore derives keys and mostly holds the interpreter's lock; so processes, not threads. They are started
anew (``spawn``), as Windows and macOS do it: a notebook's kernel has threads that a fork would break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.audit.cache import Cache
from ehtoolkit.audit.listing import Stop
from ehtoolkit.audit.reading import Content, Fault, Reading, fingerprint, look
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


def scan(
    paths: Sequence[Path],
    password_of: PasswordOf,
    *,
    cache: Cache | None = None,
    processes: int = 2,
    progress: Progress = lambda done, of: None,
    stop: Stop = lambda: False,
) -> dict[Path, Reading]:
    """What each file shows, with its password where there is one.

    Raises `errors.Cancelled`; what was seen until then is in the cache all the same.
    """
    seen: dict[Path, Reading] = {}
    open_: list[tuple[Path, Secret | None]] = []
    try:
        for path in paths:
            _go_on(stop)
            password = password_of(path)
            known = _known(path, password, cache)
            if known is None:
                open_.append((path, password))
            else:
                seen[path] = known
                progress(len(seen), len(paths))
        for (path, password), (content, reading) in _looked(open_, processes, stop):
            seen[path] = reading
            if cache is not None and password is not None and content is not None:
                cache.put(content, password, reading)
            progress(len(seen), len(paths))
    finally:
        if cache is not None:
            cache.save()
    return seen


def _known(path: Path, password: Secret | None, cache: Cache | None) -> Reading | None:
    """Without a password looking is as fast as looking it up."""
    if cache is None or password is None:
        return None
    content = fingerprint(path)
    return None if content is None else cache.get(content, password)


def _looked(
    open_: Sequence[tuple[Path, Secret | None]], processes: int, stop: Stop
) -> Iterator[tuple[tuple[Path, Secret | None], Content]]:
    if processes < 2 or len(open_) <= _FEW:
        for path, password in open_:
            _go_on(stop)
            yield (path, password), look(path, password)
        return
    chunks = [open_[start : start + _CHUNK] for start in range(0, len(open_), _CHUNK)]
    broken: list[Sequence[tuple[Path, Secret | None]]] = []
    pool = _pool(processes)
    try:
        futures = {pool.submit(_look_at, _tasks(chunk)): chunk for chunk in chunks}
        for future in _done(futures, stop):
            chunk = futures[future]
            try:
                contents = future.result()
            except BrokenProcessPool:
                broken.append(chunk)
                continue
            yield from zip(chunk, contents, strict=True)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    yield from _again(broken, stop)


def _again(
    broken: Sequence[Sequence[tuple[Path, Secret | None]]], stop: Stop
) -> Iterator[tuple[tuple[Path, Secret | None], Content]]:
    """A process that dies takes all that waits with it: chunk by chunk, and file by file where it dies again."""
    if not broken:
        return
    pool = _pool(1)
    try:
        for chunk in broken:
            _go_on(stop)
            try:
                contents = pool.submit(_look_at, _tasks(chunk)).result()
            except BrokenProcessPool:
                pool.shutdown()
                pool = _pool(1)
                contents = [_alone(one) for one in chunk]
            yield from zip(chunk, contents, strict=True)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(one: tuple[Path, Secret | None]) -> Content:
    """A file of a chunk in which a process died, in a process of its own: one of them is what it died of."""
    with _pool(1) as pool:
        try:
            return pool.submit(_look_at, _tasks([one])).result()[0]
        except BrokenProcessPool:
            return None, Reading(kind="unreadable", faults=(Fault("file_unreadable", "", {}),))


def _done(
    futures: dict[Future[list[Content]], Sequence[tuple[Path, Secret | None]]], stop: Stop
) -> Iterator[Future[list[Content]]]:
    left = set(futures)
    while left:
        _go_on(stop)
        done, left = wait(left, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        yield from done


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def _tasks(chunk: Sequence[tuple[Path, Secret | None]]) -> list[_Task]:
    return [(str(path), None if password is None else password.reveal()) for path, password in chunk]


def _look_at(tasks: Sequence[_Task]) -> list[Content]:
    """In the other process."""
    return [look(Path(path), None if password is None else Secret(password)) for path, password in tasks]


def _go_on(stop: Stop) -> None:
    if stop():
        raise errors.Cancelled
