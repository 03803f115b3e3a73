"""Audits by other workers: pools of this computer, and a Dask cluster that is started here. The same to the byte."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import Any

import dask
import distributed  # before a setting of Dask is made: it brings the defaults along
import pytest

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.export.formats import ExportOptions
from ehtoolkit.auditing.export.plain_text import csv_text, json_text
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan import batches, dask_cluster
from ehtoolkit.auditing.scan.file_scan import scan_file
from ehtoolkit.auditing.scan.scan_result import answer_of
from ehtoolkit.auditing.scan.scan_team import FileToScan, ScanLimits
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.cluster import RunningCluster, as_environment, running_cluster, write_certificates
from tests.auditing.conftest import NOW, PASSWORD, Workshop

COUNT = 100


@pytest.fixture(scope="module")
def folder(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More files than one batch: whole, cut off, rubbish, and one that leads nowhere."""
    folder = tmp_path_factory.mktemp("keystores")
    data = workshop.write(folder).read_bytes()
    for number in range(COUNT):
        path = folder / f"{number % 7}" / f"SSIN=79031421872 20260101-{number:06}.p12"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[: -number * 10] if number % 5 == 0 and number else data)
    (folder / "rubbish.p12").write_bytes(bytes(range(256)))
    (folder / "dead.p12").symlink_to(folder / "nowhere")
    return folder


@pytest.fixture(scope="module")
def alone(folder: Path) -> Audit:
    """By this computer."""
    return audited(folder, None)


def audited(
    folder: Path, executor: Executor | None, progress: Callable[[int, int], None] | None = None
) -> Audit:
    options = AuditOptions(
        now=NOW, language="en", executor=executor, progress=progress or (lambda done, of: None)
    )
    return audit_folder([folder], lambda _: PASSWORD, options)


def written(audit: Audit) -> bytes:
    """Every table, to the byte."""
    tables = ("keystores", "findings", "merged")
    texts = (csv_text(audit, Translator("en"), ExportOptions(full=True, table=table)) for table in tables)
    return "\n".join([json_text(audit, Translator("en"), ExportOptions(full=True)), *texts]).encode()


# ── pools of this computer ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "pool", [lambda: ThreadPoolExecutor(2), lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn"))]
)
def test_any_executor_gives_the_same(folder: Path, alone: Audit, pool: Callable[[], Executor]) -> None:
    reported: list[tuple[int, int]] = []
    with pool() as executor:
        found = audited(folder, executor, lambda done, of: reported.append((done, of)))
        assert executor.submit(len, "abc").result() == 3  # it is not shut down
    assert written(found) == written(alone)
    whole = len(alone.keystores)
    assert reported == [(done, whole) for done in range(1, whole + 1)]


def test_from_python(folder: Path, alone: Audit) -> None:
    with ThreadPoolExecutor(2) as executor:
        found = ehtoolkit.audit(folder, executor=executor, now=NOW, language="en")
    plain = ehtoolkit.audit(folder, now=NOW, language="en")
    assert written(found) == written(plain)
    with pytest.raises(TypeError, match="executor"):
        ehtoolkit.audit(folder, executor="tls://cluster:8786")  # type: ignore[arg-type]


def test_a_pool_that_breaks_costs_time(folder: Path, alone: Audit) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(os.getpid).result()

        def kill(_: int, __: int) -> None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

        assert written(audited(folder, pool, kill)) == written(alone)
        with pytest.raises(BrokenExecutor):
            pool.submit(len, "abc").result()


class Faulty(Executor):
    """Fails as executors do, before it works: by each of ``failures`` once."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.tasks = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.tasks += 1
        future: Future[Any] = Future()
        failure = self.failures.pop(0) if self.failures else None
        if failure is None:
            future.set_result(fn(*args, **kwargs))
        else:
            future.set_exception(failure)
        return future


def test_a_batch_that_fails_is_scanned_here(folder: Path, alone: Audit) -> None:
    count = -(-len(alone.keystores) // batches.BATCH)
    for failures in ([MemoryError("a worker died")], [RuntimeError("no such module there")] * count):
        executor = Faulty(*failures)
        assert written(audited(folder, executor)) == written(alone)
        assert executor.tasks == count


def test_workers_of_another_version_and_without_the_folder_are_not_believed(
    folder: Path, alone: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batches.ScanBatch.scan

    def other_version(self: batches.ScanBatch) -> str:
        return json.dumps({**json.loads(real(self)), "version": "0.0.9"})

    def nothing_there(self: batches.ScanBatch) -> str:
        with TimeoutGuard() as patience:
            missing = scan_file(folder / "not mounted.p12", (), patience)
        return json.dumps(answer_of([missing] * len(self._files), ()))

    for instead in (other_version, nothing_there):
        monkeypatch.setattr(batches.ScanBatch, "scan", instead)
        assert written(audited(folder, Faulty())) == written(alone)


class Answering(Faulty):
    """Answers as a worker that was taken over does: each of ``answers`` in turn."""

    def __init__(self, *answers: object) -> None:
        super().__init__()
        self.answers = answers

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(self.answers[self.tasks % len(self.answers)])
        self.tasks += 1
        return future


def test_an_answer_that_is_no_result_is_not_used(
    folder: Path, alone: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are scanned here then."""
    monkeypatch.setattr(batches, "BATCH", 16)
    version = ehtoolkit.__version__
    answers = (
        None,
        b"{}",
        "{",
        "[" * 100_000,
        "{}",
        json.dumps({"version": version, "facts": [], "given_up": []}),
        json.dumps({"version": version, "facts": [{}] * batches.BATCH, "given_up": ["zz"]}),
    )
    executor = Answering(*answers)
    assert written(audited(folder, executor)) == written(alone)
    assert executor.tasks >= len(answers)


def test_results_travel_as_json(folder: Path) -> None:
    batch = batches.ScanBatch(
        [FileToScan(str(path), (PASSWORD,)) for path in folder.glob("1/*")],
        ScanLimits(20, True),
    )
    answer = json.loads(batch.scan())
    assert answer.keys() == {"version", "facts", "given_up"}
    assert len(answer["facts"]) == len(list(folder.glob("1/*")))


class Silent(Executor):
    """Takes work and never answers."""

    tasks = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.tasks += 1
        return Future()


def test_what_workers_never_answer_is_looked_at_here(
    folder: Path, alone: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many files there are: it is not waited for each of them."""
    monkeypatch.setattr(batches, "PATIENCE", 0.01)
    monkeypatch.setattr(batches, "AHEAD", 1)
    silent = Silent()
    assert written(audited(folder, silent)) == written(alone)
    assert silent.tasks == 2


def test_a_file_over_which_workers_hang_does_not_end_the_audit(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However few the files are: another process than that of the audit reads them, and may be ended."""
    monkeypatch.setattr(batches, "PATIENCE", 0.01)
    crashing, copy = tmp_path / "path", tmp_path / "keystores"
    crashing.mkdir()
    copy.mkdir()
    (copy / "rubbish.p12").write_bytes((folder / "rubbish.p12").read_bytes())
    (crashing / "sitecustomize.py").write_text(
        "import hashlib, os\nhashlib.sha256 = lambda *data, **more: os._exit(9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(crashing))
    found = audited(copy, Silent())
    assert [finding.finding.key for finding in found.audit_findings] == ["file_unjudged"]


def test_an_executor_that_is_shut_down_meanwhile_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool that is shut down cancels what waits in it, of which `concurrent.futures.wait` says nothing."""
    monkeypatch.setattr(batches, "PATIENCE", 0.01)
    with ThreadPoolExecutor(1) as pool:
        ends = Event()
        pool.submit(ends.wait)

        class ShutDown(Silent):
            def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
                future = pool.submit(fn, *args, **kwargs)
                pool.shutdown(wait=False, cancel_futures=True)
                return future

        try:
            with pytest.raises(errors.SchedulerUnreachable) as lost:
                audited(folder, ShutDown())
        finally:
            ends.set()
    assert lost.value.facts["reason"] == "lost"


class Waking(Executor):
    """Hangs over what it is given first; then it answers when the time was asked for twice more. It has a clock of its
    own, by which the first takes a thousand seconds and the others none."""

    def __init__(self) -> None:
        self.tasks = self.looks = self.answered = 0
        self.now = 0.0
        self.answer: Callable[[], None] = lambda: None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # as what runs, it cannot be cancelled
        self.tasks += 1
        if self.tasks == 1:
            self.now += 1_000
        else:
            self.looks, self.answer = 0, lambda: self.set(future, fn(*args, **kwargs))
        return future

    def set(self, future: Future[Any], result: object) -> None:
        self.answered += 1
        future.set_result(result)

    def monotonic(self) -> float:
        self.looks += 1
        if self.looks == 2:
            self.answer()
        return self.now


def test_workers_that_answer_again_are_given_their_time(
    folder: Path, alone: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    waking = Waking()
    monkeypatch.setattr(batches, "time", waking)
    monkeypatch.setattr(batches, "AHEAD", 1)
    monkeypatch.setattr(batches, "_ASK_AGAIN", 0.01)
    assert written(audited(folder, waking)) == written(alone)
    assert waking.answered == waking.tasks - 1 > 0


def test_it_is_stopped_between_batches(folder: Path) -> None:
    done: list[int] = []
    options = AuditOptions(
        executor=Faulty(), progress=lambda count, _: done.append(count), stop=lambda: len(done) > 20
    )
    with pytest.raises(errors.Cancelled):
        audit_folder([folder], None, options)
    assert len(done) < COUNT


def test_a_batch_says_nothing_of_its_passwords(folder: Path) -> None:
    batch = batches.ScanBatch([FileToScan(str(folder / "a.p12"), (PASSWORD,))], ScanLimits(1, False))
    assert repr(batch) == str(batch) == "ScanBatch(1 files)"


# ── a Dask cluster ───────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusting(certificates: dict[str, str]) -> Iterator[None]:
    with dask.config.set(certificates):
        yield


@pytest.fixture(scope="module")
def secure(
    certificates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCluster]:
    """TLS, and two workers."""
    place = tmp_path_factory.mktemp("secure") / "cluster"
    with running_cluster(place, "tls", as_environment(certificates), 2) as running:
        yield running


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    with running_cluster(tmp_path_factory.mktemp("plain") / "cluster", "tcp", {}, 1) as running:
        yield running


@pytest.mark.usefixtures("trusting")
def test_two_workers_of_a_cluster_give_the_same(folder: Path, alone: Audit, secure: RunningCluster) -> None:
    with dask_cluster.open_cluster(secure.address) as executor:
        found = audited(folder, executor)
    assert written(found) == written(alone)
    assert found.keystores["opened"].sum() > COUNT / 2
    logs = secure.written()
    assert "Registered to" in logs
    assert PASSWORD.reveal() not in logs


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("number", [pytest.param(signal.SIGKILL, marks=pytest.mark.long), signal.SIGSTOP])
def test_a_worker_that_dies_or_hangs_costs_time(
    folder: Path,
    alone: Audit,
    secure: RunningCluster,
    number: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "BATCH", 8)
    monkeypatch.setattr(batches, "PATIENCE", 0.1)
    worker = secure.add_worker()
    hit: list[int] = []

    def hit_it(done: int, _: int) -> None:
        if not hit:
            os.kill(worker.pid, number)
            hit.append(done)

    try:
        with dask_cluster.open_cluster(secure.address) as executor:
            found = audited(folder, executor, hit_it)
    finally:
        worker.kill()
        worker.wait()
    assert hit
    assert written(found) == written(alone)


def test_no_password_goes_over_a_wire_without_tls(folder: Path, plain: RunningCluster) -> None:
    with dask_cluster.open_cluster(plain.address) as executor:
        with pytest.raises(errors.SchedulerInsecure) as raised:
            audited(folder, executor)
        assert raised.value.facts["address"] == plain.address
        without = audit_folder([folder], None, AuditOptions(now=NOW, language="en", executor=executor))
    assert written(without) == written(audit_folder([folder], None, AuditOptions(now=NOW, language="en")))
    assert "Registered to" in plain.written()
    assert PASSWORD.reveal() not in plain.written()


@pytest.mark.parametrize("passwords", [True, False])
@pytest.mark.parametrize(
    ("addresses", "insecure"),
    [
        (("tls://scheduler:8786", "tls://one:1", "tcp://two:2"), "tcp://two:2"),
        (("tcp://scheduler:8786", "tls://one:1"), "tcp://scheduler:8786"),
        (("tcp://127.0.0.1:8786", "tcp://192.0.2.7:1"), "tcp://192.0.2.7:1"),
        (("tcp://[::1]:8786", "ucx://127.0.0.1:1", "ucx://192.0.2.7:1"), "ucx://192.0.2.7:1"),
    ],
)
def test_another_computer_without_tls_is_sent_nothing(
    folder: Path, addresses: tuple[str, ...], insecure: str, passwords: bool
) -> None:
    """With passwords and without: Dask runs code that its peers send."""

    class Client:
        class scheduler:  # noqa: N801  # as Dask has it
            address = addresses[0]

        def scheduler_info(self, n_workers: int) -> dict[str, Any]:
            return {"workers": {address: {} for address in addresses[1:]}}

    mixed = type("ClientExecutor", (Faulty,), {"__module__": "distributed.cfexecutor", "_client": Client()})()
    options = AuditOptions(now=NOW, language="en", executor=mixed)
    with pytest.raises(errors.SchedulerInsecure) as raised:
        audit_folder([folder], (lambda _: PASSWORD) if passwords else None, options)
    assert raised.value.facts["address"] == (
        addresses[0] if passwords and addresses[0][:4] == "tcp:" else insecure
    )
    assert mixed.tasks == 0


@pytest.mark.parametrize("host", ["192.0.2.7", "cluster.example.be", "[2001:db8::7]"])
def test_a_scheduler_elsewhere_without_tls_is_not_called(host: str) -> None:
    with pytest.raises(errors.SchedulerInsecure), dask_cluster.open_cluster(f"tcp://{host}:8786"):
        raise AssertionError


def test_a_scheduler_that_vanishes_is_an_error(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 4)
    with running_cluster(tmp_path / "cluster", "tcp", {}, 1) as running:

        def vanish(done: int, _: int) -> None:
            if done == 1:
                running.stop()

        with dask_cluster.open_cluster(running.address) as executor:
            options = AuditOptions(now=NOW, executor=executor, progress=vanish)
            with pytest.raises(errors.SchedulerUnreachable) as raised:
                audit_folder([folder], None, options)
        assert raised.value.facts["reason"] == "lost"


# ── what is said of a cluster that cannot be used ────────────────────────────────────────────────────────
def reason_of(address: str) -> str:
    with pytest.raises(errors.SchedulerUnreachable) as raised, dask_cluster.open_cluster(address):
        raise AssertionError
    facts = raised.value.facts
    for language in LANGUAGES:
        sentence = Translator(language).error(raised.value)
        assert facts["reason"] == "package" or str(facts.get("worker", address)) in sentence
    return str(facts["reason"])


@pytest.mark.parametrize(
    "address", ["cluster", "tls://cluster", "http://a:80", "tcp://a:b", "tls://a:1:2", ""]
)
def test_an_address_that_is_none(address: str) -> None:
    assert reason_of(address) == "address"


def test_no_scheduler_no_certificates_no_workers_no_package(
    secure: RunningCluster, plain: RunningCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECTING", 1.0)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert reason_of(f"tcp://127.0.0.1:{unused.getsockname()[1]}") == "connect"
    assert reason_of(secure.address) == "tls"
    assert reason_of(secure.address.replace("tls", "tcp")) == "connect"
    with dask.config.set(write_certificates(tmp_path)):  # of another authority
        assert reason_of(secure.address) == "connect"
    with running_cluster(tmp_path / "cluster", "tcp", {}, 0) as empty:
        assert reason_of(empty.address) == "workers"
    monkeypatch.setattr(dask_cluster, "__version__", "99")
    assert reason_of(plain.address) == "version"
    monkeypatch.setitem(sys.modules, distributed.__name__, None)
    assert reason_of(plain.address) == "package"


def test_the_command(
    folder: Path,
    plain: RunningCluster,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    common = ["audit", str(folder), "--no-registry", "--format", "json", "--lang", "fr"]
    at_home = run(common), json.loads(capsys.readouterr().out)
    by_cluster = run([*common, "--executor", plain.address]), json.loads(capsys.readouterr().out)
    assert by_cluster[1]["audit"].pop("now") > at_home[1]["audit"].pop("now")
    assert by_cluster == at_home
    (tmp_path / "password").write_text(PASSWORD.reveal())
    (tmp_path / "password").chmod(0o600)
    assert run([*common, "--executor", plain.address, "--password-file", str(tmp_path / "password")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"La connexion à {plain.address} n’est pas protégée par TLS." in shown.err
    assert run([*common, "--executor", "tcp://192.0.2.7:8786"]) == 2
    assert "La connexion à tcp://192.0.2.7:8786 n’est pas protégée par TLS." in capsys.readouterr().err
    assert run([*common, "--executor", "cluster"]) == 6
    assert "cluster n’est pas l’adresse d’un ordonnanceur." in capsys.readouterr().err
