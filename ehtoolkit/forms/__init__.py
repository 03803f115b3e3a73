"""The pages: a form is a model without widgets, the pages of its steps, and a thin view.

Notebooks import from here, and only from here.
"""

from __future__ import annotations

from ehtoolkit.forms.complete import open_complete
from ehtoolkit.forms.index import open_index
from ehtoolkit.forms.request import open_request

__all__ = ["open_complete", "open_index", "open_request"]
