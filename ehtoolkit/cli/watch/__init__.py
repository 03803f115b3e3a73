"""``ehtoolkit watch``: one module for each group of commands, imported when one of them runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

_CONFIGURATION = "ehtoolkit.cli.watch.configuration"
_RUNNING = "ehtoolkit.cli.watch.running"

watch = LazyGroup(
    {
        "add": (_CONFIGURATION, "add", "Add a watch."),
        "install": ("ehtoolkit.cli.watch.schedule", "install", "Have the operating system run all watches."),
        "list": (_CONFIGURATION, "list_watches", "The watches."),
        "remove": (_CONFIGURATION, "remove", "Take a watch out."),
        "run": (_RUNNING, "run", "Run the watches now."),
        "test": (_RUNNING, "test", "Send a test message."),
    },
    name="watch",
    help="Audits that run by themselves, and send a message when something is due.",
)
