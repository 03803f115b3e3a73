"""The model of the doctor's page: checks and triage, without a widget."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.doctor import HealthReport, KnownError, Triage, examine, find_known_error, report_of, triage
from ehtoolkit.doctor.certificate_triage import Recognition
from ehtoolkit.doctor.health_check import Progress
from ehtoolkit.doctor.known_errors import SYMPTOMS, codes_in
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.holder_keystores import find_keystore, find_keystores
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import open_toolkit


@dataclass(frozen=True, slots=True)
class ReportedError:
    """What another program does not do.

    Attributes:
        says: its code or sentence.
        symptom: the key of one without a code.
        keystore: the name of a file of the keystore folder. Empty: not given.
    """

    says: str = ""
    symptom: str = ""
    keystore: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.says.strip() or self.symptom or self.keystore)


class DoctorModel:
    """``asked_for``: the keystore that the page's address names; ``card``: the training card that it names."""

    def __init__(self, settings: Settings, asked_for: Path | None = None, card: str = "") -> None:
        self.settings = settings
        self.card = card
        self.asked_for = "" if asked_for is None else asked_for.name
        self.health: HealthReport | None = None
        self.triage: Triage | None = None

    def look(self, progress: Progress, settings: Settings) -> HealthReport:
        """Look at everything again, and return what was found. ``settings``: with the chosen card."""
        self.health = examine(settings, progress=progress)
        return self.health

    def keystores(self) -> tuple[str, ...]:
        """Return the names of the files in the keystore folder, newest first; none of a folder that cannot be read."""
        try:
            return tuple(keystore.path.name for keystore in find_keystores(self.settings.keystores))
        except errors.EhToolkitError:
            return ()

    def ask(
        self, complaint: ReportedError, password: Secret | None
    ) -> tuple[tuple[KnownError, ...], Triage | None]:
        """Look for the cause of ``complaint``, and return what it is known as, and the triage of the keystore, where
        one was chosen. Raises what keeps the parts from being built, what `find_keystore` raises:
        `errors.KeystoreNotFound` for a file that has gone meanwhile, and `errors.WrongEnvironment`."""
        self.triage = None  # a report has no verdict on another keystore
        chosen = (symptom for symptom in SYMPTOMS if symptom.key == complaint.symptom)
        advice = (*find_known_error(complaint.says), *chosen)
        found = None
        if complaint.keystore:
            path = find_keystore(self.settings.keystores, complaint.keystore).path
            with closing(open_toolkit(self.settings)) as toolkit:
                found = triage(
                    path,
                    password,
                    toolkit,
                    recognition=Recognition.without_pin(toolkit),
                    advice=advice,
                    codes=codes_in(complaint.says),
                )
        self.triage = found
        return advice, found

    def report(self, texts: Translator) -> bytes | None:
        """Return the report that can be sent to a helpdesk; None before anything was examined."""
        if self.health is None:
            return None
        return report_of(self.health, texts, self.triage)
