"""The tree of commands; a command's module is imported only when the command runs."""

from __future__ import annotations

from typing import Final

from ehtoolkit.cli.command import LazyGroup

COMPLETION: Final = "_EHTOOLKIT_COMPLETE"
"""The variable that is set when a shell asks what could come next."""

app = LazyGroup(
    "ehtoolkit",
    {
        "demo": "pages:demo",
        "serve": "pages:serve",
        "acknowledge": {
            "add": "acknowledge:add",
            "list": "acknowledge:list_acknowledged",
            "remove": "acknowledge:remove",
        },
        "audit": "audit:audit",
        "card": {"list": "card:list_cards", "show": "card:show"},
        "certificate": {
            "request": "certificate.request:request",
            "request-foreigner": "certificate.request:request_foreigner",
            "actors": "certificate.listing:actors",
            "list": "certificate.listing:list_holdings",
            "renew": "certificate.renew:renew",
            "activate": "certificate.finish:activate",
            "complete": "certificate.finish:complete",
            "finish": "certificate.finish:finish",
            "revoke": "certificate.revoke:revoke",
            "session": "certificate.sts_session:session",
            "test": "certificate.test:test",
            "status": "certificate.status:status",
        },
        "completion": "completion:completion",
        "doctor": "doctor:doctor",
        "etk": {"save": "etk:save", "show": "etk:show"},
        "keystore": {
            "show": "keystore.diagnosis:show",
            "diagnose": "keystore.diagnosis:diagnose",
            "passwd": "keystore.change:passwd",
            "convert": "keystore.convert:convert",
            "rescue": "keystore.convert:rescue",
            "merge": "keystore.change:merge",
            "export": "keystore.convert:export",
            "import": "keystore.convert:import_",
            "archive": "keystore.move:archive",
            "rename": "keystore.move:rename",
            "rename-key": "keystore.change:rename_key",
        },
        "lab": "pages:lab",
        "message": {"seal": "message.seal:seal", "open": "message.open:open_"},
        "provider": {
            "add": "provider.records:add",
            "change": "provider.records:change",
            "list": "provider.listing:list_providers",
            "show": "provider.listing:show",
            "remove": "provider.records:remove",
            "period": {name: f"provider.inami_periods:{name}" for name in ("add", "change", "remove")},
            "assign": "provider.records:assign",
            "import": "provider.csv_files:import_providers",
            "export": "provider.csv_files:export_providers",
        },
        "training": {
            "card": "training.people:card",
            "certificates": "training.platform:certificates",
            "clock": "training.platform:clock",
            "discard-keys": "training.discard_keys:discard_keys",
            "mail": "training.messages:mail",
            "mandate": "training.scenario:mandate",
            "messages": "training.messages:messages",
            "people": "training.people:people",
            "reset": "training.platform:reset",
            "return-keys": "training.discard_keys:return_keys",
            "sample": "training.platform:sample",
            "scenario": "training.scenario:scenario",
            "serve": "training.platform:serve",
            "trust": "training.platform:trust",
            "validate": "training.platform:validate",
        },
        "watch": {
            "add": "watch.edit:add",
            "edit": "watch.edit:edit",
            "install": "watch.install:install",
            "list": "watch.stored_watches:list_watches",
            "remove": "watch.stored_watches:remove",
            "run": "watch.run:run",
            "test": "watch.run:test",
        },
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
