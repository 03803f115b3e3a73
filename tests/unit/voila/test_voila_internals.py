"""The undocumented parts of Voila are there, and mean what `voila_internals` takes them for."""

from __future__ import annotations

import inspect

import pytest
from jinja2 import Environment
from tornado.web import RequestHandler
from voila import app, handler, notebook_renderer, utils
from voila.exporter import VoilaExporter
from voila.notebook_renderer import NotebookRenderer
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler

from ehtoolkit.voila.voila_internals import (
    STATIC_ADDRESS,
    TEMPLATES,
    PageRenderer,
    TemplateFileHandler,
    page_routes,
    use_page_renderer,
)


@pytest.fixture
def handlers_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what the handlers make pages with."""
    monkeypatch.setattr(handler, "NotebookRenderer", NotebookRenderer)


@pytest.mark.usefixtures("handlers_renderer")
def test_handlers_look_for_the_renderer_in_their_module() -> None:
    generator = handler.VoilaHandler.get_generator
    assert "NotebookRenderer" in generator.__code__.co_names
    assert generator.__globals__ is vars(handler)
    use_page_renderer()
    assert generator.__globals__["NotebookRenderer"] is PageRenderer


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("_jinja_kernel_start", ["self", "nb", "kernel_id", "kernel_future"]),
        ("_jinja_cell_generator", ["self", "nb", "kernel_id"]),
    ],
)
def test_templates_call_the_overridden_methods(method: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(NotebookRenderer, method)).parameters) == parameters
    assert f"self.{method}" in inspect.getsource(NotebookRenderer.generate_content_generator)


def test_the_renderer_has_an_exporter_with_an_environment() -> None:
    assert "self.exporter = VoilaExporter(" in inspect.getsource(NotebookRenderer.initialize)
    assert isinstance(VoilaExporter().environment, Environment)
    assert notebook_renderer.VoilaExporter is VoilaExporter


def test_routes_are_kept_by_their_handlers() -> None:
    class Own(RequestHandler):
        pass

    rules: list[tuple[object, ...]] = [
        ("a", MultiStaticFileHandler, {"paths": []}),
        ("b", RequestHandler),
        ("c", VoilaShutdownKernelHandler),
        ("d", TemplateStaticFileHandler),
    ]
    assert page_routes(rules, {VoilaShutdownKernelHandler: Own}) == [
        ("a", MultiStaticFileHandler, {"paths": []}),
        ("c", Own),
        ("d", TemplateFileHandler),
    ]


def test_voila_serves_by_the_handlers_that_are_kept() -> None:
    source = inspect.getsource(app.Voila.init_handlers)
    for name in (
        "KernelHandler",
        "VoilaKernelWebsocketHandler",
        "VoilaShutdownKernelHandler",
        "TemplateStaticFileHandler",
        "MultiStaticFileHandler",
        "FileFindHandler",
    ):
        assert f" {name},\n" in source, name
        assert page_routes([("", getattr(app, name))], {}), name


@pytest.mark.parametrize("address", ["ehtoolkit/other/page.js", "ehtoolkit"])
def test_an_address_of_another_form_raises_what_is_caught(address: str) -> None:
    reader = TemplateStaticFileHandler.__new__(TemplateStaticFileHandler)
    with pytest.raises((AssertionError, ValueError)):
        reader.parse_url_path(address)


def test_the_settings_are_called_as_voila_calls_them() -> None:
    assert f'["{TEMPLATES}"]' in inspect.getsource(handler.BaseVoilaHandler.get_template)
    assert f'"{STATIC_ADDRESS}"' in inspect.getsource(utils.get_page_config)


def test_the_server_builds_on_what_voila_has() -> None:
    """`ehtoolkit.voila.server.Server` overrides these and reads those."""
    for method in ("load_config_file", "init_handlers", "listen", "stop"):
        assert callable(getattr(app.Voila, method)), method
    source = inspect.getsource(app.Voila)
    for name in (
        *("template_paths", "static_paths", "labextensions_path", "connection_dir", "kernel_manager"),
        *("kernel_spec_manager", "app", "voila_configuration", "base_url", "ioloop"),
    ):
        assert f"self.{name} = " in source or hasattr(app.Voila, name), name
