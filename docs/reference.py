"""Writes docs/reference/ from the code: ``python docs/reference.py``.

Commands and options come from click, Python from the docstrings of the public names, settings from pydantic, columns
from the frames of the audit, errors and findings from the classes, the calls and the English catalogues. What the code
does not say (what a column means) stands here, and a column without its words ends the script.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd
from babel.messages.pofile import read_po

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.auditing.tables import frames
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.cli.app import app
from ehtoolkit.cli.help.command import help_key, option_help
from ehtoolkit.cli.help.shared_options import SHARED_OPTIONS, SharedOption
from ehtoolkit.cli.options import shared
from ehtoolkit.doctor.known_errors import ALL, SYMPTOMS
from ehtoolkit.ehealth.sealing.other_software import SOFTWARE, names_elsewhere
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.i18n import COMMAND, Translator
from ehtoolkit.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ehtoolkit"
TARGET = Path(__file__).with_name("reference")
TEXTS: Final = Translator("en")
MADE = "Made by `python docs/reference.py` from the code; do not edit.\n"

EXITS: Final = {
    0: "fine",
    1: "what was asked about is not fine",
    2: "wrong usage, or something given that cannot be used",
    3: "waiting: not delivered yet, or checked by a person",
    4: "card or PIN",
    5: "the platform is unreachable, or its answer not to be trusted",
}
CATALOGUES: Final = {
    "finding": ("Keystores", "`keystore diagnose`, `certificate status`, Troubleshoot"),
    "standing": ("A certificate at the platform", "`certificate status`, Troubleshoot"),
    "session": ("Sessions", "`certificate session`, `certificate test`, Troubleshoot"),
    "certificate_test": (
        "A certificate under test",
        "`certificate test`, `doctor`, Troubleshoot, Complete, Activate",
    ),
    "card": ("Cards", "`card show`, `doctor`"),
    "doctor": ("This computer", "`doctor`, Check this computer"),
    "registry": ("Records of providers", "`provider show`, `provider list --findings`, Providers"),
    "audit": ("Keystores and registry together", "`audit`, Audit"),
    "actors": ("For whom somebody may ask", "`certificate actors`, Request"),
    "message": ("Sealed messages", "`message open`, `message seal`, `certificate test`"),
}
"""Catalogues with findings: what they are about, and where they are shown."""
FRAMES: Final[Mapping[str, Mapping[str, Any]]] = frames.TABLES
"""Every table that `ehtoolkit.auditing.tables.frames` has the columns of."""


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    return {
        "cli.md": cli(),
        "settings.md": settings(),
        "columns.md": columns(),
        "errors.md": error_tree(),
        "findings.md": findings(),
        "python.md": python(),
    }


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────
def cli() -> str:
    """Commands by groups, with their options; the shared ones are explained once, and named at each command."""
    common = [param for param in _probe().params if isinstance(param, SharedOption)]
    every = [one for one in common if one.section == "output"]
    parts = [
        "# Commands\n",
        MADE,
        "What they print with `--json` is in [CLI.md](../CLI.md). `ehtoolkit --version` says which version runs;",
        "`-h` or `--help` after any command says what is here. `python -m ehtoolkit` is the same as `ehtoolkit`.\n",
        "## Exit codes\n",
        *_table(("code", "means"), ((str(code), words) for code, words in EXITS.items())),
        "\nWhich error leads to which code is in [errors](errors.md).\n",
        "## Shared options\n",
        f"Every command has {_named(every)}. Each command below names the others that it has, and refuses the rest.\n",
        *_table(("option", "what it does"), (_option("", one) for one in common)),
    ]
    for words, command in _leaves(app, ()):
        own = [
            param for param in command.params if not isinstance(param, SharedOption) and not _is_help(param)
        ]
        arguments = [one for one in own if isinstance(one, click.Argument)]
        options = [one for one in own if isinstance(one, click.Option) and not one.hidden]
        taken = [
            param for param in command.params if isinstance(param, SharedOption) and param.section != "output"
        ]
        usage = " ".join(["ehtoolkit", words, *(["[OPTIONS]"] if options else []), *map(_metavar, arguments)])
        parts += [f"\n## ehtoolkit {words}\n", f"    {usage}\n", _prose(TEXTS.get(help_key(words)))]
        if options:
            parts += ["", *_table(("option", "what it does"), (_option(words, option) for option in options))]
        if taken:
            parts += ["", f"Shared options: {_named(taken)}."]
    return "\n".join(parts) + "\n"


def _probe() -> click.Command:
    """A command that has nothing but the shared options."""
    return click.command("probe")(shared(tuple(SHARED_OPTIONS))(lambda _: 0))


def _named(options: Iterable[click.Option]) -> str:
    return ", ".join(f"`{option.opts[0]}`" for option in options)


def _leaves(group: click.Group, above: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None  # noqa: S101  # the group has just named it
        here = (*above, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, here)
        else:
            yield " ".join(here), command


def _is_help(one: click.Parameter) -> bool:
    return isinstance(one, click.Option) and "--help" in one.opts


def _metavar(one: click.Parameter) -> str:
    return one.make_metavar(click.Context(click.Command("x")))


def _option(command: str, one: click.Option) -> tuple[str, str]:
    names = ", ".join((*one.opts, *one.secondary_opts))
    value = "" if one.is_flag else f" {_metavar(one)}"
    text, default = option_help(command, one, TEXTS) or "", one.default
    tells = (
        not one.is_flag and default not in ("", None) and not re.search("default|without it", text.lower())
    )
    shown = f" Without it: {default}." if isinstance(default, int | float | str) and tells else ""
    limits = one.get_help_extra(click.Context(click.Command("x"))).get("range")
    many = " May be given several times." if one.multiple else ""
    needed = " Needed." if one.required else ""
    return f"`{names}{value}`", text + shown + (f" {limits}." if limits else "") + many + needed


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────
def settings() -> str:
    described = dict(_described(PACKAGE / "settings.py", "Settings"))
    rows = []
    for name, field in Settings.model_fields.items():
        default = "the user's data folder" if name == "home" else _default(field.default)
        rows.append(
            (f"`EHTOOLKIT_{name.upper()}`", _kind(field.annotation), default, described.get(name, ""))
        )
    return "\n".join(
        [
            "# Settings\n",
            MADE,
            "Environment variables; options of the command line are put over them. A secret is never a setting.",
            "From Python: `load_settings(home=…, environment=…)`, with the names in small letters and without",
            "`EHTOOLKIT_`. `EHTOOLKIT_HOME` moves everything that the toolkit keeps.\n",
            *_table(("variable", "kind", "default", "what it does"), rows),
            "",
            "Of the system, too: `HTTPS_PROXY`, `NO_PROXY` ([network](../CLI.md#environments-and-the-network)), and",
            "`LC_ALL`, `LC_MESSAGES`, `LANG` for the language where none was chosen.",
            "",
        ]
    )


def _described(path: Path, name: str) -> Iterator[tuple[str, str]]:
    """The fields of a class that have a string under them, and that string."""
    (body,) = (
        node.body
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == name
    )
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_string(below):
            yield field.target.id, _prose(str(below.value.value))  # type: ignore[attr-defined]


def _is_string(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _kind(annotation: object) -> str:
    text = str(getattr(annotation, "__name__", annotation) if isinstance(annotation, type) else annotation)
    text = re.sub(r"typing\.Optional\[(.*)\]", r"\1", text)
    text = re.sub(
        r"typing\.Literal\[(.*?)\]", lambda found: found[1].replace("'", "").replace(", ", " \\| "), text
    )
    text = text.replace("pathlib.", "").replace(" | None", "").replace("dict[str, tuple[str, ...]]", "JSON")
    names = {
        "Path": "path",
        "str": "text",
        "bool": "true \\| false",
        "int": "whole number",
        "float": "number",
    }
    return names.get(text, text)


def _default(value: object) -> str:
    if value is None or not isinstance(value, int | float | str):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# ── Python ───────────────────────────────────────────────────────────────────────────────────────────────
def python() -> str:
    """Every public name, the functions with their arguments, and each with its example."""
    parts = ["# Python\n", MADE, *_docstring(ehtoolkit)]
    names = set(dir(ehtoolkit)) - {"__version__", "errors"}
    for name in sorted(names, key=lambda name: (name.casefold(), name)):
        thing = getattr(ehtoolkit, name)
        parts.append(f"\n## {name}\n")
        if inspect.isfunction(thing):
            arguments = re.sub(r"'([^']+)'", r"\1", str(inspect.signature(thing)))
            parts.append(f"`{name}{_short(arguments)}`\n")
        parts += _docstring(thing)
    return "\n".join(parts)


def _short(arguments: str) -> str:
    """Without the values of tables that are defaults."""
    return re.sub(r"mappingproxy\(\{.*?\}\)", "…", arguments)


def _docstring(thing: Any) -> Iterator[str]:
    """As Markdown: paragraphs, and examples and what is indented as they stand."""
    for block in re.split(r"\n{2,}", inspect.cleandoc(thing.__doc__ or "")):
        if block.startswith(">>>"):
            yield f"```pycon\n{block}\n```\n"
        elif section := re.fullmatch(r"(\w[^\n]*)\n(    \w.*)", block, re.DOTALL):
            yield f"**{section[1]}** – {_prose(section[2])}\n"
        elif "\n    " in block or block.startswith(" "):
            yield f"```text\n{block}\n```\n"
        else:
            yield f"{_prose(block)}\n"


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────────
def columns() -> str:
    parts = [
        "# Columns of the audit\n",
        MADE,
        "`ehtoolkit audit --format csv --table NAME`, and in Python the frames of `ehtoolkit.audit()`",
        "([cookbook](../guide/consultants/cookbook.md)). Days are days in Belgium without a time and",
        "without a zone; a number or a text that is not known is missing (`pd.NA`), never 0 or an empty text.",
    ]
    for table, kinds in FRAMES.items():
        meanings = _attributes(ROWS[table])
        if kinds.keys() - meanings.keys():
            raise SystemExit(f"columns of {table} without words: {kinds.keys() - meanings.keys()}")
        rows = ((f"`{name}`", _dtype(kind), meanings[name]) for name, kind in kinds.items())
        parts += [f"\n## {table}\n", *_table(("column", "pandas type", "what it holds"), rows)]
    parts += [
        "\n## merged\n",
        "Provider by keystore: every provider with or without a keystore, and every keystore with or without a",
        "provider. The columns of both; `name` is the provider's, `holder_name` that of the certificate.",
        "",
    ]
    return "\n".join(parts)


def _attributes(row: type) -> Mapping[str, str]:
    """What the docstring of a row says of each column."""
    section = inspect.cleandoc(row.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.+(?:\n     +.+)*)$", section, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", words) for name, words in found}


def _dtype(kind: object) -> str:
    if isinstance(kind, pd.CategoricalDtype):
        return "ordered category: " + " < ".join(f"`{category}`" for category in kind.categories)
    return f"`{kind}`"


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────
def error_tree() -> str:
    rows = list(_errors(errors.EhToolkitError, 0))
    parts = [
        "# Errors\n",
        MADE,
        "Every error of ehtoolkit is an `ehtoolkit.errors.EhToolkitError`. `key` is stable: with `--json` it is",
        "`error`, and scripts may hang on it. The sentences are here in English; the other languages have the same",
        "keys (`ehtoolkit/locale/*/LC_MESSAGES/error.po`). Names in braces are facts of the error.",
        "\n## The tree\n",
        "```text",
        *(f"{'  ' * depth}{kind.__name__}  [{kind.key}]" for kind, depth in rows),
        "```",
        "\n## What they say\n",
    ]
    for kind, _ in rows:
        parts += [
            f"### {kind.key}\n",
            f"`errors.{kind.__name__}`, exit code {kind.exit_code}. {_prose(kind.__doc__ or '')}\n",
        ]
        parts += [*_table(("key", "what it says", "what to do"), _sentences("error", kind.key)), ""]
    return "\n".join(parts)


def _errors(
    kind: type[errors.EhToolkitError], depth: int
) -> Iterator[tuple[type[errors.EhToolkitError], int]]:
    yield kind, depth
    for below in kind.__subclasses__():
        yield from _errors(below, depth + 1)


def _sentences(domain: str, name: str) -> Iterator[tuple[str, str, str]]:
    """A key and its variants: what is said, and what to do; a variant without a step of its own has the general."""
    texts, general = _texts(domain), f"{domain}.{name}"
    for key in texts:
        if (key == general or key.startswith(f"{general}.")) and not key.endswith(".next"):
            step = texts.get(f"{key}.next", texts.get(f"{general}.next", ""))
            yield f"`{key.removeprefix(f'{domain}.')}`", texts[key], step


# ── findings ─────────────────────────────────────────────────────────────────────────────────────────────
def findings() -> str:
    parts = [
        "# Findings\n",
        MADE,
        "What a look at a keystore, a card, a computer, a provider or a whole folder can show. `key` is stable:",
        "scripts may hang on it. The sentences are here in English; the other languages have the same keys. Names in",
        "braces are filled in. A severity is one of "
        + ", ".join(f"`{severity}`" for severity in Severity)
        + "; two of them: it depends.",
    ]
    for domain, (title, shown) in CATALOGUES.items():
        rows = (
            (f"`{key.removeprefix(f'{domain}.')}`", severities, message, step)
            for key, severities, message, step in found_in(domain)
        )
        parts += [f"\n## {title}\n", f"Shown by {shown}.\n"]
        parts += _table(("key", "severity", "what it says", "what to do"), rows)
        if domain == "message":
            parts += [
                "\nWhat other software calls them:\n",
                *_table(("key", *SOFTWARE), _elsewhere(severities(domain))),
            ]
    parts += [
        "\n## What the errors of other programs mean\n",
        "Shown by `doctor --says TEXT` and by Check this computer. Nothing here depends on our own program.\n",
        *_table(("key", "recognised by", "cause", "what to do", "who helps"), map(_advice, ALL)),
        "",
    ]
    return "\n".join(parts)


def _elsewhere(keys: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for key in sorted(keys):
        layers = (
            ("outer", "inner", "envelope", "key_transport") if key == "algorithm_not_allowed" else ("outer",)
        )
        for layer in layers:
            names = names_elsewhere(Finding(key, Severity.ERROR, {"layer": layer}))
            if names:
                shown = (
                    ", ".join(f"`{name}`" for name in names.get(program, ())) or "–" for program in SOFTWARE
                )
                yield f"`{key}`", *shown


def found_in(domain: str) -> Iterator[tuple[str, str, str, str]]:
    """Key, severities, sentence and next step of every finding with sentences in a catalogue, by key."""
    texts, seen = _texts(domain), severities(domain)
    for key in sorted(texts):
        name, _, variant = key.removeprefix(f"{domain}.").partition(".")
        levels = seen.get(name)
        if levels and not key.endswith(".next") and (not variant or f"{key}.next" in texts):
            ordered = ", ".join(f"`{severity}`" for severity in Severity if severity in levels)
            yield key, ordered, texts[key], texts.get(f"{key}.next", "")


@cache
def severities(domain: str) -> dict[str, set[str]]:
    """The keys of a catalogue that the code makes findings of, and how bad it says they are: by the name of the
    function that is called with the key, or by the severity that stands beside it."""
    names = {key.split(".")[1] for key in _texts(domain)}
    found: dict[str, set[str]] = {}
    for path in sorted(source for folder in HOMES[domain] for source in _sources(PACKAGE / folder)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for scope in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)):
            for key, levels in _said_in(scope, names):
                found.setdefault(key, set()).update(levels)
    return found | BY_HAND.get(domain, {})


HOMES: Final = {
    "finding": (
        "keystore/diagnosis",
        "procedures/state/standing.py",
        "ehealth/revocation/checker.py",
        "auditing/file_scan.py",
    ),
    "standing": ("procedures",),
    "session": ("procedures/session.py",),
    "certificate_test": ("procedures/platform_findings.py", "procedures/checks/keystore_proof.py"),
    "card": ("card/verification", "procedures/checks/card_check.py"),
    "doctor": ("doctor",),
    "registry": ("providers/rules",),
    "audit": ("auditing",),
    "actors": ("procedures",),
    "message": ("ehealth/sealing",),
}
"""Where the findings of a catalogue are made."""
BY_HAND: Final[Mapping[str, dict[str, set[str]]]] = {
    "standing": {"depot_newer": {"error", "info"}, "depot_other": {"error", "info"}},
    "session": {
        f"no_session_{one}": {"error"}
        for one in ("certificate", "right", "clock", "platform", "software", "elliptic")
    },
    "certificate_test": {f"{one}_not_asked": {"warning"} for one in ("known", "depot", "session")},
    "doctor": {"known_other": {"warning"}, "known_prepared": {"warning"}, "known_waiting": {"warning"}},
    "audit": {
        "file_hangs": {"error"},
        "folder_loop": {"info"},
        "folder_missing": {"error"},
        "folder_unreadable": {"error"},
    },
    "actors": {
        "no_organisation": {"info"},
        "not_appointed": {"info"},
        "not_registered": {"info"},
        "other_number": {"info"},
    },
}
"""Those whose key or severity comes from another function, so that neither stands beside the other."""


def _sources(place: Path) -> Iterable[Path]:
    return [place] if place.is_file() else place.rglob("*.py")


def _said_in(scope: ast.FunctionDef | ast.Module, names: set[str]) -> Iterator[tuple[str, set[str]]]:
    """The keys in calls, tuples and tables of a function, with the severities beside them. A name stands for what the
    function gives it: ``say = warning if … else info``."""
    given = {
        node.targets[0].id: node.value
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            parts = [node.func, *node.args]
        elif isinstance(node, ast.Tuple):
            parts = list(node.elts)
        else:
            continue
        parts = [given.get(part.id, part) if isinstance(part, ast.Name) else part for part in parts]
        levels = {level for part in parts for level in _levels(part)}
        if levels:
            yield from ((key, levels) for part in parts for key in _keys(part, names))


def _keys(part: ast.expr, names: set[str]) -> Iterator[str]:
    if isinstance(part, ast.IfExp):
        yield from (*_keys(part.body, names), *_keys(part.orelse, names))
    elif isinstance(part, ast.Constant) and part.value in names:
        yield str(part.value)
    elif isinstance(part, ast.JoinedStr):
        start = "".join(str(value.value) for value in part.values[:1] if isinstance(value, ast.Constant))
        yield from sorted(name for name in names if start and name.startswith(start))


def _levels(part: ast.expr) -> Iterator[str]:
    if isinstance(part, ast.IfExp):
        yield from (*_levels(part.body), *_levels(part.orelse))
    elif isinstance(part, ast.Name) and part.id in [str(severity) for severity in Severity]:
        yield part.id
    elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
        if part.value.id == "Severity":
            yield str(Severity[part.attr])
        elif part.value.id.isupper() and part.attr in [
            str(severity) for severity in Severity
        ]:  # of a `FindingFactory`
            yield part.attr


def _advice(one: Any) -> tuple[str, str, str, str, str]:
    texts = _texts("advice")
    signs = [f"`{code}`" for code in one.codes] + [f"“{words}”" for words in (*one.words, *one.alone)]
    if one in SYMPTOMS:
        signs = [texts[f"advice.{one.key}.symptom"]]
    key = f"advice.{one.key}"
    return f"`{one.key}`", ", ".join(signs) or "–", texts[key], texts[f"{key}.next"], str(one.contact)


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────
@cache
def _texts(domain: str) -> dict[str, str]:
    """Key and English text of a catalogue, as the command line has it."""
    with (PACKAGE / "locale" / "en" / "LC_MESSAGES" / f"{domain}.po").open("rb") as source:
        read = read_po(source, locale="en")
        return {
            str(one.id): COMMAND.sub(r"\2", str(one.string))
            for one in read
            if one.id and not str(one.id).endswith(".page")
        }


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(_cell(one) for one in row)} |"


def _cell(text: str) -> str:
    """In a table a bar ends the cell, in code too; and an angle bracket would be a tag."""
    text = re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
    return text if "`" in text else text.replace("<", "&lt;")


def _prose(text: str) -> str:
    """A docstring as a paragraph."""
    return " ".join(text.replace("``", "`").split())


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, text in pages().items():
        (TARGET / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{TARGET / name}\n")
