"""The platform's own HTML, shown where it can neither do nor fetch anything."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Unicode

from ehtoolkit.forms.widgets.esm import esm

# The frame is sandboxed without any permission, and its own policy allows nothing but styles in the text. A body
# that takes the focus can be scrolled by keyboard. Whatever the text brings, it is black on white.
_HEAD = (
    '<!doctype html><html><head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<style>:root{color-scheme:light;background:#fff}"
    "body{margin:1rem 1.25rem;color:#16211f;"
    "font:400 17px/1.55 'Segoe UI',Roboto,'Noto Sans','Open Sans','DejaVu Sans',Arial,sans-serif;"
    "overflow-wrap:break-word}h1{font-size:1.375rem;line-height:1.3}h2{font-size:1.125rem;line-height:1.35}"
    "body:focus{outline:3px solid #0b5b70;outline-offset:.6rem}</style>"
    '</head><body tabindex="0">'
)


class ContractFrame(AnyWidget):  # type: ignore[misc]
    """``label`` is the name that a screen reader says for the frame."""

    _esm = esm("frame")
    label: str = Unicode().tag(sync=True)
    document: str = Unicode().tag(sync=True)

    def __init__(self, label: str, html: str) -> None:
        super().__init__(label=label, document=_HEAD + html)
