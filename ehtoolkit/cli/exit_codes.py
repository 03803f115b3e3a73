"""Exit codes of all commands; those of errors are in `ehtoolkit.errors`."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """A script tells by it what has to be done; docs/CLI.md says the same."""

    FINE = 0
    NOT_FINE = 1
    """What was asked about is not fine: a finding, something due, refused."""
    USAGE = 2
    """The command line, a setting, or a file or folder that it names."""
    WAITING = 3
    """Not yet delivered, or checked by a person."""
    CARD = 4
    """The card or its PIN."""
    PLATFORM = 5
    """The platform is unreachable, or its answer not to be trusted, or not understood."""
    STORAGE = 6
    """A file that was to be written is there already, is busy or cannot be written; or there is no use of the
    registry; or a message could not be sent. Nothing is said about what was asked."""
    FAULT = 70
    """A fault of the program itself (EX_SOFTWARE of sysexits.h)."""
    STOPPED = 130
    """By Ctrl+C, in an audit by SIGTERM, too, or by an answer at the terminal; as shells have it for SIGINT."""
    UNREAD = 141
    """What read our output has gone; as shells have it for SIGPIPE."""
