"""An audit as lines for a terminal, or for the text of a mail."""

from __future__ import annotations

from ehtoolkit.audit.audit import Audit
from ehtoolkit.audit.masking import masked
from ehtoolkit.finding import told as told_of
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable


def text_lines(audit: Audit, texts: Translator, *, pressing: bool = False, full: bool = False) -> str:
    """Each finding with what it is about and the next step, and a line with numbers. ``pressing``: only why something
    is due, and nothing at all when nothing is."""
    noted = [one for one in audit.noted if not pressing or audit.is_pressing(one)]
    if pressing and not noted:
        return ""
    lines: list[str] = []
    for one in noted:
        lines.append(told_of(one.finding.severity, one.finding.message(texts), texts))
        about = "  ".join(filter(None, (one.provider and one.provider[1], one.file)))
        if about:
            lines.append(f"    {about}")
        lines.append(f"    → {one.finding.next_step(texts)}")
    counts = {"keystores": len(audit.keystores), "providers": len(audit.providers), "findings": len(noted)}
    lines.append(texts.get("cli.audit.counts", **counts))
    if audit.passed_over and not pressing:
        lines.append(texts.get("cli.audit.passed_over", count=audit.passed_over))
    if not audit.asked_revocation and not pressing:
        lines.append(texts.get("cli.audit.unasked"))
    text = "".join(f"{printable(line)}\n" for line in lines)
    return text if full else masked(text)
