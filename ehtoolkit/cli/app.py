"""The tree of commands; a group's module is imported only when one of its commands runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


# ── Groups whose commands are imported when they run ─────────────────────────────────────────────────────
class LazyGroup(click.Group):
    """A group whose commands are named by ``name -> (module, attribute, help)`` and imported on use."""

    def __init__(self, lazy: Mapping[str, tuple[str, str, str]], **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # click's own keyword arguments
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, attribute, _ = self._lazy[cmd_name]
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in self._lazy.items()])


# ── The tree of commands ─────────────────────────────────────────────────────────────────────────────────
_CERTIFICATE = "ehtoolkit.cli.certificate"
_TRAINING = "ehtoolkit.cli.training"
_PAGES = "ehtoolkit.cli.pages"

app = LazyGroup(
    {
        "demo": (_PAGES, "demo", "Everything embedded, with invented people; opens the pages."),
        "serve": (_PAGES, "serve", "The pages on the configured environment."),
        "audit": ("ehtoolkit.cli.audit", "audit", "Folders of keystores and the registry: what is due."),
        "card": ("ehtoolkit.cli.card", "card", "Read the card."),
        "certificate": (_CERTIFICATE, "certificate", "Ask for, complete and follow a certificate."),
        "doctor": ("ehtoolkit.cli.doctor", "doctor", "What is wrong with this computer, and what to do."),
        "etk": ("ehtoolkit.cli.etk", "etk", "The tokens that messages are encrypted with."),
        "keystore": ("ehtoolkit.cli.keystore", "keystore", "Look into keystores."),
        "message": ("ehtoolkit.cli.message", "message", "Seal messages, and open sealed ones."),
        "provider": ("ehtoolkit.cli.provider", "provider", "The registry of providers."),
        "training": (_TRAINING, "training", "The embedded training platform."),
        "watch": ("ehtoolkit.cli.watch", "watch", "Audits that run by themselves and send messages."),
    },
    name="ehtoolkit",
    help="eHealth certificates of Belgian health care, without Java.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
