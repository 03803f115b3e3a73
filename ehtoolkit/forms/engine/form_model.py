"""The model of a form: what it knows and does, without a widget."""

from __future__ import annotations

from typing import Generic, TypeVar

from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.toolkit import Toolkit

T = TypeVar("T")


class FormModel:
    """What a form knows and does, without a widget: one walk through it.

    Attributes:
        wizard: where the user is, and what was typed; from `WizardForm.walk`, before anything happens.
    """

    wizard: Wizard

    def __init__(self, toolkit: Toolkit) -> None:
        self.toolkit = toolkit
        self.procedure_context = toolkit.context

    def close(self) -> None:
        """Release cards, locks and passwords: the form is done or left."""


class OptionalResult(Generic[T]):
    """What a step has found out, as an attribute of the model, stored by `Wizard.keep`. It is None before it is set,
    and after a change that makes it void."""

    def __set_name__(self, owner: type[FormModel], name: str) -> None:
        self._name = name

    def __get__(self, model: FormModel, owner: type[FormModel]) -> T | None:
        found: T | None = model.wizard.result(self._name)
        return found

    def __set__(self, model: FormModel, value: T | None) -> None:
        model.wizard.keep(self._name, value)


class StepResult(OptionalResult[T]):
    """An `OptionalResult` that is read only after the step that sets it; reading it before raises `RuntimeError`."""

    def __get__(self, model: FormModel, owner: type[FormModel]) -> T:
        found = super().__get__(model, owner)
        if found is None:
            raise RuntimeError(f"the form has no {self._name}")
        return found


M = TypeVar("M", bound=FormModel)
M_co = TypeVar("M_co", bound=FormModel, covariant=True)
M_contra = TypeVar("M_contra", bound=FormModel, contravariant=True)
