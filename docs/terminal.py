"""Draws the pictures of the terminal: ``python docs/terminal.py``, docs/images/terminal-*.svg.

Each is what a command prints on a terminal of `WIDTH` columns, on the training sample. The training clock is put to
`DAY` first, so that every run prints the same: a test compares the words with those of the pictures.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from re import sub
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT: Final = Path(__file__).resolve().parents[1]
IMAGES: Final = ROOT / "docs" / "images"
WIDTH: Final = 130
HEIGHT: Final = 50
DAY: Final = "2032-03-01T10:00"
"""Ahead of every computer's clock for some years: the training clock only goes forward."""
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "audit": (
        *("audit", "sample/vieux-lavoir", "--passwords", "sample/passwords.csv"),
        *("--practice", "Maison médicale du Vieux Lavoir, Dinant"),
    ),
    "diagnose": (
        "keystore",
        "diagnose",
        "sample/vieux-lavoir/clé USB.p12",
        "sample/vieux-lavoir/Brouillon.p12",
    ),
}
"""What is typed, by the name of its picture; in the folder of the sample."""
_THEME: Final = TerminalTheme(
    (24, 31, 34),
    (226, 233, 233),
    [
        *((24, 31, 34), (255, 159, 148), (139, 210, 153), (241, 192, 106)),
        *((138, 180, 230), (214, 160, 222), (127, 203, 220), (226, 233, 233)),
    ],
    [
        *((102, 117, 122), (255, 159, 148), (139, 210, 153), (241, 192, 106)),
        *((138, 180, 230), (214, 160, 222), (127, 203, 220), (255, 255, 255)),
    ],
)
_FORMAT: Final = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px Menlo, Consolas, "DejaVu Sans Mono", monospace; \
line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>\
</clipPath>{lines}</defs>
<rect width="{width}" height="{height}" rx="10" fill="#181f22"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Without the frame of a window, and without a font from elsewhere."""


def pictures() -> dict[str, str]:
    """Run every command; return the pictures by their names."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for arguments in (("training", "clock", DAY), ("training", "sample")):
            _command(home, home, *arguments)
        place = home / "training"
        return {name: _picture(name, _printed(home, place, *typed)) for name, typed in COMMANDS.items()}


def words(picture: str) -> list[str]:
    """Return the lines of text in a picture, without blanks at their ends and empty lines."""
    lines: dict[str, str] = {}
    for y, text in _texts(picture):
        lines[y] = lines.get(y, "") + text
    return [line for line in (line.replace("\xa0", " ").strip() for line in lines.values()) if line]


def _texts(picture: str) -> list[tuple[str, str]]:
    from lxml import etree

    root = etree.fromstring(picture)
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return [(element.get("y", ""), unescape(str(element.xpath("string()")))) for element in found]


def _picture(name: str, printed: str) -> str:
    console = Console(
        file=io.StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor"
    )
    prompt = Text("$ ", style="bold cyan") + Text(f"ehtoolkit {shlex.join(COMMANDS[name])}", style="bold")
    console.print(prompt, soft_wrap=True)
    console.print(Text.from_ansi(printed), soft_wrap=True)
    drawn = console.export_svg(theme=_THEME, code_format=_FORMAT, unique_id=f"terminal-{name}")
    return sub(r"[ \t]+\n", "\n", drawn)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EHTOOLKIT_")}
    kept.pop("NO_COLOR", None)
    return {
        **kept,
        "EHTOOLKIT_HOME": str(home),
        "EHTOOLKIT_LANGUAGE": "en",
        "COLUMNS": str(WIDTH),
        "TERM": "xterm-256color",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": str(ROOT),
    }


def _command(home: Path, place: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "ehtoolkit", *arguments]
    subprocess.run(command, cwd=place, env=_environment(home), check=True, capture_output=True)  # noqa: S603


def _printed(home: Path, place: Path, *arguments: str) -> str:
    """What a command writes on a terminal, with its colours."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    command = [sys.executable, "-m", "ehtoolkit", *arguments]
    with subprocess.Popen(  # noqa: S603  # our own arguments
        command,
        cwd=place,
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=subprocess.DEVNULL,
    ):
        os.close(end)
        written = b""
        while piece := _read(terminal):
            written += piece
    os.close(terminal)
    printed = written.decode("utf-8").replace("\r\n", "\n").rstrip("\n")
    printed = printed.replace(str(home), "~/ehtoolkit")
    return sub(
        r"-\d{6}\.p12", "-100000.p12", printed
    )  # names have the second, which the clock does not stop at


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # so Linux says that the other end is closed
        return b""


if __name__ == "__main__":
    for name, drawn in pictures().items():
        (IMAGES / f"terminal-{name}.svg").write_text(drawn, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{IMAGES}\n")
