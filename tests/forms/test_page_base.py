"""What parts of a page get from their page: tasks that end with it, and downloads inside its error boundary."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import ehtoolkit.forms
from ehtoolkit import errors
from ehtoolkit.forms.engine.task import TaskRunner
from ehtoolkit.forms.widgets.files import Download, DownloadFile
from tests.forms.player import SomePage
from tests.support.ipywidgets_internals import send_to

FORMS = Path(ehtoolkit.forms.__file__).parent


def makers(name: str) -> set[str]:
    """Return the modules of the forms that call the class ``name``."""
    return {
        path.relative_to(FORMS).as_posix()
        for path in FORMS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }


@pytest.mark.parametrize("kind", [Download, TaskRunner])
def test_only_the_page_makes(kind: type[Any]) -> None:
    assert makers(kind.__name__) == {"engine/page_base.py"}


@pytest.mark.parametrize("error", [errors.FileUnreadable(path="a.p12"), OSError("no such file")])
def test_what_a_download_raises_is_shown_and_nothing_is_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    page = SomePage(tmp_path)
    wrong: list[Exception] = [error]

    def make() -> DownloadFile:
        if wrong:
            raise wrong.pop()
        return DownloadFile("a.p12", b"content")

    download, sent = page.download("Save", make), list[Any]()
    monkeypatch.setattr(download, "send", lambda content, buffers: sent.append((content["name"], *buffers)))
    send_to(download, {"action": "want"})
    assert (page.failures, sent) == ([error], [])
    send_to(download, {"action": "want"})
    assert sent == [("a.p12", b"content")]
