"""A connection to one environment: its settings, platform, clock and cards."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Self

from ehtoolkit.api.arguments import Password, PathLike, path_of, secret_of
from ehtoolkit.toolkit import Toolkit, open_toolkit, open_training_platform
from ehtoolkit.type_errors import optional_instance_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from ehtoolkit.card.port import Card
    from ehtoolkit.clock import Clock
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
    from ehtoolkit.settings import Settings
    from ehtoolkit.training import TrainingPlatform


class Connection:
    """A connection to one environment, which `ehtoolkit.connect` opens as a `Client`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open: Toolkit | None = open_toolkit(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        closed = "" if self._open else ", closed"
        return f"<ehtoolkit connection: {self.settings.environment}{closed}>"

    def close(self) -> None:
        """Close the connections to the platform and to the training database; a second call does nothing."""
        toolkit, self._open = self._open, None
        if toolkit is not None:
            toolkit.close()

    @property
    def training(self) -> TrainingPlatform:
        """The embedded training platform: ``training.clock.move("+1d")`` moves its clock.

        Raises `RuntimeError` in the real environments, which have none.
        """
        if (training := self._toolkit.training) is None:
            raise RuntimeError(f"there is no training platform in {self.settings.environment}")
        return training

    @property
    def keystores(self) -> Path:
        """The keystore folder of this environment."""
        return self.settings.keystores

    @property
    def clock(self) -> Clock:
        """What time it is in this environment."""
        return self._toolkit.context.clock

    @property
    def _toolkit(self) -> Toolkit:
        if self._open is None:
            raise RuntimeError("this connection is closed; ehtoolkit.connect() makes another")
        return self._open

    def _opened(self, keystore: PathLike, password: Password) -> KeystoreFile:
        return self._toolkit.open_keystore(path_of("keystore", keystore), secret_of("password", password))

    def _card(self, card: str | None) -> closing[Card]:
        if optional_instance_of("card", card, str) == "":
            raise ValueError("card is empty; None is the card of the settings")
        return closing(self._toolkit.open_card(card))

    def _training_now(self) -> datetime:
        if self._toolkit.training is not None:
            return self._toolkit.training.clock.now()
        with closing(open_training_platform(self.settings)) as training:
            return training.clock.now()
