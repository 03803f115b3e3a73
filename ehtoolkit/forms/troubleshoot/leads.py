"""Links to forms after the platform has answered about a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.platform_check import PlatformCheck
from ehtoolkit.keystore.diagnosis import Finding
from ehtoolkit.procedures.certificate_list import RequestTemplate
from ehtoolkit.procedures.result import NextAction

_NEEDS_FILE: Final = frozenset(
    {NextAction.COMPLETE, NextAction.ACTIVATE, NextAction.RENEW, NextAction.RESUME}
)
_BY_ANOTHER: Final = {
    "renewal_ready": ("complete-renewal", "index.complete_renewal", "keystore"),
    "renewal_unsent": ("request", "complete.never_sent.resume", "resume"),
    "newer": ("troubleshoot", "troubleshoot.platform.newer", "keystore"),
    "depot_newer": ("troubleshoot", "troubleshoot.platform.newer", "keystore"),
}
"""Findings that are about another file of the folder, which they name: page, words, parameter."""
_BY_LIST: Final = frozenset({"unknown", "etk_key_missing"})
"""Findings after which the card's list of certificates helps, which the Revoke form shows."""


def leads(specimen: ExaminedFile, asked: PlatformCheck) -> tuple[FormLink, ...]:
    """Return the links to the forms that go on after the platform's answer, the proposed one first; none while the
    answer is unknown."""
    if not asked.standing.checked:
        return ()
    found: dict[str, FormLink] = {}
    for one in (*_proposed(specimen, asked), *_of_findings(specimen, asked.standing.findings)):
        found.setdefault(one.address, one)
    return tuple(found.values())


def is_wanted_in_folder(specimen: ExaminedFile, asked: PlatformCheck) -> bool:
    """Return whether a form would go on with this file if only it were in the folder."""
    return specimen.path is None and asked.standing.checked and asked.standing.next in _NEEDS_FILE


def _proposed(specimen: ExaminedFile, asked: PlatformCheck) -> Iterator[FormLink]:
    step = asked.standing.next
    if step is NextAction.REQUEST:
        yield FormLink("request", "index.request", _prefill(asked).address)
    if specimen.path is None:
        return
    name = specimen.path.name
    match step:
        case NextAction.COMPLETE if asked.file.carries:
            yield FormLink.to("complete-renewal", "index.complete_renewal", name)
        case NextAction.COMPLETE:
            yield FormLink.to("complete", "troubleshoot.complete.link", name)
        case NextAction.ACTIVATE:
            yield FormLink.to("activate", "index.activate", name)
        case NextAction.RENEW:
            yield FormLink.to("renew", "index.renew", name)
        case NextAction.RESUME:
            yield FormLink.to("request", "complete.never_sent.resume", name, "resume")


def _of_findings(specimen: ExaminedFile, findings: tuple[Finding, ...]) -> Iterator[FormLink]:
    for one in findings:
        if one.key in _BY_ANOTHER:
            page, words, parameter = _BY_ANOTHER[one.key]
            yield FormLink.to(page, words, str(one.facts["file"]), parameter)
        elif one.key in _BY_LIST:
            in_folder = None if specimen.path is None else specimen.path.name
            yield FormLink.to("revoke", "index.revoke", in_folder)


def _prefill(asked: PlatformCheck) -> Prefill:
    """Return what is known for a new request; the name of a person comes from the card."""
    holder, info = asked.file.holder, asked.standing.info
    if info is not None:
        return Prefill.of_again(RequestTemplate.of(info))
    if holder is None or holder.identifier.is_person:
        return Prefill()
    return Prefill(holder.identifier, holder.name, holder.application_id or "")
