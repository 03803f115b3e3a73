"""The tables of findings: keys, severities, sentences, and what other programs call them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docs._ext.finding_catalogues import CATALOGUES, severities
from docs._ext.markdown_tables import english_texts, table
from ehtoolkit.doctor.known_errors import ALL, SYMPTOMS
from ehtoolkit.ehealth.sealing.other_software_errors import SOFTWARE, names_elsewhere
from ehtoolkit.finding import Finding, Severity


def findings() -> Iterator[str]:
    for catalogue, about in CATALOGUES.items():
        texts = english_texts(catalogue)
        levels = severities(catalogue, {key.split(".")[1] for key in texts})
        yield f"\n## {about.title}\n\nShown by {about.shown}.\n"
        yield from table(
            ("key", "severity", "what it says", "what to do"), _findings(catalogue, texts, levels)
        )
        if catalogue == "message":
            yield "\nWhat other software calls them:\n"
            yield from table(("key", *SOFTWARE), _elsewhere(levels))
    yield "\n## What the errors of other programs mean\n\nShown by `doctor --says TEXT` and by Check this computer.\n"
    yield from table(("key", "recognised by", "cause", "what to do", "who helps"), map(_advice, ALL))


def _findings(
    domain: str, texts: Mapping[str, str], levels: Mapping[str, set[str]]
) -> Iterator[tuple[str, ...]]:
    for key in sorted(texts):
        name, _, variant = key.removeprefix(f"{domain}.").partition(".")
        if name in levels and not key.endswith(".next") and (not variant or f"{key}.next" in texts):
            ordered = ", ".join(f"`{severity}`" for severity in Severity if severity in levels[name])
            yield f"`{key.removeprefix(f'{domain}.')}`", ordered, texts[key], texts.get(f"{key}.next", "")


def _elsewhere(keys: Iterable[str]) -> Iterator[tuple[str, ...]]:
    layers = {"algorithm_not_allowed": ("outer", "inner", "envelope", "key_transport")}
    for key in sorted(keys):
        for layer in layers.get(key, ("outer",)):
            if names := names_elsewhere(Finding(key, Severity.ERROR, {"layer": layer})):
                cells = (
                    ", ".join(f"`{name}`" for name in names.get(program, ())) or "–" for program in SOFTWARE
                )
                yield f"`{key}`", *cells


def _advice(known: Any) -> tuple[str, ...]:
    texts, key = english_texts("advice"), f"advice.{known.key}"
    signs = [f"`{code}`" for code in known.codes] + [f"“{words}”" for words in (*known.words, *known.alone)]
    recognised = texts[f"{key}.symptom"] if known in SYMPTOMS else ", ".join(signs) or "–"
    return f"`{known.key}`", recognised, texts[key], texts[f"{key}.next"], str(known.contact)
