"""Kernels that are forked: from start to end, apart from each other, and what happens when a process dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest
from jupyter_client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from ehtoolkit.voila import fork_provisioner, warm_process
from ehtoolkit.voila.fork_provisioner import PRELOADED
from ehtoolkit.voila.kernels import PageKernels, SpareKernelManager, transport_encryption
from ehtoolkit.voila.warm_process import (
    UNKNOWN_CODE,
    ForkedProcess,
    WarmProcess,
    WarmProcessFailed,
    bare_environment,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")

SECONDS = 100

ECHO = """
import json, os, signal, sys, time
def main(path, *orders):
    with open(path, "w") as file:
        json.dump({"pid": os.getpid(), "environment": dict(os.environ), "folder": os.getcwd()}, file)
    for order in orders:
        if order == "child":
            import subprocess
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
            with open(path + ".child", "w") as file: file.write(str(child.pid))
        elif order == "sleep":
            time.sleep(1000)
        elif order == "crash":
            os.abort()
        else:
            sys.exit(int(order))
"""


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the module ``echo``, which a warm process finds."""
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "echo_fork.py").write_text(ECHO, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def request(path: Path, *orders: str, **environment: str) -> dict[str, Any]:
    return {
        "module": "echo_fork",
        "arguments": [str(path), *orders],
        "environment": {"PATH": os.environ["PATH"], **environment},
        "folder": str(path.parent),
        "title": "kernel test",
    }


@asynccontextmanager
async def warmed(*modules: str) -> AsyncIterator[WarmProcess]:
    warm = WarmProcess(modules or ("echo_fork",))
    try:
        yield warm
    finally:
        warm.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def ended(fork: ForkedProcess, code: int) -> bool:
    return fork.poll() == code


def run(test: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(test())


# ── The process, and what it forks ───────────────────────────────────────────────────────────────────────
def test_a_fork_has_its_own_environment_folder_and_session(parts: Path, tmp_path: Path) -> None:
    async def look() -> None:
        async with warmed() as warm:
            for name in ("one", "two"):
                folder = tmp_path / name
                folder.mkdir()
                fork = await warm.fork(request(folder / "said", "0", WHO=name))
                await until(partial(ended, fork, 0))
                said = json.loads((folder / "said").read_text(encoding="utf-8"))
                assert said["pid"] == fork.pid
                assert said["environment"] == {"PATH": os.environ["PATH"], "WHO": name}
                assert said["folder"] == str(folder)

    run(look)


def test_the_process_gets_no_setting_and_no_secret(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_CARD", "training:somebody")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.example")

    async def look() -> None:
        async with warmed() as warm:
            await warm.fork(request(tmp_path / "said", "sleep", PIN="1234"))
            assert warm.pid is not None
            has = psutil.Process(warm.pid).environ()
            assert set(has) == set(bare_environment())
            assert not [name for name in has if "EHTOOLKIT" in name or "PROXY" in name.upper()]
            assert psutil.Process(warm.pid).num_threads() == 1

    run(look)


@pytest.mark.parametrize(("order", "code"), [("0", 0), ("3", 3), ("crash", -signal.SIGABRT)])
def test_how_a_fork_ends_is_known(parts: Path, tmp_path: Path, order: str, code: int) -> None:
    async def look() -> None:
        async with warmed() as warm:
            fork = await warm.fork(request(tmp_path / "said", order))
            await until(lambda: fork.poll() == code)  # that it has ended may be known before how
            assert fork.wait() == code
            fork.kill()  # no harm

    run(look)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it(parts: Path, tmp_path: Path, number: int) -> None:
    async def look() -> None:
        async with warmed() as warm:
            fork = await warm.fork(request(tmp_path / "said", "sleep"))
            assert fork.poll() is None
            fork.send_signal(number)
            await until(lambda: fork.poll() == -number)

    run(look)


def test_what_a_fork_started_ends_with_it(parts: Path, tmp_path: Path) -> None:
    async def look() -> None:
        async with warmed() as warm:
            fork = await warm.fork(request(tmp_path / "said", "child", "crash"))
            await until(lambda: fork.poll() is not None)
            child = int((tmp_path / "said.child").read_text(encoding="utf-8"))
            await until(lambda: not alive(child))

    run(look)


def test_forks_outlive_the_process_that_forked_them_and_are_still_known(parts: Path, tmp_path: Path) -> None:
    async def look() -> None:
        async with warmed() as warm:
            fork = await warm.fork(request(tmp_path / "first", "sleep"))
            before = warm.pid
            assert before is not None
            os.kill(before, signal.SIGKILL)
            await until(lambda: warm.pid is None)
            assert fork.poll() is None
            assert alive(fork.pid)

            another = await warm.fork(request(tmp_path / "second", "sleep"))
            assert warm.pid != before
            assert fork.poll() is None, "the process that is there now knows nothing of it"
            for process in (fork, another):
                process.kill()
                await until(partial(ended, process, -signal.SIGKILL))

    run(look)


def test_one_that_never_forked_is_not_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def look() -> None:
        async with warmed("no_such_module") as warm:
            with pytest.raises(WarmProcessFailed):
                await warm.fork(request(tmp_path / "said"))
            await until(lambda: warm.pid is None)  # that it has ended may be heard after it took no request
            with pytest.raises(WarmProcessFailed, match="failed before"):
                await warm.fork(request(tmp_path / "said"))
            assert warm.pid is None

    run(look)
    assert "the process that kernels are forked from has failed" in caplog.text


def test_one_with_threads_does_not_fork(parts: Path, tmp_path: Path) -> None:
    (parts / "busy_fork.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n",
        encoding="utf-8",
    )

    async def look() -> None:
        async with warmed("busy_fork") as warm:
            with pytest.raises(WarmProcessFailed, match="2 threads"):
                await warm.fork(request(tmp_path / "said"))

    run(look)


def test_one_that_does_not_answer_is_given_up(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_process, "FORK_SECONDS", 0.5)

    async def look() -> None:
        async with warmed() as warm:
            await warm.fork(request(tmp_path / "first", "0"))
            pid = warm.pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            with pytest.raises(WarmProcessFailed, match="no answer"):
                await warm.fork(request(tmp_path / "second", "0"))
            assert not alive(pid)

    run(look)


def test_forks_outlive_a_process_that_wakes_as_it_is_given_up_but_for_its_last(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for that one any more: another process is a kernel in its place."""
    monkeypatch.setattr(warm_process, "FORK_SECONDS", 0.1)
    kill, last = subprocess.Popen.kill, tmp_path / "last"

    def kill_late(process: subprocess.Popen[bytes]) -> None:
        """A computer that has so much to do that the process still forks, or ends, before the signal comes."""
        os.kill(process.pid, signal.SIGCONT)
        while alive(process.pid) and not (last.exists() and last.read_text(encoding="utf-8")):
            time.sleep(0.001)
        kill(process)

    async def look() -> None:
        async with warmed() as warm:
            fork = await warm.fork(request(tmp_path / "first", "sleep"))
            assert warm.pid is not None
            os.kill(warm.pid, signal.SIGSTOP)
            monkeypatch.setattr(subprocess.Popen, "kill", kill_late)
            with pytest.raises(WarmProcessFailed, match="no answer"):
                await warm.fork(request(last, "sleep"))
            assert fork.poll() is None
            assert alive(fork.pid)
            pid = json.loads(last.read_text(encoding="utf-8"))["pid"]
            await until(lambda: not alive(pid))
            fork.kill()

    run(look)


def test_a_request_that_is_too_large_is_refused_and_others_go_on(parts: Path, tmp_path: Path) -> None:
    async def look() -> None:
        async with warmed() as warm:
            await warm.fork(request(tmp_path / "first", "0"))
            with pytest.raises(WarmProcessFailed):
                await warm.fork(request(tmp_path / "second", "0", LARGE="x" * 5_000_000))
            await warm.fork(request(tmp_path / "third", "0"))

    run(look)


def test_many_at_once(parts: Path, tmp_path: Path) -> None:
    async def look() -> None:
        async with warmed() as warm:
            asked = [warm.fork(request(tmp_path / str(number), "0")) for number in range(40)]
            forks = await asyncio.gather(*asked)
            assert len({fork.pid for fork in forks}) == 40
            await until(lambda: all(fork.poll() == 0 for fork in forks))

    run(look)


_ASKER = """
import asyncio, runpy, sys
WarmProcess = runpy.run_path(sys.argv[2])["WarmProcess"]  # its package would bring all of Jupyter along
async def main():
    warm = WarmProcess(["echo_fork"])
    request = {"module": "echo_fork", "arguments": [sys.argv[1], "child", "sleep"], "environment": {}, "folder": "/",
               "title": "kernel"}
    fork = await warm.fork(request)
    print(warm.pid, fork.pid, flush=True)
    await asyncio.sleep(1000)
asyncio.run(main())
"""


@pytest.mark.parametrize("forker_dies_first", [False, True])
def test_nothing_is_left_when_the_server_dies(parts: Path, tmp_path: Path, forker_dies_first: bool) -> None:
    path = os.pathsep.join([str(parts), str(Path(__file__).parents[2])])
    with subprocess.Popen(
        [sys.executable, "-c", _ASKER, str(tmp_path / "said"), warm_process.__file__],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as asker:
        assert asker.stdout is not None
        pids = [int(word) for word in asker.stdout.readline().split()]
        pid_file = tmp_path / "said.child"
        end = time.monotonic() + SECONDS
        while not (pid_file.exists() and pid_file.read_text(encoding="utf-8")):
            assert time.monotonic() < end
            time.sleep(0.02)
        pids.append(int(pid_file.read_text(encoding="utf-8")))
        if forker_dies_first:
            os.kill(pids[0], signal.SIGKILL)
        assert all(alive(pid) for pid in pids[1:])
        asker.kill()
        asker.wait()
        while any(alive(pid) for pid in pids):
            assert time.monotonic() < end, "something is left"
            time.sleep(0.02)


# ── Kernels ──────────────────────────────────────────────────────────────────────────────────────────────
@asynccontextmanager
async def kernels(modules: tuple[str, ...] = PRELOADED) -> AsyncIterator[SpareKernelManager]:
    """A manager as the server has it, that forks."""
    from traitlets.config import Config

    config = Config({"KernelManager": {"transport_encryption": transport_encryption()}})
    with TemporaryDirectory() as folder:  # else their connection files are in the folder of the tests
        manager = SpareKernelManager(kernel_spec_manager=PageKernels(), config=config, connection_dir=folder)
        manager.warm_process = WarmProcess(modules)
        try:
            yield manager
        finally:
            await manager.close()


@dataclass(frozen=True)
class Forking:
    """A manager, and what runs the tests that need one; each of them starts kernels of its own."""

    runner: asyncio.Runner
    manager: SpareKernelManager


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """One for all: what its process imports beforehand takes as long as most tests."""
    with asyncio.Runner() as runner:
        context = kernels()
        yield Forking(runner, runner.run(context.__aenter__()))
        runner.run(context.__aexit__(None, None, None))


async def start(manager: SpareKernelManager, **environment: str) -> str:
    return await AsyncMappingKernelManager.start_kernel(manager, env={**os.environ, **environment})


async def value(manager: SpareKernelManager, kernel_id: str, code: str) -> Any:
    """What ``code`` prints in the kernel, read as JSON."""
    kernel = manager.get_kernel(kernel_id)
    client: AsyncKernelClient = kernel.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            printed.append(
                message["content"].get("text", "") + "".join(message["content"].get("traceback", ""))
            )

        await client.execute_interactive(code, timeout=SECONDS, output_hook=note)
        return json.loads("".join(printed))
    finally:
        client.stop_channels()


_RANDOM = """
import json, os, random, secrets, tempfile, uuid, numpy
from cryptography.hazmat.primitives.asymmetric import ec
numbers = [random.random(), secrets.token_hex(), uuid.uuid4().hex, uuid.uuid1().hex, numpy.random.random(),
           os.urandom(8).hex(), next(tempfile._get_candidate_names()),
           str(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value)]
print(json.dumps({"numbers": numbers, "pid": os.getpid(), "who": os.environ["WHO"], "folder": os.getcwd(),
                  "warm": os.getppid()}))
"""


def test_two_kernels_are_apart(forking: Forking, tmp_path: Path) -> None:
    async def look() -> None:
        manager = forking.manager
        ids = [await start(manager, WHO=name) for name in ("one", "two")]
        first, second = [await value(manager, kernel_id, _RANDOM) for kernel_id in ids]
        assert manager.warm_process is not None
        assert first["warm"] == second["warm"] == manager.warm_process.pid, "they were forked"
        assert (first["who"], second["who"]) == ("one", "two")
        for number, other in zip(first["numbers"], second["numbers"], strict=True):
            assert number != other
        both = "import json; x = globals().get('x', 0) + 1; print(json.dumps(x))"
        assert [await value(manager, kernel_id, both) for kernel_id in ids] == [1, 1]

    forking.runner.run(look())


@pytest.mark.parametrize("forks", [True, False])
def test_a_kernel_runs_no_file_of_ipython_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    """Others may be able to write to it, and its files are meant for other programs."""
    ran, profile = tmp_path / "ran", tmp_path / "ipython" / "profile_default"
    startup = tmp_path / "startup.py"
    (profile / "startup").mkdir(parents=True)
    for path in (
        *(profile / "startup" / "00.py", profile / "startup" / "01.ipy", startup),
        *(profile / "ipython_config.py", profile / "ipython_kernel_config.py"),
    ):
        path.write_text(f"open({str(ran)!r}, 'a').write({path.name!r})", encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))

    async def look() -> None:
        async with kernels() as manager:
            if not forks:
                manager.warm_process = None
            kernel_id = await start(manager)
            loaded = "import json, sys; print(json.dumps('ehtoolkit.forms' in sys.modules))"
            assert await value(manager, kernel_id, loaded) is True

    run(look)
    assert not ran.exists(), ran.read_text(encoding="utf-8")


class Noting(WarmProcess):
    """Notes the connection file, open, of each kernel that is to be forked."""

    async def fork(self, request: dict[str, Any]) -> warm_process.ForkedProcess:
        self.path = Path(request["arguments"][0])
        self.file = self.path.open("rb")
        return await super().fork(request)


def test_a_kernel_does_not_write_what_the_server_reads_as_it_starts() -> None:
    async def look() -> None:
        async with kernels() as manager:
            manager.warm_process = noting = Noting(PRELOADED)
            kernel_id = await start(manager)
            assert await value(manager, kernel_id, "print(1)") == 1
            with noting.file as written:
                assert os.path.samestat(os.fstat(written.fileno()), noting.path.stat())

    run(look)


def test_interrupt_restart_and_shutdown(forking: Forking) -> None:
    async def look() -> None:
        manager = forking.manager
        kernel_id = await start(manager)
        kernel = manager.get_kernel(kernel_id)
        client = kernel.client()
        client.start_channels()
        await client.wait_for_ready(timeout=SECONDS)
        client.execute("import time; print('begun'); time.sleep(1000)")
        while (await client.get_iopub_msg(timeout=SECONDS))["content"].get("text") != "begun\n":
            pass
        await kernel.interrupt_kernel()
        answer = await client.get_shell_msg(timeout=SECONDS)
        while answer["msg_type"] != "execute_reply":
            answer = await client.get_shell_msg(timeout=SECONDS)
        assert answer["content"]["ename"] == "KeyboardInterrupt"
        client.stop_channels()

        before = kernel.provisioner.pid
        await kernel.restart_kernel(now=True)
        after = kernel.provisioner.pid
        assert after != before
        assert not alive(before)
        code = "import json, os; print(json.dumps([os.getpid(), os.getppid()]))"
        assert manager.warm_process is not None
        assert await value(manager, kernel_id, code) == [after, manager.warm_process.pid]

        await manager.shutdown_kernel(kernel_id)  # with a message, and by itself
        assert not alive(after)
        assert kernel_id not in manager

    forking.runner.run(look())


_PUBLISHES_LATE = """
import collections, threading

class Late(collections.deque):
    "The control thread has seen that the thread that publishes is there, and sends it something when it has ended."

    def append(self, sent):
        if threading.current_thread().name == "Control":
            publisher.thread.join(1)
        super().append(sent)

publisher = get_ipython().kernel.iopub_thread
publisher._events = Late(publisher._events)
print(1)
"""


def test_a_kernel_ends_when_it_is_asked_whichever_thread_is_slow(forking: Forking) -> None:
    async def look() -> None:
        manager = forking.manager
        kernel_id = await start(manager)
        kernel = manager.get_kernel(kernel_id)
        assert await value(manager, kernel_id, _PUBLISHES_LATE) == 1

        await kernel.request_shutdown()

        async with asyncio.timeout(SECONDS):
            while await kernel.provisioner.poll() in (None, UNKNOWN_CODE):
                await asyncio.sleep(0.05)
        assert await kernel.provisioner.poll() == 0
        await manager.shutdown_kernel(kernel_id, now=True)  # else the manager starts it again

    forking.runner.run(look())


def test_a_kernel_that_was_killed_is_known_to_be_dead(forking: Forking) -> None:
    async def look() -> None:
        manager = forking.manager
        kernel_id = await start(manager)
        kernel = manager.get_kernel(kernel_id)
        assert await kernel.is_alive()
        os.kill(kernel.provisioner.pid, signal.SIGKILL)
        async with asyncio.timeout(SECONDS):
            while await kernel.is_alive():
                await asyncio.sleep(0.02)
        await manager.shutdown_kernel(kernel_id, now=True)

    forking.runner.run(look())


def test_where_nothing_can_be_forked_kernels_start_by_themselves(caplog: pytest.LogCaptureFixture) -> None:
    async def look() -> None:
        async with kernels(("no_such_module",)) as manager:
            kernel_id = await start(manager)
            code = "import json, os; print(json.dumps(os.getppid()))"
            assert await value(manager, kernel_id, code) == os.getpid()

    run(look)
    assert "the process that kernels are forked from has failed" in caplog.text


def test_a_forked_kernel_is_as_one_that_is_started_by_itself(forking: Forking) -> None:
    code = """
import json, os, sys
ip = get_ipython()
from comm import get_comm_manager
print(json.dumps({
    "shell": type(ip).__name__, "kernel": ip.kernel is ip.kernel.parent.kernel is ip.parent,
    "count": ip.execution_count, "typed": ip.user_ns["In"], "names": sorted({*ip.user_ns} - {"ehtoolkit"}),
    "folders": [ip.ipython_dir, ip.profile_dir.location], "magics": sorted(ip.magics_manager.magics["line"]),
    "extensions": sorted(ip.extension_manager.loaded - {"ipywidgets"}),
    "variables": {name: os.environ.get(name) for name in ("TERM", "PAGER", "CLICOLOR", "EHTOOLKIT_HOME")},
    "comms": len(get_comm_manager().comms),
    "history": ip.history_manager.enabled, "first": "" in sys.path, "main": __name__,
    "targets": sorted(get_comm_manager().targets), "forms": "ehtoolkit.forms" in sys.modules,
    "curve": bool(ip.kernel.parent.curve_secretkey),
}))
"""

    async def look() -> None:
        manager = forking.manager
        forked = await value(manager, await start(manager), code)
        warm, manager.warm_process = manager.warm_process, None
        assert warm is not None
        try:
            alone = await value(manager, await start(manager), code)
        finally:
            manager.warm_process = warm
        assert forked == alone
        assert forked["history"] is False

    forking.runner.run(look())


def test_what_is_imported_beforehand_leaves_nothing_open() -> None:
    async def look() -> None:
        async with warmed(*PRELOADED) as warm:
            fork = await warm.fork(
                {**request(Path("/dev/null"), "0"), "module": "echo_fork"} | {"module": "base64"}
            )
            await until(lambda: fork.returncode is not None)  # reported, so reaped: it is no child any more
            assert fork.returncode == 1  # base64 has a main that takes other arguments
            assert warm.pid is not None
            process = psutil.Process(warm.pid)
            assert process.open_files() == []
            assert process.num_threads() == 1
            assert process.children() == []
            assert process.net_connections(kind="inet") == []

    run(look)


def test_what_is_imported_beforehand_is_there() -> None:
    """A part that is named wrongly would end every warm process."""
    import importlib.util

    assert [name for name in PRELOADED if importlib.util.find_spec(name) is None] == []
    assert fork_provisioner.KERNEL in PRELOADED


_WIDGETS = """
import ipywidgets
made = []
ipywidgets.Widget.on_widget_constructed(made.append)
import ehtoolkit.forms.page_kernel
values = [getattr(widget, "value", "") for widget in made]
print(len(made), any("<style>" in value for value in values if isinstance(value, str)))
"""


def test_a_form_is_rehearsed_as_it_is_on_a_page() -> None:
    """Only a form in a notebook brings its style along."""
    done = subprocess.run([sys.executable, "-c", _WIDGETS], capture_output=True, text=True, check=True)
    made, has_style = done.stdout.split()
    assert int(made) > 0
    assert has_style == "False"
