"""The root of all errors, and errors without a subject."""

from __future__ import annotations

import logging
import re
from typing import ClassVar, Self, dataclass_transform


class _Fact:
    """A declared fact as an attribute of its error; ``optional``: an error may lack it."""

    def __init__(self, name: str, *, optional: bool) -> None:
        self._name = name
        self.optional = optional

    def __get__(self, error: EhToolkitError | None, kind: type[EhToolkitError]) -> object:
        return self if error is None else error.facts.get(self._name)


@dataclass_transform(kw_only_default=True, eq_default=False)
class EhToolkitError(Exception):
    """The root of all errors of ehtoolkit."""

    key: ClassVar[str] = "error"
    """Stable, for scripts and texts. By default it is the class name: ``pin_wrong`` for `PinWrong`."""
    exit_code = 1
    """Of a command that this error ends (docs/CLI.md); without an annotation, or it would be a fact."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "key" not in vars(cls):
            cls.key = re.sub(r"\B[A-Z]", r"_\g<0>", cls.__name__).lower()
        for name in cls.__annotations__:
            setattr(cls, name, _Fact(name, optional=name in vars(cls)))

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts = facts

    def with_facts(self, **facts: object) -> Self:
        """Return the same error with ``facts`` added or changed."""
        return type(self)(**{**self.facts, **facts})

    def __str__(self) -> str:
        paragraph = " ".join((self.__doc__ or self.key).partition("\n\n")[0].split())
        summary = paragraph.partition("(facts:")[0].rstrip(" .")
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{summary} [{self.key}{': ' if facts else ''}{facts}]"


class Unexpected(EhToolkitError):
    """A fault of the program itself (facts: kind = the class of what was raised)."""

    exit_code = 70
    kind: str

    @staticmethod
    def unless_known(error: Exception) -> EhToolkitError:
        """Return ``error`` if it is one of ehtoolkit; log any other exception and return it as `Unexpected`."""
        if isinstance(error, EhToolkitError):
            return error
        logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
        return Unexpected(kind=type(error).__name__)


class TextMissing(EhToolkitError, KeyError):
    """No catalogue has a text (facts: text = its key). In a copy of the project, the compiled catalogues are older than
    the texts; otherwise a fault of the program itself."""

    exit_code = 70
    text: str


class Cancelled(EhToolkitError):
    """The user cancelled; nothing more is done (facts: path = of a keystore that was prepared, and perhaps sent)."""

    exit_code = 130
    path: str | None = None
