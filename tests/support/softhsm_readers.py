"""Cards of the training people on SoftHSM2: the training platform believes them as it believes its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.card.profile import load_profile
from tests.support.softhsm import SoftHsm


@dataclass(frozen=True, slots=True)
class SoftHsmReaders:
    """A computer whose readers hold the cards of training people. ``tokens``: their folders, by short name."""

    softhsm: SoftHsm
    tokens: Mapping[str, Path]

    @property
    def settings(self) -> dict[str, str]:
        """The variables with which a program finds the cards."""
        return {"EHTOOLKIT_CARD": f"pkcs11:{self.softhsm.module}", **self.softhsm.environment}

    def pull(self, name: str) -> None:
        self.softhsm.take_out(self.tokens[name])

    def put_back(self, name: str) -> None:
        self.softhsm.put_in(self.tokens[name])


def readers_in(home: Path, folder: Path, *names: str, always_authenticate: bool = False) -> SoftHsmReaders:
    """A desk with the cards of ``names``, made by the training platform of ``home``; SoftHSM2 lives in ``folder``."""
    toolkit = open_toolkit(load_settings(home=home))
    assert toolkit.training is not None
    softhsm = SoftHsm.make(folder)
    tokens = {}
    for name in names:
        toolkit.training.card(name).identity()
        profile = load_profile(home / "training" / "cards" / name)
        tokens[name] = softhsm.add_token(profile, id_length=8, always_authenticate=always_authenticate)
    toolkit.close()
    return SoftHsmReaders(softhsm, tokens)
