"""All commands, with the arguments that each needs."""

from __future__ import annotations

import click

from ehtoolkit.cli.app import app

LEAVES = [
    ["demo"],
    ["serve"],
    ["audit"],
    *(["watch", name] for name in ("add", "list", "run", "test", "remove", "install")),
    ["card", "show"],
    ["card", "list"],
    ["certificate", "request"],
    ["certificate", "request-foreigner"],
    ["certificate", "actors"],
    ["certificate", "list"],
    ["certificate", "complete"],
    ["certificate", "renew"],
    ["certificate", "activate"],
    ["certificate", "revoke"],
    ["certificate", "status"],
    ["certificate", "session"],
    ["certificate", "test"],
    ["completion"],
    ["doctor"],
    ["etk", "show"],
    ["keystore", "show"],
    ["keystore", "diagnose"],
    ["keystore", "passwd"],
    ["keystore", "convert"],
    ["keystore", "rescue"],
    ["keystore", "merge"],
    ["keystore", "export"],
    ["keystore", "archive"],
    ["keystore", "rename"],
    ["lab"],
    ["message", "seal"],
    ["message", "open"],
    *(
        ["provider", name]
        for name in ("add", "change", "list", "show", "remove", "assign", "import", "export")
    ),
    *(["provider", "period", name] for name in ("add", "change", "remove")),
    ["training", "serve"],
    ["training", "clock"],
    ["training", "mail"],
    ["training", "messages"],
    ["training", "discard-keys"],
    ["training", "return-keys"],
    ["training", "people"],
    ["training", "scenario"],
    ["training", "mandate"],
    ["training", "card"],
    ["training", "certificates"],
    ["training", "reset"],
    ["training", "sample"],
    ["training", "trust"],
    ["training", "validate"],
]
SHARED_OPTIONS = [
    "--environment",
    "--card",
    "--json",
    "--lang",
    "--accept-terms",
    "--pin-file",
    "--password-file",
    "--new-password-file",
    "--passwords",
    "--trace",
    "--keystore-folder",
    "--yes-production",
    "--quiet",
    "--verbose",
]

CONTACT = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
BIS = f"855102307{97 - 855102307 % 97:02}"
ASKS = {
    "serve": ("--no-browser",),
    "lab": ("--no-browser",),
    "doctor": (),
    "card list": (),
    "card show": (),
    "certificate request": (*CONTACT, "--accept-terms"),
    "certificate request-foreigner": (
        *("--niss", BIS, "--first-name", "Ann", "--name", "Doe"),
        *(*CONTACT, "--accept-terms"),
    ),
    "certificate actors": (),
    "certificate list": (),
    "certificate complete": ("a.p12",),
    "certificate renew": ("a.p12",),
    "certificate activate": ("a.p12",),
    "certificate revoke": ("--key-id", "AB" * 20, "--reason", "superseded"),
    "certificate status": ("a.p12",),
    "certificate session": ("a.p12",),
    "certificate test": ("a.p12",),
    "message seal": ("a", "-o", "b", "--keystore", "a.p12", "--to", "SSIN=79031421872"),
    "etk show": ("SSIN=79031421872",),
    "keystore passwd": ("a.p12",),
    "keystore convert": ("a.p12", "-o", "b.p12"),
    "keystore rescue": ("a.p12", "-o", "b.p12"),
    "keystore merge": ("a.p12", "--from", "b.p12"),
    "keystore archive": (".",),
    "keystore rename": ("a.p12",),
}
"""What reaches the platform or writes keystores, with enough to get to work."""


def assert_command(words: list[str]) -> None:
    """A command with its options, as click has it; ``words`` without ``ehtoolkit``."""
    command: click.Command = app
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    options = {name for one in command.params for name in one.opts}
    assert {word for word in words if word.startswith("--")} <= options
