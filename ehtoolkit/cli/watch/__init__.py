"""``ehtoolkit watch``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

watch = LazyGroup(
    "watch",
    "ehtoolkit.cli.watch",
    {
        "add": "add:add",
        "edit": "edit:edit",
        "install": "install:install",
        "list": "list:list_watches",
        "remove": "remove:remove",
        "run": "run:run",
        "test": "test:test",
    },
)
