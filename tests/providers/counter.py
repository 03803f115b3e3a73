"""One of two processes that write at once: ``counter.py HOME DATABASE-URL-OR-DASH NAME TIMES``.

Adds TIMES records of its own, and as many times raises by one the number that the one shared record holds, beginning
anew when the other was faster."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.settings import load_settings


def main() -> None:
    home, url, name, times = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    lost = 0
    with open_registry(load_settings(home=home, provider_database=None if url == "-" else url)) as registry:
        with suppress(errors.ProviderExists):
            registry.add(Provider("Shared", niss="shared", practice="0"))
        for number in range(times):
            registry.add(Provider(f"{name}{number}"))
            while True:
                record = registry.find("shared")
                try:
                    registry.save(replace(record, practice=str(int(record.practice) + 1)))
                except errors.ProviderChanged:
                    lost += 1
                else:
                    break
    print(lost)


if __name__ == "__main__":
    main()
