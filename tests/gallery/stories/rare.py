"""Texts that no story brings about: what only a rare file, platform or folder shows. They are seen on sheets.

Most are computed: a page has one text for each value of an enumeration (a kind of file, a state, a reason). The others
are kept by hand, each with the reason why no story shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tests.support.catalogues import messages

FAMILIES: Final = (
    "file_import.place",
    "providers.import.not",
    "revoke.state",
    "troubleshoot.kind",
    "troubleshoot.next",
    "troubleshoot.platform.next",
    "troubleshoot.platform.state",
    "troubleshoot.refused",
    "troubleshoot.verdict",
)
"""One text for each value of an enumeration. Stories show some texts of each family in their place."""
UNSEEN_FAMILIES: Final = (
    "audit_page.csv.not",  # a dropped table that is rejected: the drop zone is that of `providers.import`
    "page.sorted",  # announced to screen readers after a click on a column
    "steps.sign.in",  # a contract in another language than the page: only German and English pages show it
    "troubleshoot.archive.stays",  # older files that stay where they are
)
"""The same, and no story shows any of them."""

BY_HAND: Final[Mapping[str, tuple[str, ...]]] = {
    "the first page in production, and what its browser shows beside the page": (
        "index.delivery.confirm",
        "index.delivery.confirm.do",
    ),
    "a test that finds a fault in a certificate that was made a moment ago": ("complete.done.faulty",),
    "announced to screen readers, or shown while something runs, and gone before a scene is looked at": (
        "audit_page.forgotten",
        "closing.copy.wait",
        "providers.period.removed",
        "providers.sample.made",
        "providers.sample.making",
        "trainer.sample.busy",
        "trainer.sample.done",
        "troubleshoot.closed",
        "troubleshoot.made.saving",
    ),
    "stopped by the user in the middle of an audit": ("audit_page.stopped",),
    "opens a window of the desktop, or finds none": ("file_import.folder.done", "wizard.folder"),
    "outside of training only": (
        "doctor.verdict.good.text",
        "foreigner.confirm.by_mail",
        "helpdesk.call",
        "steps.card.reader",
    ),
    "a file from elsewhere that is there when the form is at another step": (
        "file_import.late",
        "revoke.by_file.late",
    ),
    "keystores that a command has acknowledged": ("audit_page.acknowledged",),
    "a second request that a person without a card insisted on": ("index.due.prepared.text.in_force",),
    "a password that is kept, and would be refused as a new one": ("steps.password.present.weak",),
    "several certificates that wait in a class": ("trainer.clock.unfinished.many",),
    "the registry that an audit looks for is missing, unreadable or unused": (
        "audit_page.invented",
        "audit_page.without_registry",
    ),
    "a table of passwords with a pattern that no file has": ("audit_page.idle",),
    "a renewal that was interrupted or is checked by a person": (
        "index.due.no_etk.text.renewal",
        "index.due.validating.text.renewal",
    ),
    "the platform is not reached after it had said what no file shows": ("standing.last_word",),
    "several requests that wait for one holder": ("request.before.waiting.many",),
    "a certificate in the list that is requested and not issued": ("revoke.asked",),
    "a file without a readable name of its holder": ("index.due.unnamed",),
    "a keystore with a key that is neither of the two kinds, or has no name": (
        "password.done.key.other",
        "password.key.nameless",
    ),
    "more providers than the list shows at once": ("providers.count.more",),
    "records of the registry of practices, and next steps that the audited files of the stories do not need": (
        "audit_page.do.take_over.activate",
    ),
    "periods of a provider that are only remarked on": ("providers.row.info",),
    "an older keystore that is to be renewed beside a newer one that is over": (
        "index.due.expired.text.older",
        "index.due.refused.text.older",
        "index.due.revoked.text.older",
    ),
    "replaced files that the user has dealt with": ("index.due.rest.many", "index.loaded.said"),
    "several keystores to choose from, one closed, or one that serves": (
        "choosing.state.closed",
        "choosing.why.serves",
    ),
    "a number that begins with a digit that its kind does not have": ("request.block.number.first_digit",),
    "keystores of a provider in another order than in the stories: none, or a newer one": (
        "providers.keystore.none",
        "providers.keystore.replace",
        "providers.proposed.newer",
    ),
    "a training registry with providers that a trainer entered": (
        "trainer.reset.sure.own",
        "trainer.reset.yes_keep",
    ),
    "older files beside a new one that is not activated, lacks keys, or leaves nothing to move": (
        "troubleshoot.archive.early",
        "troubleshoot.archive.lost",
        "troubleshoot.archive.none",
        "troubleshoot.archive.partly",
    ),
    "a file that is written anew: the stories have the other of both passwords, and save it elsewhere": (
        "troubleshoot.backup.same",
        "troubleshoot.copy.ask.same",
        "troubleshoot.made.password.new",
        "troubleshoot.saved",
    ),
    "a damaged file that opens, or entries that belong to no eHealth certificate": (
        "troubleshoot.certificate.damaged",
        "troubleshoot.certificate.other",
        "troubleshoot.key.other",
    ),
    "keys of an old keystore that are added to another": (
        "troubleshoot.merge.added",
        "troubleshoot.merge.done",
        "troubleshoot.merge.nothing",
    ),
    "answers of the depot that differ from the file": (
        "troubleshoot.platform.depot_empty",
        "troubleshoot.platform.depot_newer",
        "troubleshoot.platform.depot_other",
        "troubleshoot.platform.depot_unchecked",
        "troubleshoot.platform.depot_untrusted",
        "troubleshoot.platform.newer",
    ),
    "statuses of the platform between request and delivery, and a token whose key is not in the file": (
        "trainer.token.in_request",
        "troubleshoot.platform.certificate.in_progress",
        "troubleshoot.platform.certificate.refused",
        "troubleshoot.platform.key.missing",
        "troubleshoot.platform.token.in_request",
        "troubleshoot.platform.token.not_requested",
    ),
    "an uploaded file whose procedure goes on in the keystore folder": ("troubleshoot.platform.upload",),
}
"""By the reason why no story shows them; their details (``KEY.next``, ``KEY.text``) belong to them."""


def family(prefix: str) -> list[str]:
    """The keys directly below ``prefix`` that stand for its values, with their details."""
    return [key for key in messages(prefix.partition(".")[0], "fr") if key.startswith(f"{prefix}.")]


def notices() -> Iterator[str]:
    """What a request warns of before it is sent: each has a next step."""
    for key in messages("actors", "fr"):
        if f"{key.removesuffix('.next')}.next" in messages("actors", "fr"):
            yield key


def by_hand() -> Iterator[str]:
    for heads in BY_HAND.values():
        for head in heads:
            yield from (head, *family(head))


RARE: Final = tuple(
    dict.fromkeys(
        [*notices(), *(key for prefix in (*FAMILIES, *UNSEEN_FAMILIES) for key in family(prefix)), *by_hand()]
    )
)
"""All texts of the sheets."""
