"""``ehtoolkit provider``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

provider = LazyGroup(
    "provider",
    "ehtoolkit.cli.provider",
    {
        "add": "add:add",
        "change": "change:change",
        "list": "list:list_providers",
        "show": "show:show",
        "remove": "remove:remove",
        "period": "period:period",
        "assign": "assign:assign",
        "import": "csv_import:import_providers",
        "export": "csv_export:export_providers",
    },
)
