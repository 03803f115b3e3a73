"""Who gets in: the token, the cookie, the name of the host, and what the server does not serve."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from ehtoolkit.voila.page_chrome import LANGUAGE_COOKIE
from tests.browser.pages import Visit, shoot
from tests.browser.serving import Serving

Answer = tuple[int, http.client.HTTPMessage, str]


def ask(serving: Serving, path: str, *, method: str = "GET", **headers: str) -> Answer:
    """One request by hand: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def cookie_of(serving: Serving) -> str:
    parts = urlsplit(serving.url)
    _, headers, _ = ask(serving, f"{parts.path}?{parts.query}")
    return str(headers["Set-Cookie"]).partition(";")[0]


@pytest.fixture(scope="module")
def plain(demo: Serving) -> Answer:
    """A page as no browser reads it, asked for in another template and theme; its kernel is ended."""
    cookie = cookie_of(demo)
    answer = ask(demo, "/index.ipynb?template=lab&theme=dark", Cookie=cookie)
    end_kernel(demo, cookie, answer)
    return answer


def end_kernel(serving: Serving, cookie: str, answer: Answer) -> None:
    """End the kernel of a page that no browser has opened."""
    mark = next(
        header.partition(";")[0]
        for header in answer[1].get_all("Set-Cookie", [])
        if header.startswith("_xsrf=")
    )
    kernel = re.search(r'data-kernel-id="([\w-]+)"', answer[2])
    assert kernel is not None
    headers = {"Cookie": f"{cookie}; {mark}", "X_XSRFToken": mark.partition("=")[2]}
    assert ask(serving, f"/voila/api/shutdown/{kernel[1]}", method="POST", **headers)[0] == 204


def test_the_token_is_exchanged_for_a_cookie(demo: Serving) -> None:
    parts = urlsplit(demo.url)

    status, headers, _ = ask(demo, f"/?{parts.query}&lang=nl")

    assert status == 302
    assert headers["Location"] == "/index.ipynb?lang=nl"
    cookie = str(headers["Set-Cookie"])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "expires" not in cookie.lower()
    status, headers, _ = ask(demo, "/", Cookie=cookie.partition(";")[0])
    assert (status, headers["Location"]) == (302, "/index.ipynb")


def test_a_token_on_a_page_s_own_address_goes_too(demo: Serving) -> None:
    query = urlsplit(demo.url).query

    status, headers, _ = ask(demo, f"/index.ipynb?{query}&lang=de")

    assert (status, headers["Location"]) == (302, "/index.ipynb?lang=de")


@pytest.mark.parametrize(
    "path", ["/", "/index.ipynb", "/index.ipynb?token=wrong", "/nothing", "/api/kernels/x"]
)
def test_without_the_token_nothing_opens(demo: Serving, path: str) -> None:
    status, headers, body = ask(demo, path, Accept_Language="fr")

    assert status in (302, 403, 404)
    assert "eHealth-platform" not in body
    if status == 302:
        status, _, body = ask(demo, str(headers["Location"]), Accept_Language="fr")
        assert status == 403
        assert "Ouvrez cette page avec l’adresse affichée au démarrage" in body


@pytest.mark.parametrize(
    "host", ["foreign.example", "foreign.example:{port}", "127.0.0.1:1", "[::1]:{port}", ""]
)
@pytest.mark.parametrize("path", ["/", "/index.ipynb", "/voila/templates/ehtoolkit/static/ehtoolkit.css"])
def test_a_foreign_name_is_refused_everywhere(demo: Serving, host: str, path: str) -> None:
    """DNS rebinding: a page of a foreign site that has its name point to this computer."""
    status, headers, body = ask(demo, path, Host=host.format(port=demo.port), Cookie=cookie_of(demo))

    assert status in (400, 421)
    assert "Set-Cookie" not in headers
    assert len(body) < 200


def test_localhost_is_our_name_too(demo: Serving) -> None:
    status, _, _ = ask(demo, "/voila/templates/ehtoolkit/static/favicon.svg", Host=f"localhost:{demo.port}")

    assert status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/index.ipynb",
        "/voila/files/proof.py",
        "/voila/tree",
        "/voila/render/index.ipynb",
        "/voila/api/contents/",
        "/voila/execution/00000000-0000-0000-0000-000000000000",
        "/api/contents",
        "/api/kernels",
        "/files/index.ipynb",
        "/../pyproject.toml",
    ],
)
def test_what_voila_serves_besides_is_not_there(demo: Serving, path: str) -> None:
    status, _, body = ask(demo, path, Cookie=cookie_of(demo))

    assert status == 404
    assert "open_index" not in body


def test_the_template_and_theme_cannot_be_chosen(plain: Answer) -> None:
    _, _, body = plain

    assert '<body class="eh"' in body
    assert 'data-jp-theme-light="true"' in body


def test_the_source_of_a_notebook_stays_here(plain: Answer) -> None:
    _, _, body = plain

    assert "open_index" not in body
    assert "os.environ" not in body


def test_the_page_has_its_own_policy(plain: Answer) -> None:
    _, headers, body = plain

    policy = body.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.startswith("default-src 'self'; script-src 'self' 'unsafe-eval' blob:;")
    assert "http" not in policy
    assert headers["Content-Security-Policy"] == f"{policy}; frame-ancestors 'none'"


@pytest.fixture(scope="class")
def first_page(demo: Serving, visit_of_class: Callable[..., Visit]) -> Visit:
    window = visit_of_class(demo)
    window.open("index")
    return window


class TestTheFirstPage:
    """One page for all of them, until the last one locks it."""

    def test_a_page_runs_no_code_that_it_did_not_bring(self, first_page: Visit, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        page = first_page.page

        # What is asked afterwards is answered: the kernel has had what was sent before, if it came through.
        page.evaluate(
            "async (code) => { const { kernel } = window.jupyterapp.widgetManager;"
            " kernel.requestExecute({ code }); await kernel.requestKernelInfo(); }",
            f"open({str(mark)!r}, 'w').close()",
        )

        assert not mark.exists()

    def test_another_site_s_page_gets_no_websocket(self, first_page: Visit, demo: Serving) -> None:
        page = first_page.page
        kernel = page.evaluate("() => document.body.dataset.kernelId")
        own = "; ".join(f"{cooky['name']}={cooky['value']}" for cooky in page.context.cookies())

        def status(origin: str, cookie: str, **more: str) -> int:
            upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
            key = "MDEyMzQ1Njc4OWFiY2RlZg=="
            path = f"/api/kernels/{kernel}/channels"
            return ask(demo, path, Cookie=cookie, Origin=origin, Sec_WebSocket_Key=key, **upgrade, **more)[0]

        assert status(demo.base, own) == 101
        assert status("http://foreign.example", own) == 403
        assert status("http://127.0.0.1:1", own) == 403
        assert status(demo.base, "") == 403
        token = dict(parse_qsl(urlsplit(demo.url).query))["token"]
        assert status("http://foreign.example", own, Authorization=f"token {token}") == 403

    def test_the_locked_page_says_what_to_do(self, first_page: Visit, demo: Serving) -> None:
        window = first_page
        kept = window.page.context.cookies()
        window.page.context.clear_cookies()

        window.page.goto(f"{demo.base}/index.ipynb")

        expect(window.page.get_by_role("heading", level=1)).to_contain_text("adresse affichée au démarrage")
        shoot(window.page, "locked")
        window.page.context.add_cookies(kept)  # type: ignore[arg-type]  # with them its kernel is ended


def test_the_log_does_not_hold_the_token(demo: Serving) -> None:
    token = urlsplit(demo.url).query.partition("=")[2]
    ask(demo, f"/nothing.ipynb?token={token}")

    assert token not in "".join(demo.log)


@pytest.mark.parametrize("host", ["[::1", "[::1]", "127.0.0.1:x", "a\0b", ""])
def test_an_odd_name_of_a_host_leaves_no_traceback(demo: Serving, host: str) -> None:
    before = len(demo.log)
    with socket.create_connection(("127.0.0.1", demo.port), timeout=30) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            assert answer.readline().split()[1] in {b"400", b"421"}
    assert "Traceback" not in "".join(demo.log[before:])


@pytest.mark.parametrize("path", ["/manual?lang=%ff", "/nothing?lang=%ff", "/frame/index?lang=%ff"])
def test_a_language_that_is_no_text_is_passed_over(demo: Serving, path: str) -> None:
    before = len(demo.log)
    _, headers, body = ask(demo, path, Cookie=cookie_of(demo))
    assert "<html" in body or "eh-" in body
    assert LANGUAGE_COOKIE not in str(headers.get_all("Set-Cookie"))
    assert "Traceback" not in "".join(demo.log[before:])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/voila/templates/x/y/z"),
        ("GET", "/voila/templates/x"),
        ("GET", "/voila/templates/../../etc/passwd"),
        ("GET", "/voila/templates/ehtoolkit/static/../x"),
        ("HEAD", "/voila/templates/ehtoolkit/static/"),
        ("GET", "/voila/templates/ehtoolkit/static/%00"),
        ("PUT", "/index.ipynb"),
        ("DELETE", "/"),
        ("BREW", "/index.ipynb"),
        ("GET", "/api/kernels/00000000-0000-0000-0000-000000000000/channels"),
        ("POST", "/voila/api/shutdown/00000000-0000-0000-0000-000000000000"),
        ("GET", "/static/%00"),
        ("GET", "/nothing/at/all"),
    ],
)
def test_odd_addresses_leave_neither_token_nor_traceback(demo: Serving, method: str, path: str) -> None:
    parts = urlsplit(demo.url)
    before = len(demo.log)
    for cookie in ("", cookie_of(demo)):
        status, _, _ = ask(demo, f"{path}?{parts.query}", method=method, Cookie=cookie)
        assert status < 500 or status == 501

    log = "".join(demo.log)
    assert parts.query.partition("=")[2] not in log
    # Of these requests alone: a kernel of an earlier test that is ended may say how.
    assert "Traceback" not in "".join(demo.log[before:])


def arrived_cookie(serving: Serving) -> str:
    """The cookie of a browser that has asked for its first page since it showed the token."""
    cookie = cookie_of(serving)
    ask(serving, "/index.ipynb", Cookie=cookie, Sec_Fetch_Dest="image")
    return cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "document"},
        {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Site": "same-site", "extra": "; eh-arrived=1"},
    ],
)
def test_another_site_starts_no_kernel(demo: Serving, headers: dict[str, str]) -> None:
    """Nor does another port of this computer, nor anything but the page of a tab."""
    cookie = arrived_cookie(demo) + headers.pop("extra", "")

    status, _, body = ask(demo, "/index.ipynb?lang=en", Cookie=cookie, **headers)

    assert status == 200
    assert "data-kernel-id" not in body
    assert 'href="/index.ipynb?lang=en"' in body


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_the_user_and_our_pages_start_kernels(demo: Serving, site: str) -> None:
    cookie = arrived_cookie(demo)
    answer = ask(demo, "/index.ipynb", Cookie=cookie, Sec_Fetch_Site=site, Sec_Fetch_Dest="document")
    end_kernel(demo, cookie, answer)


def test_the_first_page_after_the_token_may_come_from_anywhere(demo: Serving) -> None:
    """The page that the command opens is a file, and for a browser another site."""
    parts = urlsplit(demo.url)
    status, headers, _ = ask(demo, f"/?{parts.query}", Sec_Fetch_Site="cross-site")
    assert status == 302
    cookie = str(headers["Set-Cookie"]).partition(";")[0]

    first = ask(demo, "/index.ipynb", Cookie=cookie, Sec_Fetch_Site="cross-site")
    second = ask(demo, "/index.ipynb", Cookie=cookie, Sec_Fetch_Site="cross-site")

    end_kernel(demo, cookie, first)
    assert "data-kernel-id" not in second[2]


def test_a_port_that_is_taken_is_not_exchanged(
    demo: Serving, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Somebody named it: a proxy, a bookmark, a colleague waits there."""
    home = tmp_path_factory.mktemp("second") / "home"

    with pytest.raises(RuntimeError, match="already in use"):
        Serving(["-m", "ehtoolkit", "demo", "--no-browser", "--port", str(demo.port)], home)

    assert not list(home.glob("open-*.html"))
