"""Probes of readers whose answers a script gives."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ehtoolkit.card.readers import ReaderProbe

SCRIPTED = Path(__file__).parents[1] / "card" / "scripted_worker.py"
NOWHERE = {"PCSCLITE_CSOCK_NAME": "/nonexistent/pcsc"}


def scripted(folder: Path, *steps: object) -> ReaderProbe:
    """Return a probe whose answers are `steps`."""
    script = folder / "script.json"
    script.write_text(json.dumps({"readers": steps, "about": steps}))
    path = os.pathsep.join([str(SCRIPTED.parents[2]), os.environ.get("PYTHONPATH", "")])
    command = (sys.executable, str(SCRIPTED), str(script))
    return ReaderProbe(seconds=5.0, command=command, environment={"PYTHONPATH": path})
