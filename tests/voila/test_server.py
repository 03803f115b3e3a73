"""The parts of the server that need no server: language, links, facts for the kernel, names, ports, settings."""

from __future__ import annotations

import io
import logging
import re
import shutil
import socket
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import jinja2
import nbformat
import pytest
from nbformat import validator
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.voila import notebooks_folder
from ehtoolkit.voila.access import ForeignHost, TokenIdentity, hosts, without_token
from ehtoolkit.voila.configuration import (
    configuration,
    environment,
    jupyter_data,
    page_config,
    tornado_settings,
)
from ehtoolkit.voila.kernels import PageKernels, warm
from ehtoolkit.voila.listening_sockets import bind, private_socket
from ehtoolkit.voila.log_redaction import keep_out_of_logs
from ehtoolkit.voila.notebook_preparation import MANUAL, SETTINGS, page_language, tell_kernel
from ehtoolkit.voila.page_chrome import frame, language_link, manual, problem
from ehtoolkit.voila.server import redirect_file
from ehtoolkit.voila.server_proxy import entry


@pytest.mark.parametrize(
    ("query", "cookie", "setting", "accepted", "chosen"),
    [
        ("nl", "de", "fr", "en", "nl"),
        (None, "de", "fr", "en", "de"),
        (None, None, "fr", "en", "fr"),
        (None, None, None, "nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        ("xx", None, None, "de", "de"),
        ("../../etc", "'", None, "it", "en"),
    ],
)
def test_the_language_is_chosen_by_the_nearest_setting(
    monkeypatch: pytest.MonkeyPatch,
    query: str | None,
    cookie: str | None,
    setting: LanguageName | None,
    accepted: str | None,
    chosen: str,
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    given = {} if query is None else {"lang": [query.encode()]}
    request = SimpleNamespace(query_arguments=given, headers={"Accept-Language": accepted})
    handler: Any = SimpleNamespace(
        request=request,
        get_cookie=lambda _: cookie,
        settings={SETTINGS: load_settings(language=setting)},
    )
    assert page_language(handler) == chosen


def test_a_language_link_keeps_the_page_and_drops_the_token() -> None:
    assert (
        language_link("keystore=SSIN%3D1%20x.p12&lang=fr&token=abc", "nl")
        == "?keystore=SSIN%3D1+x.p12&lang=nl"
    )


@pytest.mark.parametrize("language", get_args(LanguageName))
@pytest.mark.parametrize("name", ["training", "acceptance", "production"])
def test_a_frame_has_all_its_words(language: LanguageName, name: str) -> None:
    facts: Mapping[str, Any] = frame("index", "", language, load_settings(environment=name))

    assert facts["environment"]["name"] == name
    assert facts["environment"]["word"]
    assert bool(facts["environment"]["note"]) == (name != "production")
    assert bool(facts["environment"]["date"]) == (name == "training")
    assert all(facts["text"].values())
    assert [fact["code"] for fact in facts["languages"] if fact["current"]] == [language]
    for kind in ("locked", "missing", "failed"):
        assert all(problem(kind, language).values())
    assert manual(language)["chapters"]


def test_the_kernel_gets_language_and_query_as_literals() -> None:
    hostile = "'});import os;os._exit(1)#\n\\"
    cell, text = nbformat.v4.new_code_cell("answer = 42"), nbformat.v4.new_markdown_cell("# Title")
    notebook = nbformat.v4.new_notebook(cells=[text, cell, nbformat.v4.new_code_cell("other = 1")])

    tell_kernel(notebook, "nl", hostile)

    variables: dict[str, str] = {}
    code = cell.source.replace("os.environ.update", "variables.update", 1)
    names: dict[str, object] = {"variables": variables}
    exec(compile(code, "cell", "exec"), names)  # noqa: S102  # what the kernel would do
    assert variables["QUERY_STRING"] == hostile
    assert variables["EHTOOLKIT_LANGUAGE"] == "nl"
    assert names["answer"] == 42
    assert notebook.cells[2].source == "other = 1"
    assert text.source == "# Title"


def test_a_notebook_without_code_is_left_alone() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])

    tell_kernel(notebook, "nl", "")

    assert notebook.cells[0].source == "# Title"


@pytest.mark.parametrize(
    ("uri", "clean"),
    [
        ("/index.ipynb", None),
        ("/index.ipynb?lang=fr", None),
        ("/?token=abc", "/"),
        ("/index.ipynb?token=abc&lang=fr", "/index.ipynb?lang=fr"),
        ("/index.ipynb?lang=fr&token=", "/index.ipynb?lang=fr"),
        ("//foreign.example/?token=abc", "/"),
        ("///foreign.example/?token=abc", "/foreign.example/"),
    ],
)
def test_the_token_leaves_the_address(uri: str, clean: str | None) -> None:
    assert without_token(uri) == clean


@pytest.mark.parametrize(
    ("host", "foreign"),
    [
        ("127.0.0.1:8866", False),
        ("LOCALHOST:8866", False),
        ("127.0.0.1", True),
        ("127.0.0.1:80", True),
        ("foreign.example:8866", True),
        ("127.0.0.1:8866.foreign.example", True),
        ("", True),
    ],
)
def test_only_our_names_are_ours(host: str, foreign: bool) -> None:
    line = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=line, headers=HTTPHeaders({"Host": host}))

    assert (ForeignHost(hosts(8866)).match(request) is not None) == foreign


def asked(**headers: str) -> HTTPServerRequest:
    line = RequestStartLine("GET", "/", "HTTP/1.1")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTPServerRequest(start_line=line, headers=HTTPHeaders(names))


@pytest.mark.parametrize(
    "name", ["X_Forwarded_For", "X_Forwarded_Host", "X_Forwarded_Proto", "Forwarded", "X_Real_Ip"]
)
def test_an_unknown_proxy_is_no_local_browser(name: str) -> None:
    handed_on = asked(Host="127.0.0.1:8866", **{name: "192.0.2.7"})

    assert ForeignHost(hosts(8866)).match(handed_on) is not None
    assert ForeignHost(hosts(8866), {"pages.example.be"}).match(handed_on) is None


def test_only_the_names_that_are_set_are_let_through() -> None:
    foreign = ForeignHost(hosts(8866), {"pages.example.be", "other.example:8443"}, "sesame")

    assert foreign.match(asked(Host="Pages.example.be")) is None
    assert foreign.match(asked(Host="other.example:8443")) is None
    assert foreign.match(asked(Host="other.example")) is not None
    assert foreign.match(asked(Host="hub.example", Authorization="token sesame")) is not None


@pytest.mark.parametrize(
    ("sent", "let_in"), [("token sesame", True), ("token Sesame", False), ("token ", False), ("", False)]
)
def test_any_name_is_for_the_proxy_that_knows_the_token(sent: str, let_in: bool) -> None:
    foreign = ForeignHost(hosts(8866), {"*"}, "sesame")

    assert (foreign.match(asked(Host="hub.example", Authorization=sent)) is None) == let_in


def test_addresses_have_the_prefix() -> None:
    current = page_config({}, base_url="/user/els/")

    assert current["fullStaticUrl"].startswith("/user/els/voila/")
    assert tornado_settings(load_settings(base_url="/user/els/"))[MANUAL] == "/user/els/manual"


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_a_shared_server_says_so_on_every_page(language: LanguageName) -> None:
    texts = Translator(language)
    facts: Mapping[str, Any] = frame("index", "", language, load_settings(shared=True))

    assert facts["environment"]["note"] == texts.get("page.shared.note")
    assert facts["text"]["footer_keys"] == texts.get("page.footer.shared")
    here: Mapping[str, Any] = frame("index", "", language, load_settings())
    assert here["text"]["footer_keys"] == texts.get("page.footer.local")
    chapters: Any = manual(language, shared=True)["chapters"], manual(language)["chapters"]
    assert [chapter["name"] for chapter in chapters[0] if chapter not in chapters[1]] == ["shared"]


def test_the_proxy_sends_a_token_that_is_in_no_argument() -> None:
    first, second = entry(), entry()

    token = first["environment"]["EHTOOLKIT_START_TOKEN"]
    assert first["request_headers_override"] == {"Authorization": f"token {token}"}
    assert token not in " ".join(first["command"])
    assert second["environment"]["EHTOOLKIT_START_TOKEN"] != token
    assert first["environment"]["EHTOOLKIT_START_SOCKET"] == "{unix_socket}"
    assert first["unix_socket"] != second["unix_socket"]
    assert Path(first["launcher_entry"]["icon_path"]).is_file()
    settings = load_settings(
        shared=first["environment"]["EHTOOLKIT_SHARED"], base_url=first["environment"]["EHTOOLKIT_BASE_URL"]
    )
    assert settings.shared
    assert settings.base_url == "/{base_url}ehtoolkit/", "what the proxy puts in begins and ends with a slash"


def test_where_no_socket_can_be_the_proxy_gives_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", f"/{'long' * 30}")
    found = entry()
    assert "unix_socket" not in found
    assert found["command"][-2:] == ["--port", "{port}"]


def test_a_socket_is_its_owner_s_and_goes() -> None:
    place = Path(tempfile.mkdtemp()) / "made" / "pages"  # its path has to be short
    try:
        for _ in range(2):
            with private_socket(place) as listener:
                assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(place))
                    listener.accept()[0].close()
            assert not place.parent.exists()
            # What a server leaves that was killed.
            place.parent.mkdir(mode=0o700)
            place.touch()
        place.parent.chmod(0o755)
        with pytest.raises(FileExistsError), private_socket(place):
            pass
    finally:
        shutil.rmtree(place.parents[1])


class Connection:
    def set_close_callback(self, _: object) -> None:
        """Nobody closes it."""


def test_what_a_proxy_sends_for_itself_counts_more_than_the_address() -> None:
    identity = TokenIdentity(token="sesame")
    request = asked(Host="hub.example", Authorization="token sesame")
    request.connection = Connection()  # type: ignore[assignment]  # all that a handler asks of one
    request.arguments = {"token": [b"of the Jupyter server"]}
    handler = RequestHandler(Application(), request)

    assert identity.get_token(handler) == "sesame"
    del request.headers["Authorization"]
    assert identity.get_token(handler) == "of the Jupyter server"


def test_the_usual_port_needs_no_number() -> None:
    assert "localhost" in hosts(80)


def test_a_taken_default_port_gives_the_next() -> None:
    first, port = bind(None)
    with first:
        assert first.getsockname()[0] == "127.0.0.1"
        second, other = bind(None)
        second.close()
        assert other != port
        with pytest.raises(errors.SettingInvalid) as refused:
            bind(port)
        assert refused.value.facts == {"setting": "port", "reason": "page_port", "port": port}


def test_the_settings_reach_the_kernels_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load_settings(
        home=tmp_path,
        environment="acceptance",
        keystore_folder=tmp_path / "a b",
        escape_contract_dn=False,
        provider_types={"osteopath": ("7", "5")},
    )

    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    assert load_settings() == settings


def test_a_folder_of_the_settings_is_where_the_server_was_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Kernels are in the folder of the notebooks: a keystore that they write is not to land there."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment(load_settings(home="home", keystore_folder="keystores")).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(notebooks_folder())
    settings = load_settings()
    assert (settings.home, settings.keystores) == (tmp_path / "home", tmp_path / "keystores")


def test_the_token_s_file_is_its_owner_s_and_goes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with redirect_file(home, "http://127.0.0.1:1/?token=a&b") as page:
        assert page.stat().st_mode & 0o077 == 0
        assert "http://127.0.0.1:1/?token=a&amp;b" in page.read_text(encoding="utf-8")

    assert list(home.iterdir()) == []


def test_the_files_of_the_pages_are_where_the_server_looks() -> None:
    assert (notebooks_folder() / "index.ipynb").is_file()
    template = jupyter_data() / "voila" / "templates" / "ehtoolkit"
    for name in ("conf.json", "index.html.j2", "frame.html.j2", "problem.html", "manual.html"):
        assert (template / name).is_file()
    for name in ("ehtoolkit.css", "internals.js", "page.js", "favicon.svg"):
        assert (template / "static" / name).is_file()


def test_the_style_sends_no_requests() -> None:
    folder = jupyter_data() / "voila" / "templates" / "ehtoolkit"
    for path in folder.rglob("*"):
        if path.suffix in (".css", ".js", ".j2", ".html"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"url\([^)]", text)
            assert "//cdn" not in text
            assert "https://" not in text


def test_a_malformed_log_call_raises_at_no_library(capsys: pytest.CaptureFixture[str]) -> None:
    """The token is redacted all the same."""
    logger = logging.getLogger("tests.malformed")
    handler = logging.StreamHandler(stream := io.StringIO())
    logger.addHandler(handler)
    try:
        keep_out_of_logs("Tok-marker")
        logger.warning("%d of %s", "Tok-marker")
        logger.warning("%s", _Unprintable())
        logger.warning("address %s", "/?token=Tok-marker")
    finally:
        logger.removeHandler(handler)
        for each in (*logging.getLogger().handlers, logging.lastResort):
            if each is not None:
                for filtering in each.filters[-1:]:
                    each.removeFilter(filtering)
    written = stream.getvalue()
    assert "%d of %s" in written
    assert "address /?token=…" in written
    assert "Tok-marker" not in written + capsys.readouterr().err


class _Unprintable:
    def __str__(self) -> str:
        raise ValueError("Tok-marker")


def test_what_a_visitor_could_misuse_is_off() -> None:
    pages = configuration()["VoilaConfiguration"]

    assert pages["allow_template_override"] == "NO"
    assert pages["allow_theme_override"] == "NO"
    assert pages["strip_sources"] is True
    assert pages["show_tracebacks"] is False
    assert pages["file_allowlist"] == []


def test_what_the_first_page_needs_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of those who wait, and the schemas by which a page's notebook is checked as it is read and shown."""
    folder = jupyter_data() / "voila" / "templates" / "ehtoolkit"
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True)
    monkeypatch.setattr(validator, "validators", {})

    warm(PageKernels(), templates)

    made = set(validator.validators)
    notebook = nbformat.read(notebooks_folder() / "index.ipynb", as_version=4)
    nbformat.validate(notebook, relax_add_props=True)
    assert made == set(validator.validators) != set()
    assert {name for _, name in templates.cache or {}} == {"queue.html"}
