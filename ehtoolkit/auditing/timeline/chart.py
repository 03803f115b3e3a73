"""The time line as a chart for notebooks: one picture that needs nothing else, with its legend, and a frame.

JupyterLab draws the picture as it stands, without the network and without a package for charts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.auditing.timeline.drawing import drawing, drawing_size, kinds_of, sample
from ehtoolkit.auditing.timeline.timeline import TimeLine
from ehtoolkit.html import element, join
from ehtoolkit.i18n import Translator

if TYPE_CHECKING:
    import pandas as pd

_STYLE: Final = """
text,.name{font:400 14px "Segoe UI",Roboto,"Noto Sans","DejaVu Sans",Arial,sans-serif;fill:#16211f}
.soft{fill:#485659;font-weight:400}.grid,.rowline{stroke:#d3dad8}.cert{fill:#0b5b70}
.gone{fill:#fff;stroke:#a3211b;stroke-width:2;stroke-dasharray:5 3}.win{fill:#7d4a00}
.win.later{fill:#e2eff2;stroke:#0b5b70}
.winhatch{stroke:#fff;stroke-width:2.5}.inami{fill:none;stroke:#66757a;stroke-width:2}.conv{fill:#c9ced0}
.partly{stroke-dasharray:6 2;fill:#e4e7e8}.today{stroke:#a3211b;stroke-width:2}.todaybox{fill:#a3211b}
.todaytext{fill:#fff;font-weight:600}
"""
"""The colours of the pages by day; the picture has a white ground of its own, so that it can be read on a dark one."""
_MARGIN: Final = 12
_LEGEND_ROW: Final = 24
_LETTER: Final = 7.6
"""Points that a letter takes, on the average."""
_SAMPLE: Final = 40


@dataclass(frozen=True, slots=True, repr=False)
class BarRow(TableRow):
    """A bar of a time line.

    Attributes:
        provider: number of the record; missing for a holder without one
        kind: what the bar stands for, see `ehtoolkit.auditing.timeline.timeline.Kind`
        end: missing while it lasts
        file: of a certificate
        number: of an INAMI period in its record
    """

    provider: int | None
    name: str
    practice: str | None
    kind: str
    start: date
    end: date | None
    file: str | None
    number: int | None


@dataclass(frozen=True, slots=True, repr=False)
class TimelineChart:
    """A time line that a notebook draws.

    Attributes:
        line: what is drawn. The picture shows no whole NISS.
        texts: the words of the picture.
    """

    line: TimeLine
    texts: Translator = field(repr=False)

    def __repr__(self) -> str:
        return f"<time line: {len(self.line.rows)} rows, {self.line.first} to {self.line.last}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Mapping[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    @property
    def svg(self) -> str:
        """The picture with its legend, as a document of its own: to be saved as a file, too."""
        line = self.line.masked()
        width, height = drawing_size(line)
        legend, below = self._legend(width)
        whole = height + below + 2 * _MARGIN
        ground = element("rect", "", width="100%", height="100%", fill="#ffffff")
        chart = drawing(
            line, self.texts, x=str(_MARGIN), y=str(_MARGIN), width=str(width), height=str(height)
        )
        placed = element("g", legend, transform=f"translate({_MARGIN} {height + _MARGIN})")
        return str(
            element(
                "svg",
                element("style", Markup(_STYLE)) + ground + chart + placed,  # noqa: S704  # our own
                xmlns="http://www.w3.org/2000/svg",
                width=str(width + 2 * _MARGIN),
                height=str(whole),
                viewBox=f"0 0 {width + 2 * _MARGIN} {whole}",
            )
        )

    @property
    def bars(self) -> pd.DataFrame:
        """The same as a frame: a row a bar, with whole names and paths. ``end``: NaT while it lasts; ``number``: of an
        INAMI period in its record."""
        from ehtoolkit.auditing.tables.frames import frame

        rows = (
            BarRow(
                provider=row.provider,
                name=row.name,
                practice=row.practice,
                kind=bar.kind.value,
                start=bar.start,
                end=bar.end,
                file=bar.file,
                number=bar.number,
            )
            for row in self.line.rows
            for bar in (*row.certificates, *row.periods)
        )
        return frame(BarRow, rows)

    def _legend(self, width: int) -> tuple[Markup, int]:
        """Return what the bars mean, in as many lines as it takes, and the height of these."""
        pieces, x, y = [], 0.0, 0
        for kind in kinds_of(self.line):
            words = self.texts.get(f"export.timeline.{kind}")
            needed = _SAMPLE + _LETTER * len(words) + _MARGIN
            if x and x + needed > width:
                x, y = 0.0, y + _LEGEND_ROW
            pieces.append(sample(kind, x=f"{x:g}", y=f"{y + 4}", width="32", height="16"))
            pieces.append(element("text", words, x=f"{x + _SAMPLE:g}", y=str(y + 17)))
            x += needed
        return join(pieces), y + _LEGEND_ROW if pieces else 0
