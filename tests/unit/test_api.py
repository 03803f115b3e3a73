"""The public face: what it promises is there, costs nothing to import, and goes the whole road."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

import ehtoolkit
from ehtoolkit import Client, ContactData, Niss, Person, Secret, State, errors, load_settings
from ehtoolkit.api import functions
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.identity import Environment
from ehtoolkit.providers import Assignment, Provider
from ehtoolkit.result_display import masked
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import open_training_platform
from tests.support.notebook_run import run

ROOT = Path(__file__).resolve().parents[2]
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")


def test_every_name_is_there_and_no_other_is_promised() -> None:
    assert {name for name in dir(ehtoolkit) if getattr(ehtoolkit, name) is None} == set()
    assert sorted(vars(ehtoolkit)["__all__"]) == dir(ehtoolkit)
    with pytest.raises(AttributeError):
        _ = ehtoolkit.audit_everything  # type: ignore[attr-defined]


def test_type_checkers_see_the_names_that_there_are() -> None:
    nodes = ast.walk(ast.parse(Path(ehtoolkit.__file__).read_text(encoding="utf-8")))
    imports = [(node.module or "", node.names) for node in nodes if isinstance(node, ast.ImportFrom)]
    seen = {
        imported.name: module
        for module, names in imports
        for imported in names
        if imported.name == imported.asname
    }

    assert seen.keys() == {*dir(ehtoolkit)}
    for name, module in seen.items():
        assert getattr(import_module(module), name) is getattr(ehtoolkit, name)


@pytest.mark.parametrize(
    "name", [name for name, value in vars(functions).items() if hasattr(value, "__wrapped__")]
)
def test_help_on_a_function_is_that_of_its_method(name: str) -> None:
    function, method = getattr(ehtoolkit, name), getattr(ehtoolkit.Client, name)
    parameters = [*inspect.signature(method).parameters.values()][1:]

    assert [*inspect.signature(function).parameters.values()] == parameters
    assert function.__doc__ == method.__doc__
    assert function.__qualname__ == name


def test_importing_it_loads_no_other_package() -> None:
    heavy = ("click", "cryptography", "httpcore", "httpx", "lxml", "pydantic")
    program = f"import sys; import ehtoolkit; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_opening_a_keystore_loads_no_platform() -> None:
    heavy = (
        "httpcore",
        "httpx",
        "lxml",
        "pandas",
        "sqlalchemy",
        "ehtoolkit.procedures",
        "ehtoolkit.training",
    )
    program = (
        f"import sys; from ehtoolkit import open_keystore; print([n for n in {heavy} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


LABORATORY = ehtoolkit.Organisation(ehtoolkit.Identifier("NIHII-LABO", "81234530"), "Laboratoire du Canal")
"""The training platform lists no representative for it."""


def test_a_request_without_mandate_is_checked_by_a_person() -> None:
    given = {"password": "Kine-2026", "pin": "1234", "card": "training:elise", "agree": lambda _: None}
    ehtoolkit.request_certificate(CONTACT, **given)  # type: ignore[arg-type]
    given["organisation"] = LABORATORY
    with pytest.raises(errors.PasswordReused):
        ehtoolkit.request_certificate(CONTACT, **given)  # type: ignore[arg-type]
    given["password"] = "Labo-2026"
    asked = ehtoolkit.request_certificate(CONTACT, **given)  # type: ignore[arg-type]
    assert asked.state is State.VALIDATING
    named = ehtoolkit.request_certificate.__doc__ or ""
    assert "errors.PasswordReused" in named
    assert "errors.NotEntitled" not in named


# ── what is handed over ──────────────────────────────────────────────────────────────────────────────────────
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a path of bytes": (lambda: ehtoolkit.open_keystore(b"a.p12", "x"), "keystore"),  # type: ignore[arg-type]
    "a number in the place of a path": (lambda: ehtoolkit.diagnose(7), "keystore"),  # type: ignore[call-overload]
    "a path among paths": (lambda: ehtoolkit.diagnose(["a.p12", None]), r"keystore\[1\]"),  # type: ignore[list-item]
    "folders": (lambda: ehtoolkit.find_keystores(3.5), "folder"),  # type: ignore[arg-type]
    "folders of an audit": (lambda: ehtoolkit.audit(7), "folder"),  # type: ignore[arg-type]
    "no password": (lambda: ehtoolkit.open_keystore("a.p12", None), "password"),  # type: ignore[arg-type]
    "a password of bytes": (lambda: ehtoolkit.certificate_status("a", b"Secret-1"), "password"),  # type: ignore[arg-type]
    "passwords": (lambda: ehtoolkit.audit("a", 1234), "passwords"),  # type: ignore[arg-type]
    "one of many passwords": (lambda: ehtoolkit.diagnose("a", {"a": 1}), r"password\['a'\]"),  # type: ignore[dict-item]
    "a PIN that is a number": (lambda: ehtoolkit.list_certificates(pin=1234), "pin"),  # type: ignore[arg-type]
    "a card": (lambda: ehtoolkit.read_card(7), "card"),  # type: ignore[arg-type]
    "a contact": (lambda: ehtoolkit.request_certificate("a@b.be", password="x", agree=print), "contact"),  # type: ignore[arg-type]
    "an acceptance": (
        lambda: ehtoolkit.request_certificate(CONTACT, password="x", agree=True),  # type: ignore[arg-type]
        "agree",
    ),
    "a reason": (lambda: ehtoolkit.revoke_certificate("AB", 1, agree=print), "reason"),  # type: ignore[arg-type]
    "a key": (lambda: ehtoolkit.revoke_certificate(1, "lost", agree=print), "key_id"),  # type: ignore[arg-type]
    "a person": (lambda: ehtoolkit.request_foreign_certificate("Ann", CONTACT, "x"), "person"),  # type: ignore[arg-type]
    "a registry": (lambda: ehtoolkit.audit("a", registry="yes"), "registry"),  # type: ignore[arg-type]
    "days": (lambda: ehtoolkit.audit("a", due_within="90d"), "due_within"),  # type: ignore[arg-type]
    "settings": (lambda: ehtoolkit.connect(settings={"home": "a"}), "settings"),  # type: ignore[arg-type]
    "a NISS that is a number": (lambda: Niss(79031421872), "niss"),  # type: ignore[arg-type]
    "a NISS that is text": (lambda: Person("79031421872", "Ann", "Peeters"), "niss"),  # type: ignore[arg-type]
    "an address": (lambda: ContactData(None, "+32 4 555 01 42"), "email"),  # type: ignore[arg-type]
    "a secret": (lambda: Secret(b"1234"), "value"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_type_is_named_and_never_its_value(what: str) -> None:
    call, argument = WRONG[what]
    with pytest.raises(TypeError, match=rf"^{argument} has to be .*, not \w+$") as caught:
        call()
    assert "1234" not in str(caught.value)
    assert "Secret-1" not in str(caught.value)


def test_an_application_id_is_an_organisation_s() -> None:
    """Without one the certificate would be a person's, which was not meant."""
    with pytest.raises(TypeError, match="application_id has to be given with organisation"):
        ehtoolkit.request_certificate(CONTACT, password="Kine-2026", agree=print, application_id="LAB")
    assert not load_settings().keystores.exists()


def test_settings_are_given_one_way() -> None:
    with pytest.raises(TypeError, match="alone"):
        ehtoolkit.connect("training", settings=load_settings())


class Named:
    """What is a path only by ``__fspath__``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A complete keystore of Élise, in the training platform of the environment variables."""
    with ehtoolkit.connect(training_delivery=0.0) as eh:
        asked = eh.request_certificate(CONTACT, password="Kine-2026", pin="1234", agree=lambda _: None)
        return eh.complete_certificate(asked.keystore, "Kine-2026").keystore


def test_paths_and_passwords_in_every_form(made: Path) -> None:
    key_id = ehtoolkit.open_keystore(made, Secret("Kine-2026")).key_id
    for path in (str(made), Named(made), made):
        assert ehtoolkit.open_keystore(path, "Kine-2026").key_id == key_id
        assert ehtoolkit.diagnose(path, "Kine-2026").opened
        assert [keystore.path for keystore in ehtoolkit.find_keystores(Path(path).parent)] == [made]
        assert len(ehtoolkit.audit(Path(path).parent, "Kine-2026", processes=1).keystores) == 1
    assert [report.opened for report in ehtoolkit.diagnose([made, str(made)], "Kine-2026")] == [True, True]
    by_name = ehtoolkit.diagnose((made,), {made.name: "Kine-2026"})
    by_function = ehtoolkit.diagnose(iter([made]), lambda path: "Kine-2026" if path == made else None)
    assert by_name[0].opened
    assert by_function[0].opened
    assert not ehtoolkit.diagnose(made).opened
    assert ehtoolkit.find_keystores([str(made.parent), Named(made.parent)])[0].path == made


def test_practice_without_a_registry_is_refused(tmp_path: Path) -> None:
    with ehtoolkit.connect(home=str(tmp_path / "home")) as eh:
        for providers in (False, True):
            with pytest.raises(errors.PracticeUnknown) as caught:
                eh.audit(tmp_path, practice="Les Tilleuls", registry=providers)
            assert caught.value.reason == "registry"
        with eh.open_registry() as registry:
            registry.add(Provider("Dubois", practice="L'Orme"))
            with pytest.raises(errors.PracticeUnknown) as caught:
                eh.audit(tmp_path, practice="Les Tilleuls", registry=registry)
            assert caught.value.facts["known"] == "L'Orme"


def test_audit_reads_the_training_registry_elsewhere_only_when_named(tmp_path: Path) -> None:
    home, elsewhere = str(tmp_path / "home"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    with ehtoolkit.connect(home=home) as eh:
        with eh.open_registry() as registry:
            registry.add(Provider("Dubois"))
        assert eh.audit(elsewhere, registry=True, processes=1).registry is None
        assert len(eh.audit(registry=True, processes=1).providers) == 1
    with ehtoolkit.connect("training", home=home) as eh:
        found = eh.audit(elsewhere, registry=True, processes=1)
    assert (found.registry, len(found.providers)) == (str(tmp_path / "home" / "providers-training.db"), 1)


def test_only_a_folder_that_is_named_has_to_have_keystores(tmp_path: Path) -> None:
    """Before the first request, nothing is wrong with an empty keystore folder."""
    with ehtoolkit.connect(home=str(tmp_path / "home")) as eh:
        eh.keystores.mkdir(parents=True)
        fresh, named = eh.audit(processes=1), eh.audit(eh.keystores, processes=1)
    assert (fresh.is_due, len(fresh.findings)) == (False, 0)
    assert (named.is_due, list(named.findings["key"])) == (True, ["folder_empty"])


def test_a_connection_serves_call_after_call_and_is_closed(tmp_path: Path) -> None:
    with ehtoolkit.connect(environment="training", home=str(tmp_path)) as eh:
        assert eh.find_keystores() == ()
        before = eh.clock.now()
        eh.training.clock.move("+1d")
        assert eh.clock.now() - before >= timedelta(days=1)
        platform = eh.training
        eh.read_card()
        assert eh.training is platform
        with eh.open_registry() as registry:
            assert registry.count() == 0
        assert eh.audit(registry=True, processes=1).findings.empty
    assert repr(eh) == "<ehtoolkit connection: training, closed>"
    eh.close()
    with pytest.raises(RuntimeError, match="closed"):
        eh.read_card()


def test_there_is_no_training_in_the_real_environments(tmp_path: Path) -> None:
    with (
        ehtoolkit.connect("acceptance", home=tmp_path) as eh,
        pytest.raises(RuntimeError, match="no training platform in acceptance"),
    ):
        _ = eh.training


def test_threads_share_a_connection(made: Path) -> None:
    with ehtoolkit.connect() as eh, ThreadPoolExecutor(4) as pool:
        states = pool.map(lambda _: eh.certificate_status(made, "Kine-2026").state, range(8))
        assert set(states) == {State.ACTIVE}


def test_what_must_not_be_opened_here_is_not(
    made: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a server that is shared only what it issued is opened; what shows without a password is shown."""
    other = data_folder / "keystores-ec" / "ec_acc_bc_complete.p12"
    monkeypatch.setenv("EHTOOLKIT_SHARED", "1")
    with ehtoolkit.connect() as eh:
        for call in (eh.open_keystore, eh.diagnose, eh.complete_certificate):
            with pytest.raises(errors.KeystoreNotIssued):
                call(other, "Test-Pass1")
        assert not eh.diagnose(other).opened
        assert eh.diagnose(made, "Kine-2026").opened
        audit = eh.audit(
            [other.parent, made.parent], {other.name: "Test-Pass1", made.name: "Kine-2026"}, processes=1
        )
        opened = dict(zip(audit.keystores["file"], audit.keystores["opened"], strict=True))
    assert (opened[str(made)], opened[str(other)]) == (True, False)


def test_one_password_for_all_accuses_no_file(made: Path) -> None:
    """… that it does not open; a password that was given for the very file does."""
    for passwords, accused in (("Another-1", False), ({made.name: "Another-1"}, True)):
        audit = ehtoolkit.audit(made.parent, passwords, processes=1)
        assert ("password_wrong" in set(audit.findings["key"])) is accused, set(audit.findings["key"])


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────
def test_results_show_themselves_without_a_secret_or_a_whole_niss(made: Path) -> None:
    """Saved with its outputs, a notebook tells neither; attributes have everything."""
    with ehtoolkit.connect() as eh, ExitStack() as stack:
        eh.training.clock.move("+34mo")
        card = eh.read_card()
        renewed = eh.renew_certificate(made, "Kine-2026", pin="1234", agree=lambda _: None)
        eh.training.clock.move("+1d")
        done = eh.complete_certificate(renewed.keystore, "Kine-2026")
        message, text = made.with_name("message"), made.with_name("text")
        text.write_bytes(b"79031421872")
        registry = stack.enter_context(eh.open_registry())
        added = registry.add(ehtoolkit.Provider("Vandamme", "Élise", niss="79031421872"))
        assert added.id is not None
        registry.assign(added.id, Assignment(str(made), holder="SSIN=79031421872"))
        results: list[object] = [
            eh.seal(text, message, done.keystore, "Kine-2026", to_self=True),
            eh.unseal(message, done.keystore, "Kine-2026"),
            registry.search("vandamme"),
            registry.history(added.id),
            *(card, renewed, done, eh.finish_certificate(done.keystore, "Kine-2026")),
            eh.activate_etk(done.keystore, "Kine-2026"),
            *(eh.certificate_status(made, "Kine-2026"), eh.list_certificates(pin="1234")),
            *(eh.open_keystore(made, "Kine-2026"), eh.find_keystores()),
            *(eh.diagnose(made, "Kine-2026"), eh.diagnose([made, done.keystore], "Kine-2026")),
            eh.revoke_certificate(done.key_id, "lost", pin="1234", agree=lambda _: None),
            *(eh.audit(passwords="Kine-2026", processes=1), eh),
        ]
    for result in results:
        line = repr(result)
        assert "\n" not in line
        assert len(line) < 1500, line
        page = result._repr_html_() if hasattr(result, "_repr_html_") else ""
        assert page or result is results[-1]
        for output in (line, page):
            assert "Kine-2026" not in output
            # Numbers of certificates are random, and some have these digits in them.
            shown = output.replace(card.card_number, "").replace(str(made.parents[2]), "")
            assert not re.search(r"(?<![0-9a-f])1234(?![0-9a-f])", shown, re.I)
            assert "PRIVATE" not in output
        assert card.niss.digits not in line
        assert card.niss.formatted not in line
        assert card.niss.digits not in page
        assert card.niss.formatted not in page
    assert repr(card).startswith(
        "CardIdentity(niss='790314*****', surname='Vandamme', first_names='Élise Marie'"
    )
    assert (
        f"ProcedureResult(state='to_activate', next='activate', keystore='{made.parent}/SSIN=790314*****"
        in repr(done)
    )
    assert '<th scope="row">state</th><td>to_activate</td>' in done._repr_html_()


def test_a_key_identifier_is_shown_whole() -> None:
    """Also one with eleven digits side by side."""
    key_id = "ABCDEF79031421872ABCDEFABCDEFABCDEFABCDE"
    assert masked(f"{key_id}, 79031421872, a79031421872b") == f"{key_id}, 790314*****, a790314*****b"


def test_untrusted_texts_are_escaped(tmp_path: Path) -> None:
    odd = tmp_path / "<b>SSIN=79031421872 20261124-101204.p12"
    odd.write_bytes(b"")
    (found,) = shown = ehtoolkit.find_keystores(tmp_path)
    for page in (found._repr_html_(), shown._repr_html_()):
        assert "<b>" not in page
        assert "&lt;b&gt;SSIN=790314*****" in page


# ── where it runs ────────────────────────────────────────────────────────────────────────────────────────────
PROGRAM = """
import ehtoolkit
with ehtoolkit.connect(training_delivery=0.0) as eh:
    contact = ehtoolkit.ContactData("elise@example.be", "+32 2 555 01 42")
    asked = eh.request_certificate(contact, password="Kine-2026", pin="1234", agree=lambda contract: None)
    done = eh.complete_certificate(asked.keystore, "Kine-2026")
    seen = ehtoolkit.audit(eh.keystores, "Kine-2026")
print(done.state, ehtoolkit.diagnose(str(done.keystore), "Kine-2026").opened, len(seen.keystores))
"""


@pytest.mark.parametrize(
    "way",
    [
        "standard input",
        *(pytest.param(way, marks=pytest.mark.long) for way in ("script", "-c", "thread", "IPython")),
    ],
)
def test_it_runs_wherever_python_does(way: str, tmp_path: Path) -> None:
    """… and starts no process that runs the caller's program again."""
    text = PROGRAM
    if way == "thread":
        body = "".join(f"    {line}\n" for line in PROGRAM.splitlines())
        text = f"import threading\ndef run():\n{body}one = threading.Thread(target=run)\none.start()\none.join()\n"
    script = tmp_path / "script.py"
    script.write_text(text, encoding="utf-8")
    command = {
        "script": [str(script)],
        "thread": [str(script)],
        "-c": ["-c", text],
        "standard input": ["-"],
        "IPython": ["-m", "IPython", str(script)],
    }[way]
    done = subprocess.run(
        [sys.executable, *command],
        input=text if way == "standard input" else "",
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines() == ["complete True 1"]


def test_it_runs_in_a_kernel(tmp_path: Path) -> None:
    """… where an event loop runs already; the last value of a cell is shown as a table."""
    notebook = new_notebook(cells=[new_code_cell(PROGRAM), new_code_cell("done")])
    run(notebook, tmp_path)
    printed, shown = (cell["outputs"][-1] for cell in notebook["cells"])
    assert printed["text"].strip() == "complete True 1"
    assert "<td>complete</td>" in shown["data"]["text/html"]
    assert shown["data"]["text/plain"].startswith("ProcedureResult(state='complete'")


# ── the procedures ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def eh(tmp_path: Path) -> Iterator[Client]:
    with ehtoolkit.connect(home=tmp_path, training_delivery=0.0) as eh:
        yield eh


def test_the_whole_road_in_python(eh: Client) -> None:
    password = Secret("Kine-2026")
    shown: list[str] = []
    holder = eh.read_card()
    asked = eh.request_certificate(
        ContactData("elise@example.be", "+32 4 555 01 42"),
        pin=lambda _: Secret("1234"),
        password=password,
        agree=lambda contract: shown.append(contract.dn),
    )
    assert holder.niss.digits in shown[0]
    assert asked.state is State.WAITING
    done = eh.complete_certificate(asked.keystore, password)
    assert done.state is State.COMPLETE
    assert eh.certificate_status(asked.keystore, password).state is State.ACTIVE
    assert ehtoolkit.open_keystore(asked.keystore, password).key_id == asked.key_id


def test_a_renewal_in_python(eh: Client) -> None:
    password, new_password = Secret("Kine-2026"), Secret("Kine-2029")
    asked = eh.request_certificate(
        ContactData("elise@example.be", "+32 4 555 01 42"),
        pin=lambda _: Secret("1234"),
        password=password,
        agree=lambda _: None,
    )
    eh.complete_certificate(asked.keystore, password)
    eh.training.clock.move("+34mo")
    renewed = eh.renew_certificate(
        asked.keystore,
        password,
        pin=lambda _: Secret("1234"),
        agree=lambda _: None,
        contact=ContactData("new@example.be", "+32 4 555 01 42"),
        new_password=new_password,
    )
    done = eh.complete_certificate(renewed.keystore, new_password)
    assert done.state is State.TO_ACTIVATE
    activated = eh.activate_etk(renewed.keystore, new_password)
    assert (activated.outcome.state, activated.retired) == (State.ACTIVE, (asked.keystore,))
    finished = eh.finish_certificate(renewed.keystore, new_password)
    assert finished.retired == (asked.keystore,)
    finished = eh.finish_certificate(renewed.keystore, new_password, archive=True)
    (archived,) = finished.archived
    assert (finished.retired, archived.name, asked.keystore.exists()) == ((), asked.keystore.name, False)
    standing = eh.certificate_status(archived, password)
    assert standing.has("newer")
    assert standing.info is not None
    assert standing.info.contact.email == "elise@example.be"


def test_a_revocation_in_python(eh: Client) -> None:
    asked = eh.request_certificate(
        ContactData("elise@example.be", "+32 4 555 01 42"),
        pin=lambda _: Secret("1234"),
        password=Secret("Kine-2026"),
        agree=lambda _: None,
    )
    (listed,) = eh.list_certificates(pin=lambda _: Secret("1234"))
    assert (listed.key_id, listed.files) == (asked.key_id, (asked.keystore,))
    revoked = eh.revoke_certificate(
        asked.key_id,
        "lost",
        pin=lambda _: Secret("1234"),
        agree=lambda _: None,
    )
    assert (revoked.state, revoked.keystore) == (State.REVOKED, asked.keystore)
    assert revoked.again.contact.email == "elise@example.be"


def test_a_request_without_card_in_python(eh: Client) -> None:
    person = Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez")
    password = Secret("Kine-2026")
    contact = ContactData("anais@example.org", "+33 1 99 00 01 42")
    asked = eh.request_foreign_certificate(person, contact, password)
    assert asked.validation is not None
    eh.training.confirm_request(eh.training.find_request(asked.validation.url or "").key_id)
    assert eh.complete_certificate(asked.keystore, password).state is State.COMPLETE


def test_who_does_not_agree_has_sent_nothing(eh: Client) -> None:
    def refuse(_: object) -> None:
        raise errors.TermsNotAccepted

    with pytest.raises(errors.TermsNotAccepted):
        eh.request_certificate(
            ContactData("elise@example.be", "+32 4 555 01 42"),
            pin=lambda _: Secret("1234"),
            password=Secret("Kine-2026"),
            agree=refuse,
        )
    assert eh.find_keystores() == ()


def test_a_file_is_sealed_and_opened(tmp_path: Path) -> None:
    password = "Kine-2026"
    with ehtoolkit.connect(settings=load_settings(home=tmp_path / "home", training_delivery=0.0)) as eh:
        asked = eh.request_certificate(
            ContactData("elise@example.be", "+32 4 555 01 42"),
            pin="1234",
            password=password,
            agree=lambda _: None,
        )
        eh.complete_certificate(asked.keystore, password)
        holder = eh.open_keystore(asked.keystore, password).holder
        assert holder is not None
        content, message, output = tmp_path / "a", tmp_path / "b", tmp_path / "c"
        content.write_bytes(b"Beste collega\0\r\n")
        made = eh.seal(content, message, asked.keystore, password, recipients=[holder.identifier.text])
        assert made.message.size == message.stat().st_size
        opened = eh.unseal(message, asked.keystore, password, output, online=True)
        assert (opened.message.proven, opened.content) == (True, output)
        assert output.read_bytes() == content.read_bytes()
        with pytest.raises(errors.FileExists):
            eh.unseal(message, asked.keystore, password, output)
        with pytest.raises(errors.RecipientUnusable):
            eh.seal(content, tmp_path / "d", asked.keystore, password, recipients=[content])
        with pytest.raises(errors.RecipientUnusable) as caught:
            eh.seal(content, tmp_path / "d", asked.keystore, password)
        assert caught.value.facts == {"reason": "missing"}
        assert not (tmp_path / "d").exists()


def first_page(settings: Settings) -> dict[str, str]:
    """What it shows, without any password: a word for each file."""
    with closing(open_training_platform(settings)) as training:
        due = due_keystores(settings.keystores, settings.notes)
        items = outlook(due, training.clock.now(), Environment.TRAINING)
    return {keystore.due.name: str(keystore.state) for keystore in items}


def test_the_first_page_knows_what_python_did(tmp_path: Path) -> None:
    settings, password = load_settings(home=tmp_path, training_delivery=0.0), "Kine-2026"
    contact = ContactData("elise@example.be", "+32 4 555 01 42")
    with ehtoolkit.connect(settings=settings) as eh:
        asked = eh.request_certificate(contact, pin="1234", password=password, agree=lambda _: None)
        assert first_page(settings) == {asked.keystore.name: "waiting"}
        eh.complete_certificate(asked.keystore, password)
        assert first_page(settings) == {asked.keystore.name: "complete"}
        eh.training.clock.move("+1010d")
        renewed = eh.renew_certificate(asked.keystore, password, pin="1234", agree=lambda _: None)
        assert first_page(settings) == {asked.keystore.name: "replacing", renewed.keystore.name: "waiting"}
        eh.complete_certificate(renewed.keystore, password)
        assert first_page(settings) == {
            asked.keystore.name: "replacing",
            renewed.keystore.name: "to_activate",
        }
