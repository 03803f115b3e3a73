"""A tool that the program has not, as somebody would add it: its file, its catalogues, its page in the guides."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
