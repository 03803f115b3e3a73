"""``ehtoolkit training``: one module for each group of commands, imported when one of them runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

_PLATFORM = "ehtoolkit.cli.training.platform"
_PEOPLE = "ehtoolkit.cli.training.people"
_MESSAGES = "ehtoolkit.cli.training.messages"
_SCENARIOS = "ehtoolkit.cli.training.scenarios"

training = LazyGroup(
    {
        "card": (_PEOPLE, "card", "The card readers of the training: plug a card, pull it."),
        "certificates": (_PEOPLE, "certificates", "What the platform issued."),
        "clock": (_PLATFORM, "clock", "Show the training clock, or move it."),
        "discard-keys": (_MESSAGES, "discard_keys", "Throw an old keystore's keys away."),
        "mail": (_PLATFORM, "mail", "The e-mails that the platform wrote."),
        "mandate": (_SCENARIOS, "mandate", "Let a training person act for an organisation."),
        "messages": (_MESSAGES, "messages", "The sealed messages of the training mailbox."),
        "people": (_PEOPLE, "people", "The invented people."),
        "reset": (_PLATFORM, "reset", "Forget everything that this platform issued."),
        "return-keys": (_MESSAGES, "return_keys", "Put the discarded keys back."),
        "sample": (_PLATFORM, "sample", "Forty invented providers, with keystores."),
        "scenario": (_SCENARIOS, "scenario", "Difficulties of the platform, on and off."),
        "serve": (_PLATFORM, "serve", "The platform over HTTP."),
        "trust": (_PLATFORM, "trust", "Accept cards under another root certificate."),
        "validate": (_PLATFORM, "validate", "Confirm a request without card."),
    },
    name="training",
    help="The embedded training platform.",
)
