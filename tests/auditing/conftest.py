"""Keystores of invented people with certificates of any dates, in folders of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ehtoolkit.clock import days_until
from ehtoolkit.identity import Niss, Person
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import ROLES, KeystoreMaker, keystore_maker, name_of

__all__ = ["keystore_maker"]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PASSWORD = Secret("Kine-2026 & co")
ELISE, KARL, CLAIRE = "79031421872", "85010112387", "90020200296"


@dataclass(frozen=True)
class Workshop:
    """Writes keystores. ``bench``: of invented keys, each used again for another holder."""

    keystore_maker: KeystoreMaker

    def keystore(
        self,
        niss: str,
        begins: float,
        ends: float,
        *,
        stage: str = "complete",
        pair: int = 0,
        issuer: str | None = None,
    ) -> Keystore:
        """``begins``, ``ends``: days from `NOW`. ``stage``: prepared, installed or complete. ``pair``: which keys, so
        that two keystores have not the same."""
        turned = [*ROLES[pair:], *ROLES[:pair]]
        keys = {role: self.keystore_maker.keys[other] for role, other in zip(ROLES, turned, strict=True)}
        made = KeystoreMaker(keys, _day(begins), _day(ends))
        made.person = Person(Niss.parse(niss), "Élise", "Dubois")
        if issuer is not None:
            made.issuer_name = name_of(C="BE", O="Training", CN=issuer)
        if stage != "complete":
            found: Keystore = getattr(made, stage)
            return found
        certificate = made.encryption_certificate(serial=(1 << 127) + pair)
        return made.installed.with_encryption(keys["encryption"], certificate)

    def write(
        self,
        folder: Path,
        niss: str = ELISE,
        begins: float = -100,
        ends: float = 900,
        *,
        stage: str = "complete",
        pair: int = 0,
        at: str = "20260816-120000",
        name: str | None = None,
        issuer: str | None = None,
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (name or f"SSIN={niss} {at}.p12")
        keystore = self.keystore(niss, begins, ends, stage=stage, pair=pair, issuer=issuer)
        path.write_bytes(write_pkcs12(keystore.contents, PASSWORD))
        return path


def days_to_today() -> int:
    """Days from `NOW` to today in Belgium: that many and 20 more end in 20 days, at noon."""
    return days_until(datetime.now(UTC), NOW)


def _day(number: float) -> datetime:
    return (NOW + timedelta(days=number)).replace(microsecond=0)


@pytest.fixture(scope="session")
def workshop(keystore_maker: KeystoreMaker) -> Workshop:
    return Workshop(keystore_maker)


@pytest.fixture
def passwords() -> Callable[[Path], Secret]:
    return lambda _: PASSWORD
