"""The process that looks into keystores for an audit: ``python -m ehtoolkit.audit.worker``.

It is asked file by file over its pipes (`ehtoolkit.worker_channel`): ``{"path", "password", "seconds", "chains"}``,
answered by ``{"content", "reading", "given_up"}``. A file that keeps it busy costs that file alone: whoever asks ends
it, and starts another.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ehtoolkit.audit.patience import Patience
from ehtoolkit.audit.reading import look
from ehtoolkit.secret import Secret
from ehtoolkit.worker_channel import read_message, take_channel, write_message


def main() -> None:
    """Answer until nobody asks any more."""
    requests, answers = take_channel()
    write_message(answers, {"ready": True})
    patience: Patience | None = None
    while (request := read_message(requests)) is not None:
        patience = patience or Patience(float(request["seconds"]))
        password = request["password"]
        content, reading = look(
            Path(os.fsdecode(bytes.fromhex(request["path"]))),
            None if password is None else Secret(password),
            patience,
            chains=bool(request["chains"]),
        )
        given_up = [os.fsencode(place).hex() for place in patience.given_up]
        write_message(answers, {"content": content, "reading": reading.to_json(), "given_up": given_up})


if __name__ == "__main__":
    try:
        main()
    except OSError:  # the client is gone
        sys.exit()
