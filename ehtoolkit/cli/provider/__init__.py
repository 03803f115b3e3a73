"""``ehtoolkit provider``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.lazy import LazyGroup

_HERE = "ehtoolkit.cli.provider"

provider = LazyGroup(
    {
        "add": (f"{_HERE}.add", "add", "Put a provider into the registry."),
        "change": (f"{_HERE}.change", "change", "Change what his record says."),
        "list": (f"{_HERE}.list", "list_providers", "Who is in the registry."),
        "show": (f"{_HERE}.show", "show", "A record, its periods, and what is wrong with it."),
        "remove": (f"{_HERE}.remove", "remove", "Take a record out of the registry."),
        "period": (f"{_HERE}.period", "period", "Add, change and remove INAMI periods."),
        "assign": (f"{_HERE}.assign", "assign", "Say which keystore is a provider's."),
        "import": (f"{_HERE}.importing", "import_providers", "Take providers and periods from a CSV file."),
        "export": (f"{_HERE}.exporting", "export_providers", "Write them to one."),
    },
    name="provider",
    help="The registry of providers: who they are, their INAMI periods and keystores.",
)
