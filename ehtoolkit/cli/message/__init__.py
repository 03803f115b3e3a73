"""``ehtoolkit message``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

message = LazyGroup(
    "message",
    "ehtoolkit.cli.message",
    {
        "seal": "seal:seal",
        "open": "open:open_",
    },
)
