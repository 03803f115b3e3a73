"""What a certificate makes the library warn of is ignored, and filters of the process stay as they are."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

import ehtoolkit
from ehtoolkit.crypto.certificates import read_certificate
from ehtoolkit.crypto.parse_warnings import parse_warnings_ignored
from ehtoolkit.keystore.key_pairs import load_certificate

THREADS = 4


@pytest.fixture
def der() -> bytes:
    """A certificate whose country has three letters."""
    with warnings.catch_warnings(action="ignore"):
        name = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "BEL", _validate=False)])
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 12, 1, tzinfo=UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


@pytest.fixture
def quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_a_name_that_breaks_a_rule_is_read_without_a_warning(der: bytes) -> None:
    """Warnings are errors in tests."""
    assert read_certificate(der) is not None
    assert load_certificate(der) is not None


@pytest.mark.usefixtures("quick_switches")
def test_threads_that_read_at_once_leave_the_filters(der: bytes) -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(read_certificate, [der] * 200))
    assert None not in found
    assert warnings.filters == before


def test_threads_enter_one_at_a_time() -> None:
    """The second would find, and put back, the filters of the first."""
    inside, left, order = threading.Event(), threading.Event(), []

    def second() -> None:
        inside.wait()
        with parse_warnings_ignored():
            order.append("second")

    before = list(warnings.filters)
    thread = threading.Thread(target=second)
    thread.start()
    with parse_warnings_ignored():
        inside.set()
        left.wait(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert warnings.filters == before


def test_code_that_threads_share_uses_nothing_else() -> None:
    root = Path(ehtoolkit.__file__).parent
    own = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "catch_warnings(" in path.read_text(encoding="utf-8")
    }
    # The other two run in the main thread of a command.
    assert own == {"crypto/parse_warnings.py", "auditing/scan/dask_cluster.py", "cli/training/platform.py"}
