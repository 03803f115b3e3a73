"""Choose moments at which to kill a process, spread over the time that its work takes."""

from __future__ import annotations

import random
from typing import Final

LONGER: Final = 1.04
SHORTER: Final = 0.88
"""By these the time before a kill changes: three that are not late and one that is leave it as it was."""


class KillMoments:
    """How long to wait before each kill, learned from the kills before: one in four comes after the work.

    How long the work takes changes with what else the computer does; ``seconds``: what it took once.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._source = random.Random(20261124)  # noqa: S311  # the same choices in every run

    def choose(self) -> float:
        """Return for how many seconds to wait before the next kill."""
        return self._source.uniform(0.0, self._seconds)

    def learn(self, *, is_late: bool) -> None:
        """Take into account whether the work was done when that kill came."""
        self._seconds *= SHORTER if is_late else LONGER
