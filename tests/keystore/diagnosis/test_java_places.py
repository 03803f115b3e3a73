"""Keys in places where Java does not look, parameters that it refuses, and names of a pair: what is said is what it
does, and saving anew cures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit.keystore.codec.contents import Pkcs12Contents, with_alias
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import Java
from tests.keystore.part_writer import Writer, nested, segments

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = pytest.mark.interop
PASSWORD = Secret("Kine-2026")

SHAPES: dict[str, Callable[[Pkcs12Contents], bytes]] = {
    "as usual": lambda found: (w := Writer(found, PASSWORD)).file(
        w.clear(w.keys()), w.sealed(w.certificates())
    ),
    "nested": lambda found: (w := Writer(found, PASSWORD)).file(
        w.clear(nested(w.keys())), w.sealed(w.certificates())
    ),
    "certificates nested": lambda found: (w := Writer(found, PASSWORD)).file(
        w.clear(w.keys()), w.sealed(nested(w.certificates()))
    ),
    "bare keys in an encrypted safe": lambda found: (w := Writer(found, PASSWORD)).file(
        w.sealed(w.keys(shrouded=False) + w.certificates())
    ),
    "encrypted keys in an encrypted safe": lambda found: (w := Writer(found, PASSWORD)).file(
        w.sealed(w.keys() + w.certificates())
    ),
    "strings in segments": lambda found: (w := Writer(found, PASSWORD, segments)).file(
        w.clear(w.keys()), w.sealed(w.certificates())
    ),
}


def look(path: Path) -> Diagnosis:
    return diagnose(path, PASSWORD, datetime.now(UTC))


def test_each_shape(keystore_maker: KeystoreMaker, java: Java, tmp_path: Path) -> None:
    contents, password = keystore_maker.complete.contents, tmp_path / "password"
    password.write_text(PASSWORD.reveal())
    wanted = {str(key.alias) for key in contents.keys}
    files = {shape: tmp_path / f"{shape}.p12" for shape in SHAPES}
    for shape, path in files.items():
        path.write_bytes(SHAPES[shape](contents))
    found = {shape: look(path) for shape, path in files.items()}
    cured = {shape: tmp_path / f"{shape} anew.p12" for shape in SHAPES}
    for shape, path in files.items():
        cured[shape].write_bytes(path.read_bytes())
        change_password(cured[shape], PASSWORD, PASSWORD)

    opened = java.open([*files.values(), *cured.values()], password)

    def keys(path: Path) -> set[str] | None:
        entries = opened["SUN", path]
        return None if entries is None else {alias for alias, kind in entries.items() if kind == "key"}

    for shape, path in files.items():
        assert found[shape].opened, shape
        seen = keys(path)
        assert found[shape].has("java_readable") is (seen == wanted), (shape, seen)
        assert found[shape].has("java_unreadable") is (seen is None), (shape, seen)
        assert found[shape].has("java_partly") is (seen is not None and seen != wanted), (shape, seen)
        assert keys(cured[shape]) == wanted, shape
        assert look(cured[shape]).has("java_readable"), shape


def test_the_names_of_a_pair_may_differ_in_capitals(
    keystore_maker: KeystoreMaker, java: Java, tmp_path: Path
) -> None:
    """Java takes the name of the key, and does not lose it; another entry's name in other capitals it does lose."""
    contents, password = keystore_maker.complete.contents, tmp_path / "password"
    password.write_text(PASSWORD.reveal())
    own = contents.keys[0].local_key_id
    pair = replace(
        contents,
        certificates=tuple(
            with_alias(each, "AUTHENTICATION") if each.local_key_id == own else each
            for each in contents.certificates
        ),
    )
    path = tmp_path / "pair.p12"
    path.write_bytes(write_pkcs12(pair, PASSWORD))
    found = look(path)
    change_password(path, PASSWORD, PASSWORD)

    opened = java.open([path], password)

    wanted = {str(key.alias) for key in contents.keys}
    seen = {
        provider: {alias for alias, kind in (opened[provider, path] or {}).items() if kind == "key"}
        for provider in ("SUN", "BC")
    }
    assert seen == {"SUN": wanted, "BC": {*wanted, "AUTHENTICATION"}}, "BouncyCastle shows it twice"
    assert found.has("java_readable")
    assert not found.has("aliases_case")
