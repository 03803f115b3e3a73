"""The undocumented parts of Voila's and ipywidgets' scripts are there by the names that ``internals.js`` has, and the
classes of their elements by those that the style sheet has."""

from __future__ import annotations

import re
from functools import cache

import pytest
from voila.configuration import VoilaConfiguration
from voila.paths import collect_static_paths
from voila.utils import get_voila_labextensions_path

from ehtoolkit.voila.configuration import jupyter_data
from ehtoolkit.voila.joined_scripts import page_script

pytestmark = pytest.mark.interop
"""Of the locked versions: with others, whose scripts have other pieces, pages load them one by one."""
STATIC = jupyter_data() / "voila/templates/ehtoolkit/static"
OURS = (STATIC / "internals.js").read_text(encoding="utf-8")
STYLE = (STATIC / "ehtoolkit.css").read_text(encoding="utf-8")


@cache
def scripts() -> str:
    """The scripts of others that a page loads."""
    extensions = get_voila_labextensions_path(VoilaConfiguration().extra_labextensions_path)
    script = page_script(collect_static_paths(["voila", "nbconvert"], "base"), extensions)
    assert script is not None
    return script.decode()


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("kernelId", r'\.getOption\("kernelId"\)'),
        ("voila_finish", r"window\.voila_finish\(\)"),
        ("jupyterapp", r"window\.jupyterapp=\w"),
        ("widgetManager", r"get widgetManager\(\)\{|set widgetManager\("),
        ("registeredModels", r"get registeredModels\(\)\{"),
        ("get_model", r"async get_model\(\w+\)\{.{0,400}widget model not found"),
        ("has_model", r"has_model\(\w+\)\{return void 0!==this\._models\[\w+\]\}"),
        ("handle_comm_open", r"await this\.handle_comm_open\(\w+,\w+\)"),
        (
            "_create_comm",
            r'_create_comm\(\w+,\w+,\w+,\w+,\w+,\w+\)\{|await this\._create_comm\("jupyter\.widget",',
        ),
        ("restored", r"get restored\(\)\{return this\._restored\}"),
        ("restoredStatus", r"get restoredStatus\(\)\{return this\._restoredStatus\}"),
        ("jsServicesComm", r"constructor\((\w+)\)\{this\.jsServicesComm=\1\}"),
        ("on_msg", r"on_msg\((\w+)\)\{this\.jsServicesComm\.onMsg=\1\.bind\(this\)\}"),
        ("onMsg", r"set onMsg\((\w+)\)\{this\._onMsg=\1\}"),
        ("jupyter.widget.control", r'"jupyter\.widget\.control"'),
    ],
)
def test_the_scripts_have_the_name(name: str, theirs: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", OURS), "no longer used"
    assert re.search(theirs, scripts(), re.DOTALL), "gone, or written otherwise"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\.((?:lm|jp|jupyter|widget)-[\w-]+)", STYLE))))
def test_the_scripts_have_the_class_that_the_style_is_for(name: str) -> None:
    assert re.search(rf"(?<![\w-]){name}(?![\w-])", scripts())
