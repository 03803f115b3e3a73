"""The catalogues whose texts are shown on pages."""

from __future__ import annotations

from typing import Final

from ehtoolkit.forms import registry

OF_PAGES: Final = (
    *(form.catalogue for form in registry.FORMS.values()),
    *("actors", "advice", "audit", "audit_page", "card", "certificate_test", "choosing", "closing", "doctor"),
    *(
        "environment",
        "error",
        "file_import",
        "finding",
        "finish",
        "helpdesk",
        "idcard",
        "index",
        "lesson",
        "message",
        "pin",
        "procedure",
    ),
    *(
        "providers",
        "scenario",
        "session",
        "standing",
        "steps",
        "terms",
        "trainer",
        "training",
        "troubleshoot",
        "wizard",
    ),
)
"""The catalogues whose texts stand on pages; the others are the command line's, the frame's and those of files."""
