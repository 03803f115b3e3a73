"""The thread that looks at the readers: one for a page, however fast the page goes and comes back."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from types import FrameType
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine import background
from ehtoolkit.forms.engine.background import Poller


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "EVERY_SECONDS", 0.01)


class Watched:
    """A page that is looked after while it is ``there``."""

    def __init__(self) -> None:
        self.there = True
        self.looks = 0
        self.ends: list[threading.Thread] = []
        self.failures: list[Exception] = []
        self.wrong: Exception | None = None
        self.then: Any = lambda: None
        self.poller = Poller(
            self.look,
            self.failures.append,
            wanted=lambda: self.there,
            paused=lambda: False,
            end=lambda: self.ends.append(threading.current_thread()),
        )

    def look(self) -> Any:
        self.looks += 1
        if self.wrong is not None:
            raise self.wrong
        return self.then


def watching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "eh-watch"]


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def test_it_polls_until_it_is_stopped_and_after_a_restart() -> None:
    def looked_again(page: Watched, before: int) -> bool:
        return page.looks > before + 1

    async def sit() -> None:
        page = Watched()
        for turn in (1, 2):
            page.there, before = True, page.looks
            page.poller.begin()
            page.poller.begin()
            await until(partial(looked_again, page, before))
            assert len(watching()) == 1
            page.there = False
            await until(lambda: not watching())
            assert len(page.ends) == turn

    asyncio.run(sit())


def test_what_cannot_wait_is_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "EVERY_SECONDS", 3600.0)

    async def sit() -> None:
        page = Watched()
        page.poller.begin()
        await until(lambda: page.looks == 1)
        page.poller.soon()
        await until(lambda: page.looks == 2)
        page.there = False
        page.poller.soon()
        await until(lambda: not watching())

    asyncio.run(sit())


@pytest.mark.parametrize("where", ["the look", "what is done with it"])
@pytest.mark.parametrize("kind", [errors.FolderMissing(folder="f"), OSError("disk"), ValueError("x")])
def test_it_reports_an_exception_once_and_goes_on(where: str, kind: Exception) -> None:
    async def sit() -> None:
        page, here = Watched(), threading.current_thread()
        threads: list[threading.Thread] = []
        wrong: Exception | None = None

        def note(error: Exception) -> None:
            page.failures.append(error)
            threads.append(threading.current_thread())

        def act() -> None:
            if where != "the look" and wrong is not None:
                raise wrong

        async def looks(count: int) -> None:
            before = page.looks
            await until(lambda: page.looks > before + count)

        def go_wrong(error: Exception | None) -> None:
            nonlocal wrong
            wrong = error
            page.wrong = error if where == "the look" else None

        page.poller.fail, page.then = note, act
        go_wrong(kind)
        page.poller.begin()
        await looks(3)
        assert page.failures == [kind], "once, though it goes on"
        assert threads == [here], "in the page's own turn"

        go_wrong(RuntimeError("another"))
        await looks(3)
        assert len(page.failures) == 2
        go_wrong(None)
        await looks(3)
        go_wrong(kind)
        await looks(3)
        assert page.failures[2:] == [kind], "again, since it was right in between"
        page.there = False
        await until(lambda: not watching())

    asyncio.run(sit())


def test_a_page_that_comes_back_while_the_thread_ends_has_one_thread_again() -> None:
    """It comes back when the thread has just found that it is not wanted any more."""
    page, back = Watched(), threading.Event()

    def come_back() -> None:
        page.there = True
        page.poller.begin()
        back.set()

    async def sit() -> None:
        loop = asyncio.get_running_loop()

        def hold(frame: FrameType, event: str, value: object) -> Any:
            if back.is_set():  # the thread that comes back began under this function, too
                return None
            if frame.f_code.co_filename == background.__file__ and event == "return" and value is False:
                loop.call_soon_threadsafe(come_back)
                back.wait(10)
            return hold

        before = threading.gettrace()
        threading.settrace(hold)
        page.there = False
        page.poller.begin()
        await until(back.is_set)
        threading.settrace(before)
        await until(lambda: page.ends)
        page.ends[0].join()

        page.poller.begin()

        assert len(watching()) == 1
        page.there = False
        await until(lambda: not watching())

    asyncio.run(sit())
