"""Where things stand on a page, measured in the browser: what is cut, what is too small to hit, where Tab leads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Page

TARGET = 24
"""CSS pixels that something to be operated needs in both directions (WCAG 2.5.8)."""

# A text is cut when a part of it lies outside its own box or of one that hides what sticks out; what scrolls by
# itself (.eh-scroll, the contract, a field for many lines) shows everything to who scrolls. A closed list may cut the
# name of a file, which it shows when it is opened, and no word of ours.
_CUT = """
() => {
  const found = [], skipped = ".eh-sr, .eh-skip, .eh-scroll, .eh-contract, script, style, noscript, option, textarea";
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const near = 1.5;
  while (words.nextNode()) {
    const node = words.currentNode, holder = node.parentElement;
    if (!node.data.trim() || holder.closest(skipped) || !holder.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.right > innerWidth + near || box.left < -near) found.push(`outside the window: ${node.data.trim()}`);
      for (let one = holder; one && one !== document.body; one = one.parentElement) {
        const style = getComputedStyle(one), frame = one.getBoundingClientRect();
        if (style.display === "inline" || style.display === "contents") continue;
        const hides = style.overflowX !== "visible" || one.matches("button, .eh-button, .eh-tag, td, th, .eh-card");
        if (hides && (box.right > frame.right + near || box.left < frame.left - near)) {
          found.push(`wider than ${one.tagName} ${one.className}: ${node.data.trim()}`);
        }
        if (style.overflowY === "hidden" && box.bottom > frame.bottom + 2 * near) {
          found.push(`lower than ${one.tagName} ${one.className}: ${node.data.trim()}`);
        }
      }
    }
  }
  for (const icon of document.querySelectorAll(".eh-i")) {
    if (!icon.checkVisibility({ visibilityProperty: true }) || icon.closest(skipped)) continue;
    const holder = icon.parentElement, room = holder.getBoundingClientRect().width;
    const pressed = icon.getBoundingClientRect().width > room + near;
    if (pressed) found.push(`an icon wider than ${holder.tagName} ${holder.className}`);
  }
  const brush = document.createElement("canvas").getContext("2d");
  for (const list of document.querySelectorAll("select")) {
    if (!list.checkVisibility() || list.closest(skipped)) continue;
    const style = getComputedStyle(list), chosen = list.selectedOptions[0]?.label ?? "";
    brush.font = style.font;
    const arrow = 20, room = list.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
    const cut = brush.measureText(chosen).width > room;
    if (cut && !chosen.includes(".p12")) found.push(`wider than its list: ${chosen}`);
  }
  return [...new Set(found)];
}
"""

# What the browser draws for a control is its target, with its label. Links inside a sentence are exempt, as in WCAG.
_SMALL = """
(least) => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest(".eh-sr"))
  .map((one) => [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect()).concat(one))
  .filter((boxes) => !boxes.slice(0, -1).some((box) => box.width >= least && box.height >= least))
  .map((boxes) => boxes.at(-1))
  .filter((one) => !one.matches(".eh-skip"))
  .filter((one) => !(one.matches("a") && getComputedStyle(one).display === "inline"
    && one.closest("p, li, dd, td, .eh-note")?.textContent.trim() !== one.textContent.trim()))
  .map((one) => `${one.outerHTML.slice(0, 120)} ${JSON.stringify(one.getBoundingClientRect())}`)
"""

MISFITS = f"""
(least) => {{
  const root = document.documentElement, wide = root.scrollWidth > root.clientWidth;
  return [...({_CUT.strip()})(), ...({_SMALL.strip()})(least), ...(wide ? ["scrolls sideways"] : [])];
}}
"""
"""Words that are cut, icons that are wider than their place, targets smaller than ``least``, and whether the page is
wider than its window."""

# What has the focus: its place, and whether one sees that it has it. Of a file's field, which is laid invisibly over
# its button, the button is what one sees.
_HELD = """
(before) => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const all = [...document.querySelectorAll("*")];
  const seen = one.matches("input[type=file]") ? one.closest("label") ?? one : one;
  const style = getComputedStyle(seen), box = seen.getBoundingClientRect();
  const within = (value, most) => Math.min(Math.max(value, 0), most - 1);
  const middle = document.elementFromPoint(
    within(box.left + box.width / 2, innerWidth), within(box.top + box.height / 2, innerHeight));
  return {
    place: all.indexOf(one),
    name: `${one.tagName} ${one.id} ${(one.textContent || one.getAttribute("aria-label") || "").trim().slice(0, 40)}`,
    left: box.left + scrollX, right: box.right + scrollX, top: box.top + scrollY, bottom: box.bottom + scrollY,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    hidden: !(middle && (seen.contains(middle) || middle.contains(seen) || one.contains(middle))),
    frame: one.matches("iframe"),
  };
}
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Something that Tab led to. ``place``: its number among all elements; pixels are those of the whole page."""

    place: int
    name: str
    left: float
    right: float
    top: float
    bottom: float
    outlined: bool
    hidden: bool
    frame: bool


def cut_texts(page: Page) -> list[str]:
    """Words that one cannot read in whole, and what cuts them."""
    found: list[str] = page.evaluate(_CUT)
    return found


def small_targets(page: Page) -> list[str]:
    """What can be operated and is smaller than `TARGET`."""
    found: list[str] = page.evaluate(_SMALL, TARGET)
    return found


def held(page: Page) -> Held | None:
    """What has the focus; None: nothing."""
    found = page.evaluate(_HELD)
    return None if found is None else Held(**found)


def tab_through(page: Page, *, limit: int = 150) -> list[Held]:
    """Everything that Tab leads to, from the top of the page until it leaves it."""
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    stops: list[Held] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        now = held(page)
        if now is None or (stops and now.place == stops[0].place):
            return stops
        stops.append(now)
    raise AssertionError("Tab goes on and on")


def disorder(stops: list[Held]) -> list[str]:
    """Where the order of Tab is not the one in which the page is read, or the focus cannot be seen."""
    found = []
    for before, after in pairwise(stops):
        if after.place <= before.place:
            found.append(f"{after.name!r} comes after {before.name!r}, which stands behind it")
        if after.bottom <= before.top and after.right <= before.left:
            found.append(f"from {before.name!r} back up to {after.name!r}")
    found += [f"no outline around {one.name!r}" for one in stops if not (one.outlined or one.frame)]
    return found + [f"{one.name!r} has the focus and is covered" for one in stops if one.hidden]


def misfits(page: Page) -> list[str]:
    """Everything that does not find its place on the window, measured at once."""
    found: list[str] = page.evaluate(MISFITS, TARGET)
    return found
