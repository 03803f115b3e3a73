"""A card that is not in any reader: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ehtoolkit.training.card.profile import CardProfile, save_profile
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.virtual_card.eid_chip.applet import Applet
from ehtoolkit.training.virtual_card.eid_chip.content import card_content


@dataclass(frozen=True, slots=True)
class AppletDriver:
    """``ask``: one command, in hexadecimal, to its answer without the status word, and that word."""

    applet: Applet
    profile: CardProfile
    software: SoftwareCard

    def ask(self, command: str) -> tuple[bytes, str]:
        answer = self.applet.answer(bytes.fromhex(command))
        return answer[:-2], answer[-2:].hex()

    def status(self, command: str) -> str:
        data, status = self.ask(command)
        assert data == b""
        return status

    def read(self, path: str) -> bytes:
        """A whole file, as readers read one."""
        assert self.status(f"00A4080C{len(path) // 2:02x}{path}") == "9000"
        content = b""
        while True:
            data, status = self.ask(f"00B0{len(content):04x}00")
            if status.startswith("6c"):
                data, status = self.ask(f"00B0{len(content):04x}{status[2:]}")
            if status == "6b00":
                return content
            assert status == "9000"
            content += data


@pytest.fixture
def make_terminal(tmp_path: Path) -> Callable[[CardProfile], AppletDriver]:
    def make(profile: CardProfile) -> AppletDriver:
        save_profile(tmp_path / "card", profile)
        software = SoftwareCard(tmp_path / "card")
        return AppletDriver(Applet(card_content(profile), software), profile, software)

    return make


@pytest.fixture
def ec_terminal(
    make_terminal: Callable[[CardProfile], AppletDriver], profiles: Mapping[str, CardProfile]
) -> AppletDriver:
    """A card of applet 1.8."""
    return make_terminal(profiles["ec"])


@pytest.fixture
def terminal(
    make_terminal: Callable[[CardProfile], AppletDriver], profiles: Mapping[str, CardProfile]
) -> AppletDriver:
    return make_terminal(profiles["rsa"])
