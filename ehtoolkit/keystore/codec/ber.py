"""The BER of keystores: the walk of `ehtoolkit.crypto.ber` with the limits and the errors of keystores."""

from __future__ import annotations

from ehtoolkit import errors
from ehtoolkit.crypto import ber
from ehtoolkit.keystore.codec import limits


class Element(ber.BerElement):
    """A value of a keystore. Its methods raise `errors.KeystoreDamaged` for a value of another kind."""

    __slots__ = ()

    @staticmethod
    def fault(reason: ber.Fault) -> Exception:
        return errors.KeystoreDamaged(reason=reason)

    @staticmethod
    def excess(reason: ber.Excess, limit: int) -> Exception:
        return errors.LimitExceeded(
            reason="elements" if reason == "values" else reason, value=limit + 1, limit=limit
        )


def parse(data: bytes) -> Element:
    """Return the first value in ``data``; what follows it is ignored.

    Raises `errors.LimitExceeded` (reason ``nesting`` or ``elements``) over a limit, `errors.KeystoreDamaged` (reason
    ``truncated`` or ``structure``) when tags and lengths do not fit together.
    """
    return parse_at(data, 0)


def parse_at(data: bytes, position: int, elements: int = limits.ELEMENTS) -> Element:
    """Return the value that begins at ``position``, with at most ``elements`` values in it. Raises as `parse`."""
    return ber.parse(Element, data, position, ber.Limits(limits.NESTING, elements))


def parse_whole(data: bytes) -> Element:
    """Return the one value that ``data`` is, with nothing behind it. Raises as `parse`."""
    element = parse(data)
    if element.end != len(data):
        raise errors.KeystoreDamaged(reason="structure")
    return element
