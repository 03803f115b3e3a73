"""The process that looks into keystores for an audit: ``python -m ehtoolkit.auditing.scan.worker``.

It is asked file by file over its pipes (`ehtoolkit.system.worker_process`): ``{"path", "passwords", "seconds",
"chains"}``, and answers as `ehtoolkit.auditing.scan.scan_result.answer_of` has it. A file that keeps
it busy costs that file alone: what asks ends it, and starts another.
"""

from __future__ import annotations

import sys

from ehtoolkit.auditing.scan.file_scan import scan_file
from ehtoolkit.auditing.scan.scan_result import answer_of, path_from_json
from ehtoolkit.secret import Secret
from ehtoolkit.system.garbage import look_for_garbage_seldom
from ehtoolkit.system.io_timeout import TimeoutGuard
from ehtoolkit.system.worker_process import read_message, take_channel, write_message


def main() -> None:
    """Answer requests, each about one file, until no more come."""
    look_for_garbage_seldom()
    requests, answers = take_channel()
    write_message(answers, {"ready": True})
    patience: TimeoutGuard | None = None
    while (request := read_message(requests)) is not None:
        patience = patience or TimeoutGuard(float(request["seconds"]))
        facts = scan_file(
            path_from_json(request["path"]),
            [Secret(password) for password in request["passwords"]],
            patience,
            chains=bool(request["chains"]),
        )
        write_message(answers, answer_of([facts], patience.given_up))


if __name__ == "__main__":
    try:
        main()
    except OSError:  # the client is gone
        sys.exit()
