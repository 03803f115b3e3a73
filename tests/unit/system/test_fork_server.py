"""The process that forks: its end."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from ehtoolkit.system.worker_process import command_of
from ehtoolkit.voila.warm_process import FORK_SERVER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


def test_it_ends_without_a_traceback_when_its_asker_ended_during_the_imports() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        ours.close()
        done = subprocess.run(
            [*command_of(FORK_SERVER), str(theirs.fileno()), "json"],
            pass_fds=[theirs.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")
