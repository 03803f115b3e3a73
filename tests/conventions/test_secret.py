"""No module lets a secret out of its type on a way that ends in a log, an exception, a repr or a page."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret

PACKAGE = Path(__file__).parents[2] / "ehtoolkit"
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}

# Where the value of a secret is taken out: the card, the derivation of keys, the rules of passwords, a proxy, and the
# processes of the audit; the mail server and the webhook of a watch; the assertion of a session that is renewed, or
# kept in a file on demand. Whoever adds a module here has looked at where its value goes.
REVEALS = {
    "auditing/scan/cache.py",
    "auditing/scan/batches.py",
    "auditing/scan/scan_team.py",
    "card/port.py",
    "training/card/software.py",
    "cli/certificate/sts_session.py",
    "cli/training/platform.py",
    "ehealth/wire/proxies.py",
    "keystore/codec/derivation.py",
    "keystore/diagnosis/protection_rules.py",
    "keystore/repair/java_store.py",
    "keystore/repair/pem.py",
    "keystore/guessable_passwords.py",
    "keystore/passwords.py",
    "watch/sending.py",
}
# Text that has to hold the value: what is hashed for the audit's cache, and the header that goes to a webhook.
LOOKED_AT = {"auditing/scan/cache.py", "watch/sending.py"}

WORDS = re.compile(r"(^|_)(pin|puk|password|passphrase|secret|secrets)$")
NAMED = re.compile(r"pin|puk|password|passphrase|secret|reveal|Password")
"""Without any of these words in its text, a module has nothing to let out."""
LOGS = frozenset(
    {"debug", "info", "warning", "error", "exception", "critical", "log", "warn", "print", "echo"}
)


def offences(source: str) -> list[str]:
    """What is wrong with a module, with the line."""
    if not NAMED.search(source):
        return []
    tree = ast.parse(source)
    found = [*_password_widgets(tree), *_shown_fields(tree), *_traits(tree)]
    library = any(isinstance(node, ast.Import) and node.names[0].name == "secrets" for node in ast.walk(tree))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [
                value for value in _shown_values(function) if not (library and ": secrets in " in value)
            ]
    return sorted(set(found))


def _password_widgets(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("ipywidgets")
            and any(alias.name == "Password" for alias in node.names)
        ):
            yield f"{node.lineno}: ipywidgets.Password keeps what is typed in a trait"
        if isinstance(node, ast.Attribute) and node.attr == "Password":
            yield f"{node.lineno}: ipywidgets.Password keeps what is typed in a trait"


def _shown_fields(tree: ast.AST) -> Iterator[str]:
    """Fields of classes that hold a secret as it is, and show it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for field in node.body:
            if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
                continue
            if not WORDS.search(field.target.id):
                continue
            types = {part.id for part in ast.walk(field.annotation) if isinstance(part, ast.Name)}
            plain = types & {"str", "bytes"} and "Secret" not in types
            hidden = field.value is not None and "repr=False" in ast.unparse(field.value)
            constant = "Final" in ast.unparse(field.annotation)
            if plain and not hidden and not constant:
                yield f"{field.lineno}: the repr of {node.name} shows {field.target.id}"


def _traits(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = ast.unparse(target)
            if not WORDS.search(name):
                continue
            value = ast.unparse(node.value)
            if "sync=True" in value and "Bool(" not in value:
                yield f"{node.lineno}: {name} is a trait that goes to the page"


def _shown_values(function: ast.AST) -> Iterator[str]:
    """What was revealed, or is called so, in a log, an exception or a text."""
    revealed = {
        part.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _reveals(node.value)
        for target in node.targets
        for part in ast.walk(target)
        if isinstance(part, ast.Name)
    }
    for node in ast.walk(function):
        for shown, how in _shown(node):
            for part in ast.walk(shown):
                name = (
                    part.id
                    if isinstance(part, ast.Name)
                    else part.attr
                    if isinstance(part, ast.Attribute)
                    else ""
                )
                if (
                    name in revealed
                    or _is_reveal(part)
                    or (WORDS.search(name) and not _asks_about(shown, part))
                ):
                    yield f"{getattr(node, 'lineno', 0)}: {ast.unparse(part)} in {how}"


def _shown(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from ((argument, "an exception") for argument in node.exc.args)
        yield from ((keyword.value, "an exception") for keyword in node.exc.keywords)
    elif isinstance(node, ast.FormattedValue):
        yield node.value, "a text"
    elif (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant | ast.JoinedStr)
    ):
        yield node.right, "a text"
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name in LOGS or name in ("repr", "format"):
            what = "a text" if name in ("repr", "format") else "a log"
            yield from ((argument, what) for argument in node.args)
            yield from ((keyword.value, what) for keyword in node.keywords)


def _asks_about(shown: ast.expr, secret: ast.AST) -> bool:
    """Whether only the name of something, its length or a comparison is shown."""
    for node in ast.walk(shown):
        asking = node.test if isinstance(node, ast.IfExp) else node
        asks = isinstance(node, ast.Compare | ast.IfExp) or (
            isinstance(node, ast.Call) and ast.unparse(node.func) in ("len", "bool", "type")
        )
        if asks and any(inner is secret for inner in ast.walk(asking)):
            return True
    return False


def _is_reveal(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal"


def _reveals(node: ast.AST) -> bool:
    return any(_is_reveal(part) for part in ast.walk(node))


def test_no_module_lets_a_secret_out() -> None:
    found = {name: offences(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

    assert len(found) > 400
    assert {name: wrong for name, wrong in found.items() if wrong and name not in LOOKED_AT} == {}


def test_secrets_are_revealed_where_it_was_looked_at() -> None:
    texts = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items() if name != "secret.py"}
    found = {name for name, text in texts.items() if "reveal" in text and _reveals(ast.parse(text))}

    assert found == REVEALS


@pytest.mark.parametrize(
    "bad",
    [
        "from ipywidgets import Password",
        "import ipywidgets\nfield = ipywidgets.Password()",
        "class A:\n    password: str",
        "class A:\n    new_pin: bytes | None = None",
        "class A:\n    password = Unicode().tag(sync=True)",
        "class A:\n    user_secret: str = Unicode('').tag(sync=True)",
        "def f(pin):\n    _log.debug('typed %s', pin)",
        "def f(pin):\n    print(pin)",
        "def f(a):\n    raise ValueError(a.reveal())",
        "def f(a):\n    raise errors.Wrong(path='x', detail=a.password)",
        "def f(a):\n    b = a.reveal()\n    raise ValueError(b)",
        "def f(a):\n    b = a.reveal().encode()\n    _log.info('x', extra={'b': b})",
        "def f(a):\n    b = a.reveal()\n    return f'{b}'",
        "def f(password):\n    return f'{password!r}'",
        "def f(password):\n    return '%s' % password",
        "def f(password):\n    return 'it is {}'.format(password)",
        "def f(a):\n    return repr(a.reveal())",
    ],
)
def test_each_way_out_is_seen(bad: str) -> None:
    assert offences(bad)


@pytest.mark.parametrize(
    "good",
    [
        "def f(pin):\n    card.verify(pin)",
        "def f(password):\n    raise errors.PasswordNotAllowed(reason='empty')",
        "def f(password):\n    _log.debug('%d letters', len(password))",
        "class A:\n    password: Secret",
        "class A:\n    secrets: Mapping[str, Secret]",
        "def f(a):\n    return f\"{'new' if a.other_password else 'same'}\"",
        "import secrets\ndef f():\n    return f'{secrets.token_hex(4)}'",
        "class A:\n    password: str = field(repr=False)",
        "class A:\n    pin = Bool(False).tag(sync=True)",
        "def f(a):\n    b = a.reveal()\n    return derive(b)",
    ],
)
def test_what_has_to_be_done_with_a_secret_may_be_done(good: str) -> None:
    assert offences(good) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        *(("Kine-2026", "Kine-2026"), (" Kiné-2026 ", " Kiné-2026 "), (" Kiné-2026 \n", " Kiné-2026 ")),
        *(("Kine-2026\r\n", "Kine-2026"), ("\n\n", "\n"), ("", "")),
    ],
)
def test_a_file_of_a_secret_is_read_as_editors_and_shells_write_it(
    tmp_path: Path, encoding: str, text: str, secret: str
) -> None:
    """An editor adds one end of a line; `>` of Windows PowerShell writes UTF-16."""
    path = tmp_path / "password.txt"
    path.write_bytes(text.encode(encoding))
    assert Secret.from_file(path) == Secret(secret)


@pytest.mark.parametrize("data", [b"Kin\xe9-2026", b"\xff\xfeK"])
def test_a_file_of_other_octets_is_no_secret(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "password.txt"
    path.write_bytes(data)
    with pytest.raises(errors.FileUnreadable) as caught:
        Secret.from_file(path)
    assert caught.value.reason == "encoding"
    assert "UTF-8" in Translator("en").error(caught.value)
    with pytest.raises(errors.FileUnreadable) as caught:
        Secret.from_file(f"{path}\0")
    assert caught.value.reason is None


def test_what_a_terminal_could_not_decode_is_compared_as_well() -> None:
    """Python hands it over as lone surrogates, and an error about one names it."""
    typed = b"Kin\xe9-2026".decode("utf-8", "surrogateescape")
    assert Secret(typed) == Secret(typed)
    assert Secret(typed) != Secret("Kiné-2026")


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("Kine-2026")

    for text in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>20}",
        "{}".format(secret),  # noqa: UP032
        "%s" % secret,  # noqa: UP031
    ):
        assert "Kine" not in text
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(secret)
    with pytest.raises(TypeError):
        hash(secret)
    assert not hasattr(secret, "__dict__")
    assert secret == Secret("Kine-2026")
    assert secret != Secret("Kine-2027")
    assert secret != "Kine-2026"
