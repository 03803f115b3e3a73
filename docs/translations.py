"""Write the English text as a comment beside each French, Dutch and German message: ``python docs/translations.py``.

``#. TEXT`` stands above each message. Where the English text has changed since, and the message has not, the message is
marked ``#. to review``: a translator compares both, changes the message if need be, and deletes the mark. Tests fail
while a comment differs from the English text, and count the marks.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

ROOT: Final = Path(__file__).resolve().parents[1]
LOCALE: Final = ROOT / "ehtoolkit" / "locale"
LANGUAGES: Final = ("fr", "nl", "de")
REVIEW: Final = "#. to review"
_KEY: Final = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


def english(domain: str) -> dict[str, str]:
    with (LOCALE / "en" / "LC_MESSAGES" / f"{domain}.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id}


def commented(text: str, wanted: Mapping[str, str], before: str) -> str:
    """Return a catalogue with its comments.

    Args:
        text: the catalogue.
        wanted: the English texts by key.
        before: the catalogue as it was committed: a message that differs from it has just been reviewed.
    """
    committed = {key[1]: block for block in before.split("\n\n") if (key := _KEY.search(block))}
    blocks = []
    for block in text.rstrip("\n").split("\n\n"):
        key = _KEY.search(block)
        if key is None:
            blocks.append(block)
            continue
        lines = block.splitlines()
        message = [line for line in lines if not line.startswith("#. ")]
        comments = [line for line in lines if line.startswith("#. ") and line != REVIEW]
        comment = f"#. {' '.join(wanted[key[1]].split())}"
        is_same = _message(committed.get(key[1], "")) == "\n".join(message)
        changed = bool(comments) and comments != [comment] and is_same
        blocks.append("\n".join([comment, *([REVIEW] if changed or REVIEW in lines else []), *message]))
    return "\n\n".join(blocks) + "\n"


def _message(block: str) -> str:
    return "\n".join(line for line in block.splitlines() if not line.startswith("#. "))


def main() -> None:
    for language in LANGUAGES:
        for path in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
            if path.stem == "click":  # its keys are the English texts
                continue
            name = path.relative_to(ROOT).as_posix()
            command = ["git", "show", f"HEAD:{name}"]
            before = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout  # noqa: S603
            path.write_text(
                commented(path.read_text(encoding="utf-8"), english(path.stem), before), encoding="utf-8"
            )
        sys.stdout.write(f"{LOCALE / language}\n")


if __name__ == "__main__":
    main()
