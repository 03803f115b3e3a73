"""SoftHSM2 as a stand-in for an eID: tokens made from the same profiles as the training cards.

A program that runs with ``SoftHsm.environment`` finds them at ``pkcs11:<SoftHsm.module>``. The objects are
written by ``softhsm_writer.py`` in a process of its own, since SoftHSM reads its configuration once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ehtoolkit.training.card.profile import CardProfile, save_profile

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
PIN = "1234"
_ROOT = Path(__file__).resolve().parents[2]


def softhsm_module() -> Path:
    """Return where the module is; skip the test where there is none."""
    found = [path for path in MODULES if path.exists()]
    if not found or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed")
    return found[0]


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """One SoftHSM2 of its own, in one folder: any number of tokens, each a "card in a reader"."""

    folder: Path
    module: Path

    @classmethod
    def make(cls, folder: Path) -> SoftHsm:
        module = softhsm_module()
        (folder / "tokens").mkdir(parents=True)
        configuration = f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n"
        (folder / "softhsm2.conf").write_text(configuration)
        return cls(folder, module)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def add_token(
        self,
        profile: CardProfile,
        *,
        label: str = "BELPIC",
        id_length: int = 1,
        always_authenticate: bool = False,
        data_objects: bool = True,
    ) -> Path:
        """Put a card in another reader; its folder, to `take_out`. ``id_length``: bytes of CKA_ID;
        ``data_objects``: as the official module has them, and OpenSC has not."""
        before = set((self.folder / "tokens").iterdir())
        initialise = ["softhsm2-util", "--init-token", "--free", "--label", label]
        self._run([*initialise, "--so-pin", "12345678", "--pin", PIN])
        source = self.folder / f"profile-{len(list(self.folder.iterdir()))}"
        save_profile(source, profile)
        options = {
            "module": str(self.module),
            "profile": str(source),
            "label": label,
            "pin": PIN,
            "id_length": id_length,
            "always_authenticate": always_authenticate,
            "data_objects": data_objects,
        }
        writer = Path(__file__).with_name("softhsm_writer.py")
        self._run([sys.executable, str(writer), json.dumps(options)])
        (token,) = set((self.folder / "tokens").iterdir()) - before
        return token

    def take_out(self, token: Path) -> None:
        """Take one card out of its reader."""
        (self.folder / "out").mkdir(exist_ok=True)
        token.rename(self.folder / "out" / token.name)

    def put_in(self, token: Path) -> None:
        """The card that was taken out is there again."""
        (self.folder / "out" / token.name).rename(token)

    def pull(self) -> None:
        """Take every card out of its reader. A program that runs sees it; what is put back is only seen by one that
        initialises the module afterwards."""
        (self.folder / "tokens").rename(self.folder / "pulled")
        (self.folder / "tokens").mkdir()

    def put_back(self) -> None:
        shutil.rmtree(self.folder / "tokens")
        (self.folder / "pulled").rename(self.folder / "tokens")

    def _run(self, command: list[str]) -> None:
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(_ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
