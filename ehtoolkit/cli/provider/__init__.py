"""``ehtoolkit provider``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

_HERE = "ehtoolkit.cli.provider"

provider = LazyGroup(
    {
        "add": (f"{_HERE}.records", "add", "Put a provider into the registry."),
        "change": (f"{_HERE}.records", "change", "Change what his record says."),
        "list": (f"{_HERE}.show", "list_providers", "Who is in the registry."),
        "show": (f"{_HERE}.show", "show", "A record, its periods, and what is wrong with it."),
        "remove": (f"{_HERE}.records", "remove", "Take a record out of the registry."),
        "period": (f"{_HERE}.period", "period", "Add, change and remove INAMI periods."),
        "assign": (f"{_HERE}.records", "assign", "Say which keystore is a provider's."),
        "import": (f"{_HERE}.tables", "import_providers", "Take providers and periods from a CSV file."),
        "export": (f"{_HERE}.tables", "export_providers", "Write them to one."),
    },
    name="provider",
    help="The registry of providers: who they are, their INAMI periods and keystores.",
)
