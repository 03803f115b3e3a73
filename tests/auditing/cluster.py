"""A Dask scheduler and its workers as processes, with or without TLS, for tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

STARTING = 60.0


def write_certificates(folder: Path) -> dict[str, str]:
    """An authority and one certificate for everybody, as settings of Dask."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cluster")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "cluster.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    tls = "distributed.comm.tls"
    roles = {
        f"{tls}.{role}.{part}": str(pem)
        for role in ("client", "scheduler", "worker")
        for part in ("key", "cert")
    }
    return {f"{tls}.ca-file": str(pem), **roles}


def as_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings of Dask as variables."""
    return {
        f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": value for name, value in settings.items()
    }


@dataclass
class RunningCluster:
    """``address``: of the scheduler. ``workers``: their processes. Everything that they write is in ``folder``."""

    folder: Path
    protocol: str
    environment: Mapping[str, str]
    scheduler: subprocess.Popen[bytes] = field(init=False)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scheduler = self._start("dask_scheduler", "--protocol", self.protocol, "--port", "0")
        self.address = self._wait_for("dask_scheduler", "Scheduler at:").split()[-1]

    def add_worker(self) -> subprocess.Popen[bytes]:
        """Start one, of one thread; returns when it is at work."""
        place = self.folder / f"worker-{len(self.workers)}"
        worker = self._start(
            *("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--memory-limit", "0"),
            *("--local-directory", str(place)),
        )
        self.workers.append(worker)
        self._wait_for(f"dask_worker-{len(self.workers) - 1}", "Registered to:")
        return worker

    def written(self) -> str:
        """The logs of all of them."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = module if module == "dask_scheduler" else f"{module}-{len(self.workers)}"
        with (self.folder / f"{log}.log").open("wb") as target:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"distributed.cli.{module}",
                    *arguments,
                    "--host",
                    "127.0.0.1",
                    "--no-dashboard",
                ],
                stdout=target,
                stderr=target,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def _wait_for(self, log: str, sign: str) -> str:
        path, until = self.folder / f"{log}.log", time.monotonic() + STARTING
        while time.monotonic() < until:
            for line in path.read_text(errors="replace").splitlines():
                if sign in line:
                    return line
            time.sleep(0.05)
        raise AssertionError(path.read_text(errors="replace"))


@contextmanager
def running_cluster(
    folder: Path, protocol: str, environment: Mapping[str, str], workers: int
) -> Iterator[RunningCluster]:
    folder.mkdir()
    cluster = RunningCluster(folder, protocol, environment)
    try:
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.stop()
