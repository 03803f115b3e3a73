"""A form in steps, declared: what it knows and does, its steps, its last page, and its place on the first page.

All its texts are in one catalogue, by convention: ``caption``, ``cancel``, ``step.<name>`` for each step in the list of
steps, ``<name>.title|lead`` for its page, and ``<name>.go|busy|failed`` where it works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner, Work, run_in_thread
from ehtoolkit.forms.engine.form_model import M, M_co, M_contra
from ehtoolkit.forms.engine.helpdesk import CARD, Helpdesk
from ehtoolkit.forms.engine.page_context import PageContext, set_translation
from ehtoolkit.forms.engine.production_guard import confirm_production
from ehtoolkit.forms.engine.step_page import Page, do_nothing
from ehtoolkit.forms.engine.task import FieldOf, no_field
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import CheckField, TextField
from ehtoolkit.i18n import Translator
from ehtoolkit.toolkit import Toolkit, open_toolkit


class FormContext(WizardView, Generic[M_co]):
    """A form that is shown, with its model and its texts: what steps make their pages with.

    Attributes:
        catalogue: of the form's texts.
        pages: the names of the pages that are there.
        parts: what steps keep as long as the form is shown, by the steps' names.
    """

    def __init__(
        self,
        form: WizardForm[M_co],
        model: M_co,
        texts: Translator,
        home: Path,
        *,
        helpdesk: Helpdesk | None = None,
        pages: frozenset[str] = frozenset(),
        runner: Runner = run_in_thread,
    ) -> None:
        self.catalogue = form.catalogue
        self.model = model
        self.pages = pages
        self.parts: dict[str, Any] = {}
        get = texts.get
        super().__init__(
            model.wizard,
            {step.name: partial(step.page, self) for step in form.steps},
            partial(form.done, self),
            texts=texts,
            home=home,
            caption=get(f"{form.catalogue}.caption"),
            names={step.name: get(f"{form.catalogue}.step.{step.name}") for step in form.steps},
            cancel=get(f"{form.catalogue}.cancel"),
            helpdesk=helpdesk,
            runner=runner,
        )

    def get(self, key: str, /, **facts: object) -> str:
        """Return a text of this form by its key, as ``row.name``."""
        return self.texts.get(f"{self.catalogue}.{key}", **facts)

    def optional(self, key: str) -> str:
        """Return a text of this form by its key; empty where it has none."""
        return self.get(key) if self.texts.has(f"{self.catalogue}.{key}") else ""

    @property
    def environment(self) -> str:
        """The name of the environment, for people."""
        return self.texts.get(f"page.environment.{self.model.procedure_context.environment}")

    def again(self) -> None:
        """Show another page of the same step."""
        self.refresh(focus=True)

    def text_field(self, key: str, name: str = "", **state: Any) -> TextField:
        """Return a field with its texts by convention: ``key``, and ``<key>.hint`` where there is one. ``name``: by
        default the last word of ``key``."""
        name = name or key.rpartition(".")[2]
        state = {"hint": self.optional(f"{key}.hint"), **state}
        return TextField(name, self.get(key), value=str(self.model.wizard.values[name]), **state)

    def tick(self, name: str, text: str) -> CheckField:
        """Return the box of the field ``name``, with ``text``, as the user left it."""
        return CheckField(name, text, value=bool(self.model.wizard.values[name]))

    def page(
        self,
        step: str,
        body: Sequence[Widget] = (),
        work: Work | None = None,
        *,
        icon: str = "",
        busy: str = "",
        after: Callable[[], None] | None = None,
        field_of: FieldOf = no_field,
        on_error: Callable[[errors.EhToolkitError], None] = do_nothing,
        more: Sequence[Button] = (),
        acts: Mapping[str, Callable[[ButtonPress], None]] = MappingProxyType({}),
    ) -> Page:
        """Return the page of ``step`` with its texts by convention; without ``work`` its button only goes on."""
        return Page(
            title=self.get(f"{step}.title"),
            lead=self.get(f"{step}.lead"),
            body=body,
            primary=self.texts.get("wizard.next") if work is None else self.get(f"{step}.go"),
            icon=icon,
            work=work,
            after=after,
            busy=busy or self.optional(f"{step}.busy"),
            failed=self.optional(f"{step}.failed"),
            field_of=field_of,
            on_error=on_error,
            more=more,
            acts=acts,
        )


@dataclass(frozen=True)
class FormStep(Generic[M_contra]):
    """A step of a form.

    Attributes:
        name: of the step, by which the form's texts are found.
        page: returns the step's page as the model is then.
        fields: the names of what is typed there, with their first values (never a secret).
        check: what blocks the step.
        applies: whether the form has the step, as the model is then.
    """

    name: str
    page: Callable[[FormContext[M_contra]], Page]
    fields: Callable[[M_contra], Values] = lambda _: {}
    check: Callable[[M_contra, Values], Iterable[Blocker]] = lambda *_: ()
    applies: Callable[[M_contra], bool] = lambda _: True

    def begin(self, model: M_contra) -> Step:
        """Return the step of a new walk through the form."""
        return Step(
            self.name,
            self.fields(model),
            lambda values: self.check(model, values),
            lambda _: self.applies(model),
        )


MenuGroup = Literal["request", "renewal", "password", "revocation", "tools"]


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """Where the first page has a link to a page.

    Attributes:
        group: of the procedures, in the order of a certificate's life; or beside them.
        place: among those of its group; the smallest is the first.
        words: the key of the link; ``<words>.about`` says what is done there.
        icon: of `ehtoolkit.forms.html`; empty where the group is a path of numbered steps.
    """

    group: MenuGroup
    place: int
    words: str
    icon: str = ""


@dataclass(frozen=True)
class WizardForm(Generic[M]):
    """A form in steps.

    Attributes:
        name: of its notebook, and in the addresses that lead to it.
        make: makes the model, from what the page's address says.
        done: its last page.
        reaches_platform: in production it is opened only after that was confirmed.
    """

    name: str
    make: Callable[[Toolkit, PageContext], M]
    steps: Sequence[FormStep[M]]
    done: Callable[[FormContext[M]], Page]
    menu: MenuPlace
    reaches_platform: bool = True

    @property
    def catalogue(self) -> str:
        """The one with the form's texts."""
        return self.name.replace("-", "_")

    def walk(self, model: M) -> M:
        """Return ``model`` with a new `Wizard`, at the first step."""
        model.wizard = Wizard([step.begin(model) for step in self.steps])
        return model

    def open(self) -> Widget:
        """Open the form in this kernel, and return the widget to display; the address of the page may fill in
        fields."""
        return confirm_production(self._open) if self.reaches_platform else self._open()

    def _open(self) -> Widget:
        page_context = PageContext.of_this_kernel()
        with ExitStack() as opened:  # a form that cannot be shown releases what it has opened
            toolkit = open_toolkit(page_context.settings)
            opened.callback(toolkit.close)
            model = self.make(toolkit, page_context)
            opened.callback(model.close)
            view = self._show(self.walk(model), page_context)
            shown = page_context.show(view.root)
            view.when_closed(opened.pop_all().close)
        return shown

    def _show(self, model: M, page_context: PageContext) -> FormContext[M]:
        """Return a view that shows the form, and shows it in another language whenever that is asked for: with the card
        that was read, and with what was signed."""
        pages = page_context.pages()
        helpdesk = Helpdesk(
            model.toolkit, page_context.texts, pages, card=lambda: str(model.wizard.values.get(CARD, ""))
        )
        view = FormContext(
            self, model, page_context.texts, page_context.settings.home, helpdesk=helpdesk, pages=pages
        )

        def translate(other: PageContext) -> Widget | None:
            if view.busy:
                return None
            again = self._show(model, other)  # before the other is given up: where it fails, that one goes on
            for close in view.give_up():
                again.when_closed(close)
            return again.root

        set_translation(view.root, translate)
        return view
