"""Where the Request form leads when something stands in the way, and whether the user may go on all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.forms.lead import Lead


def leads_past(error: errors.EhToolkitError) -> Iterator[Lead]:
    """The forms that go on with what is there already, the likeliest first."""
    path, reason = error.facts.get("path"), error.facts.get("reason")
    file = None if path is None else Path(str(path)).name
    match error:
        case errors.NeverSent():
            yield Lead.to("request", "complete.never_sent.resume", file, "resume")
        case errors.RequestWaiting() if reason != "elsewhere":
            yield Lead.to("complete", "troubleshoot.complete.link", file)
        case errors.CertificateInForce():
            if reason == "renewable":
                yield Lead.to("renew", "index.renew", file)
            yield Lead.to("revoke", "index.revoke", file)


def may_insist(error: errors.EhToolkitError) -> bool:
    """Whether a second request makes sense. The platform refuses one for a certificate in force that cannot be replaced
    yet, so that is not offered."""
    if isinstance(error, errors.CertificateInForce):
        return error.facts.get("reason") == "renewable"
    return isinstance(error, errors.RequestWaiting | errors.NeverSent)
