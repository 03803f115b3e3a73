"""The pages: a form is a model without widgets, the pages of its steps, and a thin view.

Notebooks import from here, and only from here.
"""

from __future__ import annotations

from ehtoolkit.forms.index import open_index

__all__ = ["open_index"]
