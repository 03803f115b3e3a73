"""``ehtoolkit keystore``: one module per command, imported when it runs."""

from __future__ import annotations

from ehtoolkit.cli.help.command import LazyGroup

_HERE = "ehtoolkit.cli.keystore"

keystore = LazyGroup(
    {
        "show": (f"{_HERE}.show", "show", "What is in keystores, with or without their password."),
        "diagnose": (f"{_HERE}.show", "diagnose", "What is wrong with keystores, and what to do."),
        "passwd": (f"{_HERE}.change", "passwd", "Another password, or another protection."),
        "convert": (f"{_HERE}.change", "convert", "Make a sound keystore of another format."),
        "rescue": (f"{_HERE}.change", "rescue", "Save what is sound in a damaged file."),
        "merge": (f"{_HERE}.change", "merge", "Carry old decryption keys over."),
        "export": (f"{_HERE}.export", "export", "Write certificate, chain or ETK certificates."),
        "archive": (f"{_HERE}.archive", "archive", "Put away what a newer keystore has replaced."),
        "rename": (f"{_HERE}.rename", "rename", "Give renamed and copied keystores their normal name."),
    },
    name="keystore",
    help="Look into keystores, repair them, tidy them and change their password.",
)
