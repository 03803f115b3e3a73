"""The browser's reader of keystores beside ours, on files of many programs: it takes no file that we would not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.widgets.esm import script
from ehtoolkit.keystore.codec.pkcs12 import write_pkcs12
from ehtoolkit.keystore.storage.holder_file import visible_key_ids
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, Sample

_READ = """
import { readFileSync } from "node:fs";
const known = new Set(JSON.parse(process.argv[2]));
const answers = process.argv.slice(3).map((path) => holdsOnly(new Uint8Array(readFileSync(path)), known));
console.log(JSON.stringify(answers));
"""

READ_BY_BOTH = {
    "bc_authonly.p12",
    "bc_complete.p12",  # BER with indefinite lengths
    "bc_complete_der.p12",
    "bc_incomplete.p12",
    "bc_three.p12",
    "connector_rsa-3-etk.p12",
    "ossl3.p12",
}
"""Some of those that show their keys, so that a reader that refuses everything does not pass."""


def taken(folder: Path, known: set[str], *files: Path) -> list[bool]:
    """What the browser's half says of each file."""
    program = folder / "read.mjs"
    program.write_text(script("pkcs12") + _READ, encoding="utf-8")
    command = ["node", str(program), json.dumps(sorted(known)), *map(str, files)]
    answers: list[bool] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answers


def ids_of(data: bytes) -> tuple[str, ...]:
    try:
        return visible_key_ids(data)
    except errors.KeystoreError:
        return ()


def test_both_read_the_same_keys(samples: dict[str, Sample], tmp_path: Path) -> None:
    files = [tmp_path / name for name in samples]
    for file in files:
        file.write_bytes(samples[file.name].data)
    seen = {file.name: ids_of(samples[file.name].data) for file in files}
    everything = {key_id for ids in seen.values() for key_id in ids}

    by_browser = {
        file.name
        for file, is_taken in zip(files, taken(tmp_path, everything, *files), strict=True)
        if is_taken
    }

    assert by_browser <= {name for name, ids in seen.items() if ids}
    assert by_browser >= READ_BY_BOTH
    assert not any(taken(tmp_path, set(), *files))


@pytest.mark.parametrize("missing", [0, 1])
def test_one_key_that_is_not_known_is_enough(bench: KeystoreMaker, tmp_path: Path, missing: int) -> None:
    data = write_pkcs12(bench.complete.contents, Secret("Kine-2026 & co"))
    (tmp_path / "own.p12").write_bytes(data)
    ids = ids_of(data)
    assert len(ids) == 2

    assert taken(tmp_path, set(ids), tmp_path / "own.p12") == [True]
    assert taken(tmp_path, {ids[missing]}, tmp_path / "own.p12") == [False]


def test_no_cut_of_a_keystore_is_taken_nor_hangs(bench: KeystoreMaker, tmp_path: Path) -> None:
    data = write_pkcs12(bench.complete.contents, Secret("Kine-2026 & co"))
    cuts = []
    for length in range(0, len(data), 97):
        cuts.append(tmp_path / f"{length}.p12")
        cuts[-1].write_bytes(data[:length])
    cuts.append(tmp_path / "more.p12")
    cuts[-1].write_bytes(data + b"\0")

    assert not any(taken(tmp_path, set(ids_of(data)), *cuts))
