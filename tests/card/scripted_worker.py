"""Stands in for a worker process and its module: answers as its script says.

``scripted_worker.py SCRIPT MODULE``: SCRIPT is a JSON file with a list of steps per call. A step is
``{"sleep": seconds}``, ``{"progress": true}``, ``{"exit": code}``, or the answer, ``{"result": …}`` or
``{"error": …, "facts": …}``. Requests are written beside the script, one a line, into ``<SCRIPT>.requests``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from ehtoolkit.system.worker_process import read_message, write_message


def main(script: Path) -> None:
    write_message(sys.stdout.buffer, {"ready": True})
    while (request := read_message(sys.stdin.buffer)) is not None:
        with script.with_suffix(".requests").open("a") as log:
            log.write(json.dumps(request) + "\n")
        for step in json.loads(script.read_text())[request["call"]]:
            if "sleep" in step:
                time.sleep(step["sleep"])
            elif "exit" in step:
                os._exit(step["exit"])
            else:
                write_message(sys.stdout.buffer, step)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
