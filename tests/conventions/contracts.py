"""What scripts and files of users rely on. ``python -m tests.conventions.contracts`` writes tests/data/contracts.json.

A difference is a change for users: it needs a line in CHANGELOG.md, and this program refuses to write without one.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.cli.app import app
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.run import run
from ehtoolkit.settings import Settings
from tests.support.catalogues import catalogues
from tests.support.old_home import ELISE, copy_home

JSON_COMMANDS = (
    ("audit", "{keystores}", "--password-file", "{password}"),
    ("card", "show", "--card", "training:elise"),
    ("certificate", "actors", "--card", "training:ines", "--pin-file", "{pin}"),
    ("certificate", "list", "--card", "training:elise", "--pin-file", "{pin}"),
    ("certificate", "status", "{keystore}", "--password-file", "{password}"),
    ("certificate", "test", "{keystore}", "--password-file", "{password}", "--offline"),
    ("etk", "show", "SSIN=79031421872"),
    ("keystore", "diagnose", "{keystore}", "--password-file", "{password}"),
    ("keystore", "show", "{keystore}", "--password-file", "{password}"),
    ("provider", "list"),
    ("provider", "show", "Vandamme"),
    ("training", "clock"),
    ("watch", "list"),
)
"""Commands whose output scripts read; they run in the home of tests/data/home-first."""
ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = ROOT / "tests" / "data" / "contracts.json"
CHANGELOG = ROOT / "CHANGELOG.md"


def contracts(home: Path) -> dict[str, Any]:
    """Return the shape of what commands print in ``home``, and all keys and names that are stable."""
    return {
        "json": {" ".join(command): _printed(command, home) for command in JSON_COMMANDS},
        "errors": dict(sorted(_errors(errors.EhToolkitError))),
        "findings": dict(sorted(_findings())),
        "commands": dict(sorted(_commands(app, "ehtoolkit"))),
        "settings": {name: str(field.default) for name, field in sorted(Settings.model_fields.items())},
        "columns": {table: list(row.columns()) for table, row in ROWS.items() if table != "merged"},
        "exit codes": {code.name: code.value for code in ExitCode},
    }


def shape(value: Any) -> Any:
    """Return the shape of a JSON value: the types of its leaves, and of a list the shapes that occur in it."""
    if isinstance(value, dict):
        return {name: shape(content) for name, content in sorted(value.items())}
    if isinstance(value, list):
        shapes = {json.dumps(shape(content), sort_keys=True) for content in value}
        return [json.loads(text) for text in sorted(shapes)]
    return type(value).__name__


def _printed(command: Sequence[str], home: Path) -> Any:
    keystores = home / "training" / "keystore"
    places = {
        "keystores": keystores,
        "keystore": keystores / ELISE,
        "password": home / "password.txt",
        "pin": home / "pin.txt",
    }
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        run([*(word.format(**places) for word in command), "--json"])
    return shape(json.loads(output.getvalue()))


def _errors(kind: type[errors.EhToolkitError]) -> Iterator[tuple[str, Any]]:
    doc = " ".join((inspect.getdoc(kind) or "").split())
    facts = re.search(r"\(facts: (.*)\)", doc)
    yield kind.key, {"class": kind.__name__, "facts": facts[1] if facts else ""}
    for further in kind.__subclasses__():
        yield from _errors(further)


def _findings() -> Iterator[tuple[str, list[str]]]:
    """Yield each message that has a next step, with the names of its facts."""
    for file, catalogue in catalogues("en").items():
        messages = {str(message.id): str(message.string) for message in catalogue if message.id}
        for key, text in messages.items():
            if f"{key}.next" in messages and file.stem != "error":
                yield key, sorted(set(re.findall(r"{(\w+)", text)))


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from _commands(below, f"{path} {name}")
        return
    yield path, dict(sorted(_parameter(parameter) for parameter in command.params))


def _parameter(parameter: click.Parameter) -> tuple[str, dict[str, Any]]:
    facts: dict[str, Any] = {
        "required": parameter.required,
        "several": parameter.multiple or parameter.nargs == -1,
    }
    if isinstance(parameter.type, click.Choice):
        facts["choices"] = list(parameter.type.choices)
    return "/".join((*parameter.opts, *parameter.secondary_opts)), facts


def _digest() -> str:
    return hashlib.sha256(CHANGELOG.read_bytes()).hexdigest()


def main() -> None:
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        home = copy_home(Path(folder) / "home")
        os.environ.update(EHTOOLKIT_HOME=str(home), EHTOOLKIT_ENVIRONMENT="training", EHTOOLKIT_LANGUAGE="en")
        now = json.loads(json.dumps(contracts(home)))
    if kept.get("contracts") == now:
        return
    if kept.get("changelog") == _digest():
        sys.exit("The contracts differ: add a line to CHANGELOG.md first.")
    text = json.dumps({"changelog": _digest(), "contracts": now}, indent=1, ensure_ascii=False)
    SNAPSHOT.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
