"""``ehtoolkit keystore``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

keystore = LazyGroup(
    "keystore",
    "ehtoolkit.cli.keystore",
    {
        "show": "show:show",
        "diagnose": "diagnose:diagnose",
        "passwd": "passwd:passwd",
        "convert": "convert:convert",
        "rescue": "rescue:rescue",
        "merge": "merge:merge",
        "export": "export:export",
        "import": "key_import:import_",
        "archive": "archive:archive",
        "rename": "rename:rename",
        "rename-key": "rename_key:rename_key",
    },
)
