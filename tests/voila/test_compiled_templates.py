"""A template of pages is compiled once, though Voila makes an environment for each page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import jinja2
import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from traitlets.config import Config
from voila.configuration import VoilaConfiguration

from ehtoolkit.voila.kernels import PageKernels
from ehtoolkit.voila.voila_internals import CompiledTemplates, PageRenderer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Templates that are no page's, so that nothing is compiled of them yet."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "index.html.j2").write_text(
        "{% import 'part.html.j2' as part %}{{ part.word() }}", encoding="utf-8"
    )
    (folder / "part.html.j2").write_text("{% macro word() %}first{% endmacro %}", encoding="utf-8")
    return folder


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that jinja has compiled."""
    names: list[str] = []
    real = jinja2.Environment.compile

    def compiled(self: jinja2.Environment, source: Any, name: str, *rest: Any, **more: Any) -> Any:
        names.append(name)
        return real(self, source, name, *rest, **more)

    monkeypatch.setattr(jinja2.Environment, "compile", compiled)
    return names


def test_the_second_page_compiles_nothing(tmp_path: Path, folder: Path, compilations: list[str]) -> None:
    notebook = tmp_path / "page.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), notebook)

    def page() -> str:
        contents = LargeFileManager(root_dir=str(tmp_path))
        renderer = PageRenderer(
            voila_configuration=VoilaConfiguration(template="ehtoolkit"),
            traitlet_config=Config(),
            notebook_path=notebook.name,
            template_paths=[str(folder)],
            contents_manager=contents,
            kernel_spec_manager=PageKernels(),
            base_url="/",
            page_config={},
        )
        asyncio.run(renderer.initialize())
        contents.notary.store.close()  # a database of signatures
        return asyncio.run(_whole(renderer.exporter.template))

    assert page() == "first"
    assert compilations == ["index.html.j2", "part.html.j2"]
    assert page() == "first"
    assert compilations == ["index.html.j2", "part.html.j2"]


async def _whole(template: jinja2.Template) -> str:
    return "".join([part async for part in template.generate_async()])


def test_a_changed_template_is_compiled_again(folder: Path, compilations: list[str]) -> None:
    kept = CompiledTemplates()

    def word() -> str:
        templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder), bytecode_cache=kept, autoescape=True
        )
        return templates.get_template("index.html.j2").render()

    assert word() == "first"
    (folder / "part.html.j2").write_text("{% macro word() %}second{% endmacro %}", encoding="utf-8")
    assert word() == "second"
    assert compilations == ["index.html.j2", "part.html.j2", "part.html.j2"]
