"""``ehtoolkit certificate``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.lazy import LazyGroup

_HERE = "ehtoolkit.cli.certificate"

certificate = LazyGroup(
    {
        "request": (f"{_HERE}.request", "request", "Ask for a certificate with the card."),
        "complete": (f"{_HERE}.complete", "complete", "Install the certificate and make its ETK."),
        "status": (f"{_HERE}.status", "status", "What the platform says of a keystore's certificate."),
    },
    name="certificate",
    help="Ask for, complete and follow a certificate.",
)
