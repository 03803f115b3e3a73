"""What the first page would find cold: done once, while the first kernels start and nobody waits."""

from __future__ import annotations

from jinja2 import Environment
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import v4, validate


def warm(specs: KernelSpecManager, templates: Environment) -> None:
    """Compile the schemas by which notebooks are checked, once as they are read and once as they are shown, and the
    page of those who wait; import what the search for kernels needs. That is half of the processor time that the server
    takes for the first page.

    From now on nobody looks whether templates have changed: they are part of the package."""
    templates.auto_reload = False
    templates.get_template("queue.html")
    notebook = v4.new_notebook()
    validate(notebook)
    validate(notebook, relax_add_props=True)
    specs.get_all_specs()
