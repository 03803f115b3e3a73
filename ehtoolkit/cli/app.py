"""The tree of commands; a group's module is imported only when one of its commands runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

app = LazyGroup(
    "ehtoolkit",
    "ehtoolkit.cli",
    {
        "demo": "demo:demo",
        "serve": "serve:serve",
        "audit": "audit:audit",
        "card": "card:card",
        "certificate": "certificate:certificate",
        "completion": "completion:completion",
        "doctor": "doctor:doctor",
        "etk": "etk:etk",
        "keystore": "keystore:keystore",
        "lab": "lab:lab",
        "message": "message:message",
        "provider": "provider:provider",
        "training": "training:training",
        "watch": "watch:watch",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
