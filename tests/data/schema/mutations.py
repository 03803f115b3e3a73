"""Change a message in every small way: each element and attribute, one change at a time, in a fixed order."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

from lxml import etree

Element = etree._Element
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def mutations(message: Element) -> Iterator[tuple[str, Element]]:
    """Yield ``(name, changed message)`` for every change. What is inside a signature stays as it is: the schema of this
    project describes signatures as clients of the platform make them, the public one more widely."""
    for number, element in enumerate(_elements(message)):
        for name, change in _CHANGES.items():
            changed = copy.deepcopy(message)
            if change(list(_elements(changed))[number]):
                yield f"{name} {etree.QName(element).localname} {number}", changed


def _elements(message: Element) -> Iterator[Element]:
    for element in message.iter(etree.Element):
        if not any(above.tag == SIGNATURE for above in element.iterancestors()):
            yield element


def _remove(element: Element) -> bool:
    parent = element.getparent()
    if parent is None:
        return False
    parent.remove(element)
    return True


def _double(element: Element) -> bool:
    if element.getparent() is None:
        return False
    element.addnext(copy.deepcopy(element))
    return True


def _swap(element: Element) -> bool:
    following = element.getnext()
    if following is None or following.tag == element.tag:
        return False
    following.addnext(element)
    return True


def _rename(element: Element) -> bool:
    element.tag = f"{element.tag}X"
    return True


def _leave_namespace(element: Element) -> bool:
    name = etree.QName(element)
    if name.namespace is None:
        return False
    element.tag = name.localname
    return True


def _add_child(element: Element) -> bool:
    etree.SubElement(element, "{urn:example:other}Other").text = "x"
    return True


def _add_attribute(element: Element) -> bool:
    element.set("Other", "x")
    return True


def _set_text(text: str) -> Callable[[Element], bool]:
    def change(element: Element) -> bool:
        if len(element):
            return False
        element.text = text
        return True

    return change


def _change_attributes(value: str | None) -> Callable[[Element], bool]:
    def change(element: Element) -> bool:
        names = list(element.attrib)
        for name in names:
            if value is None:
                del element.attrib[name]
            else:
                element.set(name, value)
        return bool(names)

    return change


_CHANGES: dict[str, Callable[[Element], bool]] = {
    "remove": _remove,
    "double": _double,
    "swap": _swap,
    "rename": _rename,
    "leave namespace of": _leave_namespace,
    "add a child to": _add_child,
    "add an attribute to": _add_attribute,
    "empty": _set_text(""),
    "write a word into": _set_text("word"),
    "write a number into": _set_text("12"),
    "remove the attributes of": _change_attributes(None),
    "empty the attributes of": _change_attributes(""),
    "write words into the attributes of": _change_attributes("some words"),
}
