"""What commands print: whole in every code page, and with nothing that a terminal obeys."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from voila.app import Voila

from ehtoolkit.cli.run import run
from ehtoolkit.cli.terminal import command_line, expand_patterns
from ehtoolkit.settings import load_settings
from ehtoolkit.training.http.server import TrainingServer
from tests.cli.hostile_names import EVIL, keystore
from tests.cli.windows import pretend_windows
from tests.support.commands import ASKS, COMMANDS
from tests.support.unseen_text import offends

__all__ = ["keystore"]

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("cp1252", "cp850", "latin-1", "ascii")
STAYS = {"demo", "serve", "training serve"}
"""They serve until somebody ends them; `test_what_a_command_prints_that_serves` is theirs."""

OF_THE_SYSTEM = {"doctor", "watch install"}
"""They say what the system is, or write for it."""

Printed = tuple[int, str, str]
Run = Callable[..., Printed]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Exit code, output and errors of a command whose output goes into files of a code page."""

    def printed(*arguments: object, page: str = "utf-8") -> Printed:
        for made in ("b.p12", "out.pem"):  # by the run before
            (tmp_path / made).unlink(missing_ok=True)
        files = [io.TextIOWrapper(io.BytesIO(), encoding=page, write_through=True) for _ in range(2)]
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", files[0])
            patched.setattr(sys, "stderr", files[1])
            patched.setattr(sys, "stdin", io.StringIO())
            code = run([*map(str, arguments)])
        out, err = (file.buffer.getvalue().decode("utf-8") for file in files)
        return code, out, err

    return printed


def arguments_of(command: str, keystore: Path) -> list[str]:
    """Enough to get to work, with a hostile name wherever a file is named."""
    file = str(keystore)
    more = {
        "audit": (str(keystore.parent),),
        "completion": ("zsh",),
        "keystore show": (file,),
        "lab": ("--folder", file),  # where a file lies no notebook is copied to, and no server begins
        "keystore diagnose": (file,),
        "keystore export": (file, "-o", str(keystore.parent / "out.pem"), "--certificate"),
        "training trust": (file,),
    }
    given = more.get(command, ASKS.get(command, ()))
    return [*command.split(), *(file if argument == "a.p12" else argument for argument in given)]


def shapes(printed: Printed) -> tuple[int, list[str]]:
    """What a command has printed but for numbers, names and keys that it has made: whole in every code page."""
    return printed[0], [re.sub(r"[\dA-Fa-f]{4,}|\d", "#", text) for text in printed[1:]]


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in STAYS])
def test_every_command_in_every_code_page(
    command: str, keystore: Path, printed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "fr")
    password = tmp_path / "password"
    password.write_text("Kine-2026\n")
    arguments = [*arguments_of(command, keystore), "--password-file", str(password)]
    for _ in range(2):  # what a command has made is there the second time
        expected = printed(*arguments)
        assert expected[1] + expected[2], "nothing was printed"
        for text in expected[1:]:
            assert not offends(text.replace("\r\n", "\n")) - {"\n", "\t"}
    for page in PAGES:
        assert shapes(printed(*arguments, page=page)) == shapes(expected)
    patterns = [
        str(keystore.with_name("a*.p12")) if argument == str(keystore) else argument for argument in arguments
    ]
    with monkeypatch.context() as patched:
        pretend_windows(patched)
        windows = printed(*patterns, page="cp850")
    assert windows[0] == expected[0]
    if command not in OF_THE_SYSTEM:
        assert shapes(windows) == shapes(expected)
    code, out, _ = printed(*arguments, "--json", page="cp1252")
    assert code == expected[0]
    if out.strip():
        assert not offends(out) - {"\n"}
        json.loads(out)


def announce(server: Any) -> None:
    server.ready()
    server.listener.close()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Servers that end once they have told their address, with hostile names wherever they are told a place."""
    before = dict(os.environ)
    monkeypatch.setattr(Voila, "initialize", lambda *_: None)
    monkeypatch.setattr(Voila, "start", announce)
    monkeypatch.setattr(TrainingServer, "wait", lambda _: None)
    for name in ("EHTOOLKIT_HOME", "EHTOOLKIT_TRACE"):
        folder = tmp_path / f"{name}{EVIL}"
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    yield
    for name in os.environ.keys() - before.keys():  # what they hand on to the processes of their pages
        del os.environ[name]
    os.environ.update(before)


@pytest.mark.parametrize("command", sorted(STAYS))
def test_what_a_command_prints_that_serves(
    command: str, printed: Run, begun: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "fr")
    leaf = command.split()
    arguments = [*leaf, "--port", "0", *([] if leaf[0] == "training" else ["--no-browser"])]
    for page in ("utf-8", *PAGES):
        code, out, err = printed(*arguments, page=page)
        assert (code, len(re.findall(r"http://127\.0\.0\.1:\d+", out))) == (0, 1)
        for text in (out, err):
            assert not offends(text.replace("\r\n", "\n")) - {"\n", "\t"}
    assert ("owned" in err) is (leaf[0] == "training"), (
        "the folder of the trace is told, where one is written"
    )
    code, out, _ = printed(*arguments, "--json")
    (address,) = json.loads(out).items()
    assert (code, address[0]) == (0, "url")
    assert re.match(r"http://127\.0\.0\.1:\d+", address[1])


def test_the_lab_tells_its_address_as_json(
    printed: Run, begun: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from jupyter_server.serverapp import ServerApp

    loop = SimpleNamespace(add_callback=lambda callback, url: callback(url))
    app = SimpleNamespace(settings={"page_config_data": {}})
    server = SimpleNamespace(io_loop=loop, web_app=app, initialize=lambda **_: None, start=lambda: None)
    monkeypatch.setattr(ServerApp, "instance", lambda **_: server)
    code, out, _ = printed("lab", "--folder", tmp_path / "notebooks", "--no-browser", "--json")
    assert (code, list(json.loads(out))) == (0, ["url"])


def test_the_demo_is_embedded_although_a_server_is_set(
    printed: Run, begun: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "https://stand-in.example")
    assert printed("demo", "--port", "0", "--no-browser")[0] == 0
    settings = load_settings()  # as the kernels of its pages have them
    assert (settings.environment, settings.platform_url) == ("training", None)


def test_the_demo_leaves_the_keystores_of_a_practice_alone(
    printed: Run, begun: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those of its invented people land among them only where that is asked for."""
    monkeypatch.setenv("EHTOOLKIT_KEYSTORE_FOLDER", str(tmp_path / "real"))
    assert printed("demo", "--port", "0", "--no-browser")[0] == 0
    settings = load_settings()
    assert settings.keystores == settings.training_folder / "keystore"
    chosen = tmp_path / "chosen"
    assert printed("demo", "--port", "0", "--no-browser", "--keystore-folder", chosen)[0] == 0
    assert load_settings().keystores == chosen


def test_a_look_at_a_file_is_whole_in_every_code_page(keystore: Path, printed: Run, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("Kine-2026\n")
    for command in (("keystore", "diagnose", keystore), ("audit", tmp_path)):
        expected = printed(*command, "--password-file", password)
        assert "→" in expected[1]
        for page in PAGES:
            assert printed(*command, "--password-file", password, page=page) == expected


def test_the_shell_with_output_redirected(keystore: Path, tmp_path: Path) -> None:
    """The same by a process of its own, in a code page that has no arrow, and in the C locale."""
    for environment in ({"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        done = subprocess.run(
            [sys.executable, "-m", "ehtoolkit", "keystore", "diagnose", str(keystore)],
            capture_output=True,
            check=False,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "EHTOOLKIT_HOME": str(tmp_path / "home"), **environment},
        )
        assert "→" in done.stdout.decode("utf-8")
        assert done.stderr == b""


def test_what_a_terminal_lacks_becomes_a_question_mark(
    keystore: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    file = io.TextIOWrapper(Terminal(), encoding="cp850", write_through=True)
    monkeypatch.setattr(sys, "stdout", file)
    code = run(["keystore", "diagnose", str(keystore)])
    assert code == 0
    assert "? " in file.buffer.getvalue().decode("cp850")


def test_patterns_are_expanded_where_the_shell_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.p12", "a.p12", "c.txt"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    typed = ["keystore", "diagnose", "*.p12", "--password-file", "none-*.txt"]
    assert expand_patterns(typed, windows=True) == [
        *("keystore", "diagnose", "a.p12", "b.p12"),
        *("--password-file", "none-*.txt"),
    ]
    assert expand_patterns(typed, windows=False) == typed
    (tmp_path / "[x].p12").write_bytes(b"")
    assert expand_patterns(["[x].p12"], windows=True) == ["[x].p12"], "a name that is there is no pattern"


@pytest.mark.parametrize(
    "command",
    [("provider", "export"), ("audit", ".", "--format", "csv")],
    ids=" ".join,
)
def test_ends_of_lines_of_a_file_are_printed_as_they_are(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Standard output of Windows makes two characters of each, and would make three of those of CSV."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\r\n", write_through=True)
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", file)
        run(list(command))
    written = file.buffer.getvalue()
    assert b"\r\n" in written
    assert b"\r\r" not in written


def test_a_command_to_type_is_quoted_as_the_shell_wants_it() -> None:
    path = r"C:\Users\elise\SSIN=79031421872 20261124-101204.p12"
    words = ["ehtoolkit", "certificate", "request", "--resume", path]
    assert command_line(words, windows=True) == f'ehtoolkit certificate request --resume "{path}"'
    assert shlex.split(command_line(words, windows=False)) == words
    assert command_line(["--resume", r"C:\ks\a.p12"], windows=True) == r"--resume C:\ks\a.p12"


def test_there_is_one_way_out() -> None:
    """Nothing is printed past the border."""
    for path in (ROOT / "ehtoolkit" / "cli").rglob("*.py"):
        if path.name == "terminal.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"click.echo", "click.secho", "print", "sys.stdout.write"}, path
