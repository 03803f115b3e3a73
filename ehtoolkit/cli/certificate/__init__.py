"""``ehtoolkit certificate``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

_HERE = "ehtoolkit.cli.certificate"

certificate = LazyGroup(
    {
        "request": (f"{_HERE}.request", "request", "Ask for a certificate with the card."),
        "request-foreigner": (
            f"{_HERE}.request",
            "request_foreigner",
            "Ask for a certificate without card, with a BIS number.",
        ),
        "actors": (f"{_HERE}.actors", "actors", "For whom the card's holder may ask."),
        "list": (f"{_HERE}.list", "list_holdings", "What the platform has for the card's holder."),
        "renew": (f"{_HERE}.existing", "renew", "Renew a certificate in its replacement period."),
        "activate": (f"{_HERE}.existing", "activate", "Activate the ETK of a renewed keystore."),
        "complete": (f"{_HERE}.existing", "complete", "Install the certificate and make its ETK."),
        "revoke": (f"{_HERE}.revoke", "revoke", "Revoke a certificate and its ETK."),
        "session": (f"{_HERE}.session", "session", "Ask for a session: does the keystore work?"),
        "test": (f"{_HERE}.test", "test", "Prove that a keystore works: keys, messages, a session."),
        "status": (f"{_HERE}.existing", "status", "What platform and depot say of a keystore."),
    },
    name="certificate",
    help="Ask for, complete and follow a certificate.",
)
