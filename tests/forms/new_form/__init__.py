"""A form that the program has not, as somebody would add it: its file, its catalogues, its page in the guides.

What `grow` copies is all that has to be written by hand; everything else finds the form, or is made by a script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from ehtoolkit.i18n import LANGUAGES
from hatch_build import compile_catalogues

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[2]
COPIED: Final = ("ehtoolkit", "docs/guide/sources", "docs/guide/staff.py", "docs/notebooks.py", "notebooks")


def grow(folder: Path) -> None:
    """Copy the program into ``folder``, and add the form."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copy(HERE / "handover.py", folder / "ehtoolkit" / "forms" / "wizards")
    for language in LANGUAGES:
        messages = folder / "ehtoolkit" / "locale" / language / "LC_MESSAGES"
        shutil.copy(HERE / f"{language}.po", messages / "handover.po")
        with (folder / "docs" / "guide" / "sources" / f"{language}.md").open("a", encoding="utf-8") as guide:
            guide.write("\n" + (HERE / f"{language}.md").read_text(encoding="utf-8"))
    compile_catalogues(folder)
    for script in ("docs/notebooks.py", "docs/guide/staff.py"):
        run(folder, folder / script)


def run(folder: Path, *arguments: object) -> None:
    """Run Python with the program in ``folder``; it fails with what that says."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
