"""What a filter of the audit page costs once the audit is there: 5,000 providers with 20,000 periods, a file each.

All that a filter changes is made anew: rows and findings, a page of the table, the findings shown, the time line.
``audit_page.py [PROVIDERS]``: another number.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: E402

from benchmarks.providers import PROVIDERS, records  # noqa: E402
from ehtoolkit.clock import SystemClock  # noqa: E402
from ehtoolkit.forms.audit.filters import Filters, filter_rows  # noqa: E402
from ehtoolkit.forms.audit.model import AuditModel  # noqa: E402
from ehtoolkit.forms.engine.background import run_inline  # noqa: E402
from ehtoolkit.forms.engine.page_context import PageContext  # noqa: E402
from ehtoolkit.forms.tools.audit import AUDIT  # noqa: E402
from ehtoolkit.i18n import Translator  # noqa: E402
from ehtoolkit.keystore.codec.writer import write_pkcs12  # noqa: E402
from ehtoolkit.keystore.keystore import Keystore  # noqa: E402
from ehtoolkit.providers import open_registry  # noqa: E402
from ehtoolkit.secret import Secret  # noqa: E402
from ehtoolkit.settings import Settings, load_settings  # noqa: E402

AIM, PRACTICES, ROUNDS = 0.2, 40, 5


def fill(settings: Settings, providers: int) -> int:
    """Providers with their practices, and a keystore of each."""
    people = [
        replace(record, practice=f"Practice {place % PRACTICES}")
        for place, record in enumerate(records(providers))
    ]
    with open_registry(settings) as registry:
        registry.merge(people)
    keystore = Keystore.prepare(generate_private_key(65537, 2048), datetime(2026, 1, 1, tzinfo=UTC))
    content = write_pkcs12(keystore.contents, Secret("x"))
    settings.keystores.mkdir(parents=True)
    for person in people:
        (settings.keystores / f"SSIN={person.niss} 20260101-120000.p12").write_bytes(content)
    return len(people)


def median(work: Callable[[], object]) -> float:
    """Seconds of this process: nothing in it waits, and a computer with other work to do is not measured along."""
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times)


def main(providers: int = PROVIDERS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder))
        count = fill(settings, providers)
        model = AuditModel(settings, SystemClock())
        page = AUDIT.build(model, PageContext(settings, Translator("fr")), run_inline)
        begin = time.perf_counter()
        page.start()
        whole = time.perf_counter() - begin
        result = model.result
        assert result is not None
        rows, findings = len(result.table.rows), len(result.table.findings)
        print(f"     {count} providers, {rows} rows, {findings} findings; audit and page {whole:.1f} s")
        filters = page.results.filters
        tries: dict[str, tuple[Filters, Callable[[], None]]] = {}
        for name, field, value in (
            ("a word", filters.words, "name12"),
            ("a practice", filters.practice, "Practice 7"),
            ("an urgency", filters.urgency, "correct"),
        ):

            def turn(field: object = field, value: str = value) -> None:
                field.value = value  # type: ignore[attr-defined]
                field.value = ""  # type: ignore[attr-defined]

            asked = Filters(**{{"search": "words"}.get(field.name, field.name): value})
            tries[name] = (asked, turn)
        for name, (asked, try_it) in tries.items():
            alone = median(partial(filter_rows, result.table, asked))
            both = median(try_it) / 2  # set and taken off: two of them
            good = "ok  " if both <= AIM else "MISS"
            print(
                f"{good} filter by {name:<12} {both * 1000:6.0f} ms, the rows alone {alone * 1000:4.0f} ms   aim 200"
            )
        table = page.results.table.root
        sort = median(lambda: table._handle_custom_msg({"action": "sort", "column": "title"}, []))
        print(f"{'ok  ' if sort <= AIM else 'MISS'} sorting by name       {sort * 1000:6.0f} ms   aim 200")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
