"""The last page of a form after which a certificate is in use: its receipt, and what is left to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ipywidgets import Widget

from ehtoolkit.forms.copies.copy_part import backup_copy
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import SummaryRows
from ehtoolkit.forms.receipts.receipt import Receipt
from ehtoolkit.forms.steps.opened_keystore import ArchivingModel, OldFilesPart

A_contra = TypeVar("A_contra", bound=ArchivingModel, contravariant=True)


def receipt_of(context: FormContext[A_contra], title: str, rows: SummaryRows, holder: str) -> Receipt:
    """Return the papers about the form's keystore. ``rows``: what was done."""
    model = context.model
    return Receipt(
        model.path, title, rows, context.texts, holder, older=model.has_older or bool(model.archived)
    )


def in_use_page(
    context: FormContext[A_contra],
    closing: Receipt,
    title: str,
    body: Sequence[Widget],
    *,
    slip: bool,
) -> Page:
    """Return a last page: ``body``, the offer to archive the older files, then what `Receipt.page` adds; the next step
    is the provider's record. The form's texts may have ``done.failed``, above an error of what the page does."""
    model = context.model
    return closing.page(
        title,
        [*body, OldFilesPart(context).widget],
        backup_copy(context, model.toolkit, model.file),
        slip=slip,
        failed=context.optional("done.failed"),
        then=FormLink.to("providers", "closing.load.record", model.path.name),
        reminder=closing.reminder(model.file, model.procedure_context.clock.now()),
    )
