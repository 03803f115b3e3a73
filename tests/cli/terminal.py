"""Run a command at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess


def at_a_terminal(command: list[str], typed: bytes = b"") -> tuple[int, str]:
    """Exit code and everything that a terminal shows. ``typed``: what was typed before anything is asked."""
    screen, terminal = pty.openpty()
    shown = bytearray()
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(screen, typed)
        while True:
            try:
                part = os.read(screen, 4096)
            except OSError:  # Linux says so when nobody is at the other end any more
                break
            if not part:
                break
            shown += part
    os.close(screen)
    return process.returncode, shown.decode()
