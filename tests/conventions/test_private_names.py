"""Private and undocumented parts of other libraries are used in the modules below alone, and those libraries have an
upper bound (decision 42).

A private name has one leading underscore. Names that a library does not document have none that could be found: they
stand in the docstrings of these modules, each with a test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "ehtoolkit"
MODULES: Final = sorted(PACKAGE.rglob("*.py"))
USED: Final = {
    "alembic": (),
}
