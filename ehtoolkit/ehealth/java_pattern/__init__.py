"""Regular expressions in Java's syntax, as the platform's list of organisation types has them, applied to numbers.

A matcher of our own: Python's would run for years on a pattern of nested repetitions, and a pattern comes from
elsewhere. This one takes time that grows with the pattern and with the cube of the text, whatever the pattern is.
"""

from __future__ import annotations

from ehtoolkit.ehealth.java_pattern.fitting import LONGEST_TEXT, fits

__all__ = ["LONGEST_TEXT", "fits"]
