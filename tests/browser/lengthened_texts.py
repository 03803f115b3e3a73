"""A language of tests: every text as it would be where words are a third longer, with accents that reach high and low.

`Lengthened` stands in for gettext's catalogues, at their edge: ``tests/browser/longer`` on the path of a process puts
it there.
"""

from __future__ import annotations

import gettext
import re
from typing import Any

SHARE = 0.3

# Names of facts, addresses, numbers and what somebody copies stay as they are.
_KEPT = re.compile(r"\{[^}]*\}|\S*(?:://|@|\.p12|\.eu|\.be|EHTOOLKIT|--)\S*|\S*\d\S*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_ACCENTS = str.maketrans("aeiouAEIOUcny", "àéïöûÀÉÏÖÛçñÿ")


def lengthen(text: str) -> str:
    """``text``, each of its words longer by a third; keys of facts and addresses stay."""
    parts, end = [], 0
    for kept in _KEPT.finditer(text):
        parts += [_stretch(text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, _stretch(text[end:])])


def _stretch(text: str) -> str:
    return _WORD.sub(_longer, text)


def _longer(word: re.Match[str]) -> str:
    more = max(1, round(len(word[0]) * SHARE))
    return word[0].translate(_ACCENTS) + "ẅéñåçïöû"[:more].ljust(more, "ě")


class Lengthened(gettext.NullTranslations):
    """A catalogue of ours whose texts are longer."""

    def __init__(self, catalogue: gettext.NullTranslations) -> None:
        super().__init__()
        self._catalogue = catalogue

    def gettext(self, message: str) -> str:
        text = self._catalogue.gettext(message)
        return text if text == message else lengthen(text)


def install() -> None:
    """From now on this process reads our catalogues so."""
    read = gettext.translation

    def translation(
        domain: str, localedir: Any = None, *rest: Any, **options: Any
    ) -> gettext.NullTranslations:
        catalogue = read(domain, localedir, *rest, **options)
        ours = str(localedir or "").replace("\\", "/").endswith("ehtoolkit/locale")
        return Lengthened(catalogue) if ours else catalogue

    gettext.translation = translation
