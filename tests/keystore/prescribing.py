"""How other programs choose a person's keystore in the folder that they share with us, played by their rules.

A prescription module takes every file whose name holds the person's number and ends in one of the three endings; it
reads the last part of the name, after a blank or an underscore, as the time, and fails on what is none; two files of
one person it refuses. A .NET client takes the last ``SSIN=<number>*p12`` in sorting order. Neither opens a file to
choose it.
"""

from __future__ import annotations

import re
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

ENDINGS = (".acc-p12", ".int-p12", ".p12")


class SeveralKeystores(Exception):
    """The module's own message: remove the old ones."""


def prescription_module(folder: Path, number: str) -> Path | None:
    """The file that the module takes, None when it sees none.

    Raises `SeveralKeystores`, and ``ValueError`` where the module falls over.
    """
    found = []
    for name in (path.name for path in folder.iterdir()):
        ending = next((ending for ending in ENDINGS if name.endswith(ending)), None)
        if ending is None or number not in name:
            continue
        last = re.split("[ _]", name.removesuffix(ending))[-1]
        found.append((datetime.strptime(last, "%Y%m%d-%H%M%S"), name))
    if len(found) > 1:
        raise SeveralKeystores(", ".join(sorted(name for _, name in found)))
    return folder / found[0][1] if found else None


def dotnet_client(folder: Path, number: str) -> Path | None:
    """The file that the client takes, None when it sees none."""
    found = [path for path in folder.iterdir() if fnmatchcase(path.name, f"SSIN={number}*p12")]
    return max(found, key=lambda path: path.name, default=None)
