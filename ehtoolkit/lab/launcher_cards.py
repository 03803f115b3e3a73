"""The cards of JupyterLab's launcher: one for each notebook that is a place to start.

They are drawn by the extension in ``labextensions``: a script of ours that JupyterLab loads from this package, as it
loads the prebuilt extensions of others. It reads the cards from the page's configuration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit.i18n import Translator
from ehtoolkit.lab.notebook_copies import notebook_purpose, notebook_title

LABEXTENSIONS: Final = Path(__file__).resolve().with_name("labextensions")
"""Where JupyterLab finds the extension."""
CARDS: Final = "ehtoolkitCards"
"""The name of the cards in the page's configuration; ``labextensions`` has it too."""
FIRST: Final = (
    "index",
    "forty-practices",
    "audit",
    "audit-examples",
    "providers",
    "troubleshoot",
    "broken-keystore",
    "doctor",
    "messages",
    "unopened-message",
    "trainer",
)
"""The notebooks with a card, in this order; forms in steps are reached from the first one."""


@dataclass(frozen=True, slots=True)
class LauncherCard:
    """A card.

    Attributes:
        path: of the notebook, from the folder that is served.
        title: under the card's picture.
        about: what is done there; shown while the pointer rests on the card.
    """

    path: str
    title: str
    about: str


def launcher_cards(notebooks: Iterable[Path], texts: Translator) -> tuple[LauncherCard, ...]:
    """Return the cards for those of ``notebooks`` that have one."""
    there = {path.stem: path for path in notebooks}
    return tuple(
        LauncherCard(there[name].name, notebook_title(name, texts), notebook_purpose(name, texts))
        for name in FIRST
        if name in there
    )
