"""Where things stand on a page, measured in the browser: texts that are cut or printed over each other, targets that
are too small, and where Tab leads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Page

TARGET = 24
"""CSS pixels that something to be operated needs in both directions (WCAG 2.5.8)."""

# Every text that can be seen, with the boxes of its lines.
_TEXTS = """
() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const skipped = ".eh-sr, .eh-skip, script, style, noscript, option, textarea";
  while (walker.nextNode()) {
    const node = walker.currentNode, holder = node.parentElement, words = node.data.trim();
    if (!words || holder.closest(skipped) || !holder.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    found.push({ words, holder, boxes: [...range.getClientRects()] });
  }
  return found;
}
"""

# A text is cut when a part of it lies outside its own box or of one that hides what sticks out; what scrolls by
# itself (.eh-scroll, the contract, a field for many lines, chips and tabs on a phone) shows everything to who scrolls.
# A closed list may cut the name of a file, which it shows when it is opened, and no word of ours.
_CUT = """
(texts) => {
  const found = [], skipped = ".eh-sr, .eh-skip, .eh-scroll, .eh-contract", near = 1.5;
  const slides = (one) => getComputedStyle(one.closest(".eh-chips, .eh-tabs") ?? document.body).overflowX === "auto";
  for (const { words, holder, boxes } of texts) {
    if (holder.closest(skipped) || slides(holder)) continue;
    for (const box of boxes) {
      if (box.right > innerWidth + near || box.left < -near) found.push(`outside the window: ${words}`);
      for (let one = holder; one && one !== document.body; one = one.parentElement) {
        const style = getComputedStyle(one), frame = one.getBoundingClientRect();
        if (style.display === "inline" || style.display === "contents") continue;
        const hides = style.overflowX !== "visible" || one.matches("button, .eh-button, .eh-tag, td, th, .eh-card");
        if (hides && (box.right > frame.right + near || box.left < frame.left - near)) {
          found.push(`wider than ${one.tagName} ${one.className}: ${words}`);
        }
        if (style.overflowY === "hidden" && box.bottom > frame.bottom + 2 * near) {
          found.push(`lower than ${one.tagName} ${one.className}: ${words}`);
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
  return found;
}
"""

# Two texts are printed over each other when boxes of their lines intersect. A box is as high as its font, and higher
# than its letters: lines of one block, and of blocks that touch, share some of that height. What a box that scrolls
# hides is not printed; what stays in its place while the page scrolls (position: sticky, fixed) covers what is below.
_OVERPRINTED = """
(texts) => {
  const near = 2, spare = 0.2, looks = new Map(), found = [];
  const look = (one) => {
    if (looks.has(one)) return looks.get(one);
    const style = getComputedStyle(one), frame = one.getBoundingClientRect();
    const above = one.parentElement ? look(one.parentElement)
      : { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity, layer: null, block: null };
    const inline = style.display === "inline" || style.display === "contents";
    const clips = !inline && style.overflow !== "visible" && one !== document.body && one !== document.documentElement;
    const layer = /sticky|fixed/.test(style.position) ? one : above.layer, block = inline ? above.block : one;
    const room = !clips ? above : {
      left: Math.max(above.left, frame.left), right: Math.min(above.right, frame.right),
      top: Math.max(above.top, frame.top), bottom: Math.min(above.bottom, frame.bottom),
    };
    looks.set(one, { left: room.left, top: room.top, right: room.right, bottom: room.bottom, layer, block });
    return looks.get(one);
  };
  const lines = texts.flatMap(({ words, holder, boxes }) => boxes.map((box) => {
    const room = look(holder), less = box.height * spare;
    return {
      words, layer: room.layer, block: room.block,
      left: Math.max(box.left, room.left), right: Math.min(box.right, room.right),
      top: Math.max(box.top + less, room.top), bottom: Math.min(box.bottom - less, room.bottom),
    };
  })).filter((line) => line.right - line.left > near && line.bottom - line.top > near);
  lines.sort((one, other) => one.top - other.top);
  lines.forEach((upper, n) => {
    for (let m = n + 1; m < lines.length && lines[m].top < upper.bottom - near; m += 1) {
      const lower = lines[m];
      if (lower.block === upper.block || lower.layer !== upper.layer) continue;
      const wide = Math.min(upper.right, lower.right) - Math.max(upper.left, lower.left);
      if (wide > near) found.push(`printed over each other: ${upper.words} / ${lower.words}`);
    }
  });
  return found;
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

_MISFITS = f"""
(least) => {{
  const root = document.documentElement, wide = root.scrollWidth > root.clientWidth, texts = ({_TEXTS.strip()})();
  const found = [...({_CUT.strip()})(texts), ...({_OVERPRINTED.strip()})(texts), ...({_SMALL.strip()})(least)];
  return [...new Set(found), ...(wide ? ["scrolls sideways"] : [])];
}}
"""

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
    found += [f"no outline around {stop.name!r}" for stop in stops if not (stop.outlined or stop.frame)]
    return found + [f"{stop.name!r} has the focus and is covered" for stop in stops if stop.hidden]


def misfits(page: Page) -> list[str]:
    """Words that are cut or printed over others, icons that are wider than their place, targets smaller than `TARGET`,
    and whether the page is wider than its window."""
    found: list[str] = page.evaluate(_MISFITS, TARGET)
    return found
