"""``ehtoolkit certificate``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

certificate = LazyGroup(
    "certificate",
    "ehtoolkit.cli.certificate",
    {
        "request": "request:request",
        "request-foreigner": "request_foreigner:request_foreigner",
        "actors": "actors:actors",
        "list": "list:list_holdings",
        "renew": "renew:renew",
        "activate": "activate:activate",
        "complete": "complete:complete",
        "finish": "finish:finish",
        "revoke": "revoke:revoke",
        "session": "sts_session:session",
        "test": "test:test",
        "status": "status:status",
    },
)
