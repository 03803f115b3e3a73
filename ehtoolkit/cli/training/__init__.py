"""``ehtoolkit training``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

training = LazyGroup(
    "training",
    "ehtoolkit.cli.training",
    {
        "card": "card:card",
        "certificates": "certificates:certificates",
        "clock": "clock:clock",
        "discard-keys": "discard_keys:discard_keys",
        "mail": "mail:mail",
        "mandate": "mandate:mandate",
        "messages": "messages:messages",
        "people": "people:people",
        "reset": "reset:reset",
        "return-keys": "return_keys:return_keys",
        "sample": "sample:sample",
        "scenario": "scenario:scenario",
        "serve": "serve:serve",
        "trust": "trust:trust",
        "validate": "validate:validate",
    },
)
