"""Examples for the help of each command, and the shared options that do something for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PASSWORDS: Final = ("password_file", "passwords")
_CARD: Final = ("card", "pin_file")
_PLATFORM: Final = ("environment", "trace", "keystore_folder", "yes_production")

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "secrets": (*_CARD, "accept_terms", *_PASSWORDS, "new_password_file"),
    "platform": _PLATFORM,
    "output": ("as_json", "lang", "quiet", "verbose"),
}
"""The shared options in groups, by their names in `ehtoolkit.cli.session.Options`."""

_ALWAYS: Final = SECTIONS["output"]
_REQUESTS: Final = (*_CARD, "accept_terms", "new_password_file", *_PLATFORM)
_ON_FILES: Final = (*_PASSWORDS, "keystore_folder")
_USED: Final[Mapping[str, tuple[str, ...]]] = {
    "audit": ("environment", *_PASSWORDS),
    "card": ("card", *_PLATFORM),
    "certificate actors": (*_CARD, *_PLATFORM),
    "certificate list": (*_CARD, *_PLATFORM),
    "certificate request": (*_REQUESTS, *_PASSWORDS),
    "certificate request-foreigner": ("accept_terms", "new_password_file", *_PASSWORDS, *_PLATFORM),
    "certificate renew": (*_REQUESTS, *_PASSWORDS),
    "certificate revoke": (*_CARD, "accept_terms", *_PASSWORDS, *_PLATFORM),
    "certificate": (*_PASSWORDS, *_PLATFORM),
    "completion": (),
    "demo": (),
    "doctor": (*_CARD, *_PASSWORDS, *_PLATFORM),
    "etk": _PLATFORM,
    "keystore show": (*_ON_FILES, "environment"),
    "keystore diagnose": (*_ON_FILES, "environment"),
    "keystore passwd": (*_ON_FILES, "new_password_file", "environment", "yes_production"),
    "keystore convert": (*_ON_FILES, "new_password_file", "environment", "yes_production"),
    "keystore rescue": (*_ON_FILES, "new_password_file", "environment", "yes_production"),
    "keystore merge": (*_ON_FILES, "environment", "yes_production"),
    "keystore archive": (*_ON_FILES, "environment", "yes_production"),
    "keystore rename": (*_ON_FILES, "environment", "yes_production"),
    "keystore": _ON_FILES,
    "lab": ("card", *_PLATFORM),
    "message": (*_PASSWORDS, *_PLATFORM),
    "message open": (*_PASSWORDS, "environment", "trace", "keystore_folder"),
    "provider assign": ("environment", *_ON_FILES),
    "provider": ("environment",),
    "serve": ("card", *_PLATFORM),
    "training discard-keys": _ON_FILES,
    "training return-keys": ("keystore_folder",),
    "training serve": ("trace",),
    "training": (),
    "watch add": ("environment", *_PASSWORDS),
    "watch": (),
}
"""By the beginning of a command, the longest that fits. All others of the shared options are accepted, and hidden."""

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("ehtoolkit demo", "ehtoolkit audit keystores --passwords passwords.csv", "ehtoolkit doctor"),
    "demo": ("ehtoolkit demo --port 8866",),
    "serve": ("ehtoolkit serve --environment acceptance",),
    "audit": (
        "ehtoolkit audit keystores --passwords passwords.csv --due-within 90d",
        "ehtoolkit audit keystores --passwords passwords.csv -o audit.xlsx",
        "ehtoolkit audit keystores --passwords passwords.csv --per-practice -o reports --lang fr",
        "ehtoolkit audit /srv/keystores --scheduler tls://cluster.example.be:8786 --passwords passwords.csv",
    ),
    "card": ("ehtoolkit card show",),
    "card list": ("ehtoolkit card list --card pkcs11:",),
    "card show": ("ehtoolkit card show --card training:elise",),
    "certificate": ("ehtoolkit certificate list",),
    "certificate request": (
        'ehtoolkit certificate request --email you@example.be --phone "+32 2 555 01 42"',
        'ehtoolkit certificate request --organisation CBE=0999560848 --email you@example.be --phone "+32 2 555 01 42"',
    ),
    "certificate request-foreigner": ("ehtoolkit certificate request-foreigner --resume prepared.p12",),
    "certificate actors": ("ehtoolkit certificate actors --types",),
    "certificate list": ("ehtoolkit certificate list --verbose",),
    "certificate renew": ('ehtoolkit certificate renew "SSIN=79031421872 20261124-101204.p12"',),
    "certificate activate": ('ehtoolkit certificate activate "SSIN=79031421872 20290924-101204.p12"',),
    "certificate complete": ('ehtoolkit certificate complete "SSIN=79031421872 20261124-101204.p12"',),
    "certificate revoke": (
        'ehtoolkit certificate revoke "SSIN=79031421872 20261124-101204.p12" --reason lost',
    ),
    "certificate session": ('ehtoolkit certificate session "SSIN=79031421872 20261124-101204.p12"',),
    "certificate test": ('ehtoolkit certificate test "SSIN=79031421872 20261124-101204.p12" --offline',),
    "certificate status": ('ehtoolkit certificate status "SSIN=79031421872 20261124-101204.p12"',),
    "completion": (
        'eval "$(ehtoolkit completion bash)"',
        "ehtoolkit completion powershell >> $PROFILE",
    ),
    "doctor": ('ehtoolkit doctor "SSIN=79031421872 20261124-101204.p12" --says "SOA-01002"',),
    "etk": ("ehtoolkit etk show SSIN=79031421872",),
    "etk show": ("ehtoolkit etk show SSIN=79031421872",),
    "keystore": ("ehtoolkit keystore diagnose *.p12 --passwords passwords.csv",),
    "keystore show": ("ehtoolkit keystore show *.p12",),
    "keystore diagnose": ("ehtoolkit keystore diagnose *.p12 --passwords passwords.csv --online",),
    "keystore passwd": ("ehtoolkit keystore passwd old.p12 --profile compatible",),
    "keystore convert": ("ehtoolkit keystore convert old.jks -o new.p12",),
    "keystore rescue": ("ehtoolkit keystore rescue damaged.p12 -o rescued.p12",),
    "keystore merge": ("ehtoolkit keystore merge new.p12 --from old.p12",),
    "keystore export": ("ehtoolkit keystore export a.p12 --certificate -o a.pem",),
    "keystore archive": ("ehtoolkit keystore archive keystores --dry-run",),
    "keystore rename": ("ehtoolkit keystore rename copy.p12 --dry-run",),
    "lab": ("ehtoolkit lab --folder notebooks",),
    "message": ("ehtoolkit message open letter.msg -o letter.xml",),
    "message open": ("ehtoolkit message open letter.msg -o letter.xml",),
    "message seal": (
        "ehtoolkit message seal letter.xml -o letter.msg --keystore a.p12 --to SSIN=79031421872",
    ),
    "provider": ("ehtoolkit provider list --findings",),
    "provider add": ("ehtoolkit provider add --name Vandamme --niss 79031421872 --type doctor",),
    "provider change": ('ehtoolkit provider change Vandamme --practice "Les Tilleuls"',),
    "provider list": ("ehtoolkit provider list --findings",),
    "provider show": ("ehtoolkit provider show Vandamme",),
    "provider remove": ("ehtoolkit provider remove Vandamme --yes",),
    "provider period": ("ehtoolkit provider period add Vandamme --start 2026-01-01",),
    "provider period add": ("ehtoolkit provider period add Vandamme --start 2026-01-01",),
    "provider period change": ("ehtoolkit provider period change Vandamme 1 --end 2026-12-31",),
    "provider period remove": ("ehtoolkit provider period remove Vandamme 1",),
    "provider assign": ('ehtoolkit provider assign Vandamme "SSIN=79031421872 20261124-101204.p12"',),
    "provider import": ("ehtoolkit provider import providers.csv --dry-run",),
    "provider export": ("ehtoolkit provider export -o providers.csv",),
    "training": ("ehtoolkit training clock +1d",),
    "training card": ("ehtoolkit training card --unplug elise",),
    "training certificates": ("ehtoolkit training certificates",),
    "training clock": ("ehtoolkit training clock +34mo",),
    "training mail": ("ehtoolkit training mail",),
    "training discard-keys": ('ehtoolkit training discard-keys "SSIN=79031421872 20290924-101204.p12"',),
    "training mandate": ('ehtoolkit training mandate elise CBE=0999560848 on --name "Les Tilleuls"',),
    "training messages": ("ehtoolkit training messages --save 1 -o letter.msg",),
    "training people": ("ehtoolkit training people --add Ann Peeters --born 1979-03-14 --gender F",),
    "training reset": ("ehtoolkit training reset",),
    "training return-keys": ("ehtoolkit training return-keys",),
    "training sample": ("ehtoolkit training sample",),
    "training scenario": ("ehtoolkit training scenario slow on --seconds 5",),
    "training serve": ("ehtoolkit training serve --port 8097",),
    "training trust": ("ehtoolkit training trust authority.pem",),
    "training validate": ("ehtoolkit training validate 0123456789abcdef0123456789abcdef01234567",),
    "watch": ("ehtoolkit watch run",),
    "watch add": (
        "ehtoolkit watch add tilleuls --folder keystores --mail it@example.be --smtp mail.example.be",
    ),
    "watch install": ("ehtoolkit watch install --dry-run",),
    "watch list": ("ehtoolkit watch list",),
    "watch remove": ("ehtoolkit watch remove tilleuls",),
    "watch run": ("ehtoolkit watch run tilleuls",),
    "watch test": ("ehtoolkit watch test tilleuls",),
}
"""By command, lines that can be typed."""


def used_options(command: str) -> frozenset[str]:
    """Return the shared options that do something for ``command`` (as it is typed, without the program's name); all of
    them for a command that is not in the table."""
    words = command.split()
    for count in range(len(words), 0, -1):
        if (used := _USED.get(" ".join(words[:count]))) is not None:
            return frozenset((*_ALWAYS, *used))
    return frozenset(name for names in SECTIONS.values() for name in names)
