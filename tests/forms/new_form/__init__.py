"""A form that the program has not, as somebody would add it: its file, its catalogues, its page in the guides.

What `grow` copies is all that has to be written by hand; everything else finds the page, or is made by a script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from hatch_build import compile_catalogues

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[2]
COPIED: Final = ("ehtoolkit", "docs/guide/sources", "docs/guide/staff.py", "docs/notebooks.py", "notebooks")


def grow(folder: Path, page: Path = HERE / "handover.py", package: str = "wizards") -> None:
    """Copy the program into ``folder``, and add the page that is declared in ``page`` to a package of forms."""
    here, name = page.parent, page.stem
    for copied in COPIED:
        source, target = ROOT / copied, folder / copied
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copy(page, folder / "ehtoolkit" / "forms" / package)
    for language in LANGUAGES:
        messages = folder / "ehtoolkit" / "locale" / language / "LC_MESSAGES"
        shutil.copy(here / f"{language}.po", messages / f"{name}.po")
        with (folder / "docs" / "guide" / "sources" / f"{language}.md").open("a", encoding="utf-8") as guide:
            guide.write("\n" + (here / f"{language}.md").read_text(encoding="utf-8"))
    compile_catalogues(folder)
    for script in ("docs/notebooks.py", "docs/guide/staff.py"):
        run(folder, folder / script)


def run(folder: Path, *arguments: object) -> None:
    """Run Python with the program in ``folder``; it fails with what that says."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def check_walk(
    folder: Path,
    story: Callable[[Any], Iterator[str]],
    catalogue: str,
    languages: Iterable[LanguageName],
) -> None:
    """Walk through ``story`` in each language, with the program in ``folder``, and check that it shows every text of
    ``catalogue`` and names no command."""
    from ehtoolkit.i18n import Translator
    from tests.gallery import driver as at
    from tests.gallery.commands import shown_commands
    from tests.gallery.homes import make_homes
    from tests.support.catalogues import messages

    at.NOTEBOOKS = folder / "notebooks"  # type: ignore[misc]
    homes, keys = make_homes(folder / "homes", "fresh", "complete"), set[str]()
    get = Translator.get

    def recording(texts: Translator, key: str, /, **facts: object) -> str:
        keys.add(key)
        return get(texts, key, **facts)

    Translator.get = recording  # type: ignore[method-assign]
    for language in languages:
        driver = at.GalleryDriver(homes, folder / "work", language)
        with driver.sitting():
            for scene in story(driver):
                assert not list(shown_commands(driver.root, driver.texts)), scene
    texts = set(messages(catalogue, "fr"))
    assert texts
    assert texts - keys == set(), "texts that are shown nowhere"
