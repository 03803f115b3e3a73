"""The tree of commands; a group's module is imported only when one of its commands runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

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
        "completion": ("ehtoolkit.cli.completion", "completion", "Completion for a shell."),
        "doctor": ("ehtoolkit.cli.doctor", "doctor", "What is wrong with this computer, and what to do."),
        "etk": ("ehtoolkit.cli.etk", "etk", "The tokens that messages are encrypted with."),
        "keystore": ("ehtoolkit.cli.keystore", "keystore", "Look into keystores."),
        "lab": (_PAGES, "lab", "The notebooks in JupyterLab, as copies that you may change."),
        "message": ("ehtoolkit.cli.message", "message", "Seal messages, and open sealed ones."),
        "provider": ("ehtoolkit.cli.provider", "provider", "The registry of providers."),
        "training": (_TRAINING, "training", "The embedded training platform."),
        "watch": ("ehtoolkit.cli.watch", "watch", "Audits that run by themselves and send messages."),
    },
    name="ehtoolkit",
    help="eHealth certificates of Belgian health care, without Java.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
