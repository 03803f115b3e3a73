"""The process that looks into keystores for an audit: ``python -m ehtoolkit.auditing.worker``.

It is asked file by file over its pipes (`ehtoolkit.system.worker_process`): ``{"path", "passwords", "seconds",
"chains", "scan"}``, answered by ``{"content", "reading", "place", "given_up"}``. A file that keeps it busy costs that
file alone: what asks ends it, and starts another.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ehtoolkit.auditing.file_scan import scan_file
from ehtoolkit.secret import Secret
from ehtoolkit.system.garbage import look_for_garbage_seldom
from ehtoolkit.system.io_timeout import TimeoutGuard
from ehtoolkit.system.worker_process import read_message, take_channel, write_message


def main() -> None:
    """Answer requests, each about one file, until no more come."""
    look_for_garbage_seldom()
    requests, answers = take_channel()
    write_message(answers, {"ready": True})
    patience, scan = TimeoutGuard(), None
    while (request := read_message(requests)) is not None:
        if request["scan"] != scan:  # what hung in an earlier one may answer again
            patience.close()
            scan, patience = request["scan"], TimeoutGuard(float(request["seconds"]))
        content, reading, place = scan_file(
            Path(os.fsdecode(bytes.fromhex(request["path"]))),
            [Secret(one) for one in request["passwords"]],
            patience,
            chains=bool(request["chains"]),
        )
        given_up = [os.fsencode(folder).hex() for folder in patience.given_up]
        seen = {"content": content, "reading": reading.to_json(), "place": place, "given_up": given_up}
        write_message(answers, seen)


if __name__ == "__main__":
    try:
        main()
    except OSError:  # the client is gone
        sys.exit()
