"""Pick the keystore of a form: the fitting files of the folder, and the one that is proposed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, due_keystores
from ehtoolkit.forms.due.next_steps import ChoiceRank, choice_rank, outlook
from ehtoolkit.forms.engine.wizard import Blocker, Values
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import Standing
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import archived_files

FIELD: Final = "keystore"
"""The name of the field, and of the parameter in a page's address; its value is the name of a file."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a form makes of the files that are there.

    Attributes:
        offered: those that make sense for it, in the order to be shown.
        proposed: one of them, chosen until the user chooses another; None when nothing tells them apart.
        why: the key of the sentence that says why that one.
    """

    offered: tuple[Due, ...]
    proposed: Due | None = None
    why: str = ""


Picker = Callable[[Sequence[Due]], Candidates]


def newest_first(due: Sequence[Due]) -> Candidates:
    """Return all files, the newest first. The newest is proposed where there are several, all of one holder: choosing
    an older one after a renewal is mostly a mistake."""
    offered = tuple(sorted(due, key=lambda keystore: keystore.file.moment, reverse=True))
    if len(offered) > 1 and all(keystore.same_holder(offered[0]) for keystore in offered):
        return Candidates(offered, newest_of(offered), "choosing.why.newest")
    return Candidates(offered)


def newest_of(due: Sequence[Due]) -> Due | None:
    """Return the first of ``due`` than which none of the same holder is newer; None when there is none."""
    return next(
        (keystore for keystore in due if not any(other.is_newer_than(keystore) for other in due)), None
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What was in the folder, how that stands, by the names of the files, and what the form makes of it. ``problem``:
    why it could not be read."""

    due: tuple[Due, ...]
    standings: Mapping[str, Standing]
    pick: Candidates
    problem: errors.FileUnreadable | None = None


def settled(pick: Candidates, standings: Mapping[str, Standing]) -> Candidates:
    """Return what a form offers in the order of `choice_rank`, the order of the form among equals. Instead of a file
    with which nobody works any more, propose the first of its holder with which somebody does."""
    proposed, why = pick.proposed, pick.why
    waits = proposed is not None and proposed.state is State.WAITING
    ranks = {each.name: choice_rank(standings[each.name].state, waits=waits) for each in pick.offered}
    offered = tuple(sorted(pick.offered, key=lambda each: ranks[each.name]))
    if proposed is not None and ranks[proposed.name] is ChoiceRank.PAST:
        better = next((each for each in offered if each.same_holder(proposed)), proposed)
        if ranks[better.name] is not ChoiceRank.PAST:
            proposed, why = better, "choosing.why.serves"
    return Candidates(offered, proposed, why)


class KeystorePicker:
    """The choice of one file among those of ``folder``; no other path can be chosen.

    Attributes:
        taken: the files that were copied into the folder during this visit.

    Args:
        picker: which ones the form offers and proposes. It is asked at the first look and at each `look` after, so it
            may depend on what the form knows by then (whose card it read).
        asked: the file that the page's address names; it is offered, and proposed, whatever ``picker`` says.
        now: tells the moment, aware.
        environment: that is worked in.
    """

    def __init__(
        self,
        folder: Path,
        notes: Path,
        picker: Picker = newest_first,
        asked: Path | None = None,
        *,
        now: Callable[[], datetime],
        environment: Environment,
    ) -> None:
        self.folder = folder
        self._notes = notes
        self._picker = picker
        self._now = now
        self._environment = environment
        self._asked = asked
        self.taken: set[Path] = set()
        self._new_names: dict[str, str] = {}
        self._last: _Look | None = None

    def look(self) -> None:
        """Read the folder; again whenever the page is shown, since files come and go while it is open."""
        self._last = self._look()

    def ask_for(self, path: Path) -> None:
        """Offer and propose this file of the folder from now on, whatever the form makes of the others."""
        self._asked = path
        self.look()

    def renamed(self, old: Path, new: Path) -> None:
        """Follow the file that was chosen under its ``old`` name to its ``new`` one, and propose it from now on."""
        if new != old:
            self._new_names[old.name] = new.name
            self.ask_for(new)

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────
    @property
    def problem(self) -> errors.FileUnreadable | None:
        """Why the folder could not be read; None when it could."""
        return self._seen.problem

    @property
    def pick(self) -> Candidates:
        return self._seen.pick

    @property
    def offered(self) -> tuple[Due, ...]:
        """The files that can be chosen, in the order to be shown."""
        return self._seen.pick.offered

    @property
    def left_out(self) -> tuple[Due, ...]:
        """The files of the folder that make no sense for this form."""
        return tuple(keystore for keystore in self._seen.due if keystore not in self.offered)

    def standing_of(self, due: Due) -> Standing:
        """Return how a file of the folder stands."""
        return self._seen.standings[due.name]

    def has_older(self, due: Due) -> bool:
        """Return whether the folder has an older keystore of the same holder."""
        return any(due.is_newer_than(keystore) for keystore in self._seen.due)

    def others_of_holder(self, due: Due) -> tuple[Due, ...]:
        """Return the other files of the same holder, newest first, also those that are left out."""
        others = (keystore for keystore in self._seen.due if keystore != due and keystore.same_holder(due))
        return tuple(sorted(others, key=lambda keystore: keystore.file.moment, reverse=True))

    # ── what is chosen ───────────────────────────────────────────────────────────────────────────────────
    def preselected(self, values: Values) -> str:
        """Return what the field holds when the page is shown: what was chosen, if it is still there, else what the form
        proposes, else the only file; empty when the user has to choose."""
        if self._is_offered(self._name(values)):
            return self._name(values)
        if self.pick.proposed is not None:
            return self.pick.proposed.name
        return self.offered[0].name if len(self.offered) == 1 else ""

    def chosen(self, values: Values) -> Due:
        """Return the file that is chosen. Raises `errors.KeystoreNotFound` when it is none of those offered."""
        for keystore in self.offered:
            if keystore.name == self._name(values):
                return keystore
        raise errors.KeystoreNotFound(path=str(values[FIELD]))

    def path(self, values: Values) -> Path:
        """Return where that file is: in the folder, never elsewhere. Raises `errors.KeystoreNotFound`."""
        return self.chosen(values).file.path

    def _name(self, values: Values) -> str:
        """Return the name of the file that is chosen, as it is called now. Another file may have got the old name of
        one that was renamed."""
        name = str(values[FIELD])
        return name if self._is_offered(name) else self._new_names.get(name, name)

    def _is_offered(self, name: str) -> bool:
        return any(keystore.name == name for keystore in self.offered)

    def blocks(self, values: Values) -> Iterable[Blocker]:
        if not self._is_offered(self._name(values)):
            yield Blocker("choosing.block.none", FIELD)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    @property
    def _seen(self) -> _Look:
        if self._last is None:
            self._last = self._look()
        return self._last

    def _look(self) -> _Look:
        try:
            due = due_keystores(self.folder, self._notes)
        except errors.FileUnreadable as error:
            return _Look((), {}, Candidates(()), error)
        items = outlook(due, self._now(), self._environment, archived_files(self.folder))
        standings = {keystore.due.name: keystore.standing for keystore in items}
        return _Look(due, standings, self._with_asked(due, settled(self._picker(due), standings)))

    def _with_asked(self, due: Sequence[Due], pick: Candidates) -> Candidates:
        asked = next((keystore for keystore in due if keystore.file.path == self._asked), None)
        if asked is None or asked == pick.proposed:
            return pick
        offered = pick.offered if asked in pick.offered else (asked, *pick.offered)
        return Candidates(offered, asked)
