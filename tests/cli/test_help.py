"""Help: in four languages, with the options that do something, and examples that can be typed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

import ehtoolkit.cli
from ehtoolkit.cli.app import app
from ehtoolkit.cli.help import examples_of, help_key, option_help
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from tests.support.catalogues import messages
from tests.support.commands import COMMANDS, SHARED, SHARED_OF, command_tree

UNEXPLAINED = {"host", "form", "profession", "speaks"}
"""Options whose help is their choices or their default."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_help_has_its_sentences(language: LanguageName) -> None:
    texts = Translator(language)
    for command, found in command_tree():
        assert texts.get(help_key(command))
        for option in found.params:
            if isinstance(option, click.Option) and option.name not in UNEXPLAINED:
                assert option_help(command, option, texts), (command, option.name)


def test_english_help_is_in_the_catalogue_alone() -> None:
    for command, found in command_tree():
        options = [option for option in found.params if isinstance(option, click.Option)]
        assert [option.name for option in options if option.help] == [], command


def test_no_catalogue_explains_what_is_not_there() -> None:
    tree = dict(command_tree())
    options = {
        max(option.opts, key=len).lstrip("-")
        for found in tree.values()
        for option in found.params
        if isinstance(option, click.Option)
    }
    for key in messages("help", "en"):
        _, kind, *_ = key.split(".")
        if kind in {"section", "word"} or key in {"help.ehtoolkit", "help.option.help"}:
            continue
        words, _, option = key.removeprefix("help.").partition("option.")
        command = words.strip(".").replace(".", " ")
        assert command in tree, key
        if option and command:
            own = {max(param.opts, key=len).lstrip("-") for param in tree[command].params}
            assert option in own, key
        elif option:
            assert option in options, key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Usage:", "Card and passwords:", "Examples:")),
        ("fr", ("Utilisation\u00a0:", "Carte et mots de passe\u00a0:", "Exemples\u00a0:")),
        ("nl", ("Gebruik:", "Kaart en wachtwoorden:", "Voorbeelden:")),
        ("de", ("Aufruf:", "Karte und Passwörter:", "Beispiele:")),
    ],
)
def test_the_language_is_the_one_asked_for(
    language: str,
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(["audit", "--help", "--lang", language]) == 0
    by_option = capsys.readouterr().out
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", language)
    assert run(["audit", "--help"]) == 0
    assert capsys.readouterr().out == by_option
    assert [word for word in words if word not in by_option] == []
    assert run(["--lang", language, "--help"]) == 0
    assert words[0] in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_does_nothing_is_not_shown(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    run([*command.split(), "--help"])
    shown = set(re.findall(r"--[a-z-]+", capsys.readouterr().out.partition("Examples:")[0]))
    assert not shown & unused(command) - {"--environment", "--passwords", "--password-file"}, (
        "but in sentences"
    )


def unused(command: str) -> set[str]:
    """Return the shared options that ``command`` does not have."""
    own = {option.name for option in SHARED_OF[command]}
    return {option.opts[0] for option in SHARED if option.name not in own}


@pytest.mark.parametrize(
    ("command", "language"),
    [
        pytest.param(command, language, marks=[] if number % 4 == of_language else pytest.mark.long)
        for number, command in enumerate(COMMANDS)
        for of_language, language in enumerate(LANGUAGES)
    ],
)
def test_unused_option_is_refused(
    command: str, language: LanguageName, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in unused(command):
        assert run([*command.split(), option, "x", "--lang", language]) == 2
        shown = capsys.readouterr()
        sentence = Translator(language).get("cli.usage.unused", command=f"ehtoolkit {command}", name=option)
        assert shown.err.splitlines()[-1] == sentence
        assert shown.out == ""


def test_unused_option_is_refused_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["training", "clock", "--json", "--environment", "production"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"] == "usage"
    assert "ehtoolkit training clock" in answer["message"]
    assert "--environment" in answer["message"]


@pytest.mark.parametrize("command", ["audit", "watch add"])
def test_an_audit_accepts_any_environment_by_default(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command.split(), "--help", "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Default: any environment." in said
    assert "Default: training." not in said


@pytest.mark.parametrize("command", ["show", "diagnose"])
def test_option_that_chooses_the_folder_is_shown(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keystore", command, "--help", "--lang", "en"]) == 0
    assert "--environment" in capsys.readouterr().out.partition("Examples:")[0]


@pytest.mark.parametrize("command", [command for command, _ in command_tree()])
def test_every_help_has_an_example_that_parses(command: str) -> None:
    lines = examples_of(command)
    assert lines, command
    for line in lines:
        words = shlex.split(line.removeprefix('eval "$(').removesuffix(')"').partition(" >> ")[0])
        assert words[0] == "ehtoolkit"
        ctx = click.Context(app, info_name="ehtoolkit")
        found: click.Command = app
        rest = words[1:]
        while isinstance(found, click.Group):
            _, inner, rest = found.resolve_command(ctx, rest)
            assert inner is not None
            found = inner
        given = [word if "*" not in word else "a.p12" for word in rest]
        assert found.make_context("x", given, parent=ctx)


def test_typos_are_answered_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, meant in (
        (["keystore", "diagnos"], "diagnose"),
        (["audti"], "audit"),
        (["audit", ".", "--du-within", "3"], "--due-within"),
    ):
        assert run([*arguments, *(["--lang", "fr"] if len(arguments) > 2 else [])]) == 2
        shown = capsys.readouterr()
        assert meant in shown.err.splitlines()[-1]
        assert shown.out == ""


def test_usage_errors_are_in_the_users_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "nl")
    for arguments, sentence in (
        (["shw"], "De opdracht 'shw' bestaat niet."),
        (["audit"], "Dit argument ontbreekt: 'FOLDER...'."),
        (["audit", ".", "--processes", "0"], "'--processes': 0 ligt niet in het bereik 1<=x<=64."),
        (["audit", ".", "--format", "pdf"], "'--format': 'pdf' is geen van deze waarden:"),
        (["audit", ".", "--due-within", "3mo"], "‘3mo’ is geen aantal dagen."),
        (["card", "show", "more"], "Dit argument is te veel (more)."),
        (["audit", ".", "-o"], "De optie '-o' vraagt een waarde."),
    ):
        assert run(arguments) == 2
        assert sentence in capsys.readouterr().err, arguments


def test_no_command_complains_in_english_alone() -> None:
    """What a command finds wrong has its sentence in the catalogues."""
    folder = Path(ehtoolkit.cli.__file__).parent
    makers = re.compile(r"click\.(UsageError|BadParameter)\(|self\.fail\(")
    found = [path.name for path in folder.rglob("*.py") if makers.search(path.read_text("utf-8"))]
    assert [name for name in found if name != "command.py"] == []


def test_help_draws_nothing() -> None:
    """What draws is loaded where something is drawn alone."""
    program = (
        "import sys; from ehtoolkit.cli.run import run; run(['--help']); run(['audit', '--help']); "
        "run(['keystore', 'show']); assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    light = (
        "import sys; from ehtoolkit.cli.run import run; run(['--help']); assert 'pydantic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True)


# ── Completion ───────────────────────────────────────────────────────────────────────────────────────────
def complete(shell: str, words: str, position: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ehtoolkit"],
        env={
            **os.environ,
            "_EHTOOLKIT_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": position,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"{shell}_complete" in script
    assert "ehtoolkit" in script


def test_powershell_is_answered() -> None:
    assert [line.split("\t")[0] for line in complete("powershell", "ehtoolkit keystore di", "di")] == [
        "diagnose"
    ]
    shown = [line.split("\t")[0] for line in complete("powershell", 'ehtoolkit audit "a b" --', "--")]
    assert "--due-within" in shown
    assert "--passwords" in shown
    assert "--pin-file" not in shown, "an audit asks for no PIN"


def prepared(shell: str, folder: Path) -> tuple[Path, dict[str, str]]:
    """The script for ``shell``, and an environment in which the program is found by its name."""
    if shutil.which(shell) is None:  # `dev.py test` installs them
        pytest.skip(f"{shell} is not installed")
    program = folder / "ehtoolkit"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ehtoolkit "$@"\n')
    program.chmod(0o755)
    done = subprocess.run([program, "completion", shell], capture_output=True, text=True, check=True)
    (folder / "script").write_text(done.stdout)
    return folder / "script", {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TERM": "xterm"}


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_shell_runs_it(shell: str, tmp_path: Path) -> None:
    script, environment = prepared(shell, tmp_path)
    asks = {
        "bash": f'source "{script}"; COMP_WORDS=(ehtoolkit keystore di); COMP_CWORD=2; '
        '_ehtoolkit_completion ehtoolkit di keystore; printf "%s\\n" "${COMPREPLY[@]}"',
        "fish": f'source "{script}"; complete --do-complete "ehtoolkit keystore di"',
    }
    done = subprocess.run(
        [shell, "-c", asks[shell]], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == "diagnose", done.stderr


def test_the_tab_key_completes_in_zsh(tmp_path: Path) -> None:
    """Its completion runs in its line editor alone: so it is typed there, and Tab is pressed."""
    script, environment = prepared("zsh", tmp_path)
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-f", "-i"], env=environment, stdin=end, stdout=end, stderr=end, start_new_session=True
    )
    os.close(end)
    try:
        prepare = f'PS1=; autoload -Uz compinit; compinit -u -d "{tmp_path}/dump"; source "{script}"; '
        os.write(terminal, (prepare + "print -r re''ady\n").encode())
        shown = until(terminal, "ready")
        os.write(terminal, b"ehtoolkit keystore diag\t")
        shown += until(terminal, "nose")
        os.write(terminal, b"\x15ehtoolkit audit --due-w\t")  # the line before is taken away
        shown += until(terminal, "ithin")
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    assert "command not found" not in shown


def until(terminal: int, word: str) -> str:
    """What a terminal shows until ``word`` is there."""
    shown, end = "", time.monotonic() + 60
    while word not in shown:
        ready, _, _ = select.select([terminal], [], [], max(end - time.monotonic(), 0))
        assert ready, f"no {word!r} in {shown!r}"
        shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return shown
