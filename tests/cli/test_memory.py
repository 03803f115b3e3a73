"""What whole commands take, with keystores that were made to hurt: less than 100 megabytes, all libraries with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.secret import Secret
from tests.keystore.shapes import CERTIFICATES, KEYS, SLOW_TEXTS, bare, with_certificates

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system tells its peak in /proc")
ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 100
PASSWORD = "Kine-2026"
FILES: dict[str, Callable[[], bytes]] = {
    "dsa.p12": lambda: bare(KEYS["DSA 32768"]()),
    "ed25519.p12": lambda: bare(KEYS["Ed25519 of 31 bytes"]()),
    "exponents.p12": lambda: write_pkcs12(
        with_certificates(CERTIFICATES["60 with exponents of 3072 bits"]()), Secret(PASSWORD)
    ),
    "blanks.p12": lambda: SLOW_TEXTS["letters and blanks"],
}
COMMANDS: dict[str, Sequence[str]] = {
    "diagnose": ("keystore", "diagnose", *FILES),
    **{
        f"rescue {name}": ("keystore", "rescue", name, "-o", "out.p12")
        for name in ("dsa.p12", "exponents.p12")
    },
    "audit": ("audit", "."),
    "audit --nagios": ("audit", ".", "--nagios"),
    "audit --format prometheus": ("audit", ".", "--format", "prometheus"),
}
PROGRAM = """
import atexit, re, sys
from ehtoolkit.__main__ import main

def tell():
    peak = re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]
    loaded = [one for one in ("pandas", "ehtoolkit.training", "ehtoolkit.procedures.request") if one in sys.modules]
    print(int(peak) // 1024, *loaded, file=sys.stderr)

atexit.register(tell)
main()
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_whole_command_takes_little_memory(command: str, tmp_path: Path) -> None:
    for name, make in FILES.items():
        (tmp_path / name).write_bytes(make())
    (tmp_path / "password").write_text(PASSWORD)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *COMMANDS[command], "--password-file", "password"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "EHTOOLKIT_HOME": str(tmp_path / "home")},
    )
    assert done.returncode in range(4), done.stderr  # 3: --nagios, of what nobody can read
    peak, *loaded = done.stderr.splitlines()[-1].split()
    assert int(peak) < MEGABYTES
    clock = {"ehtoolkit.training"} if command.startswith("audit") else set()
    assert set(loaded) <= clock, "they take as much as all the rest"
