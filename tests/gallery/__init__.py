"""The gallery: every page of every form, brought about in this process and shown as a scene, without a browser.

A story is a walk through one form or page of it: a generator that brings about one state after the other, by what the
user's browser would send, and names each. Forms are those that a notebook opens, on a home that was prepared once
(`tests.gallery.homes`); only edges are replaced: the wire to the platform, and cards in readers.

`tests/gallery/test_whole.py` holds that nothing is left out: no step of a form, no last page, no text. The browser's
tests (``tests/browser/test_gallery_*.py``) look at every scene in every language.
"""

from __future__ import annotations

from tests.gallery.stories import STORIES, VARIANTS

__all__ = ["STORIES", "VARIANTS"]
