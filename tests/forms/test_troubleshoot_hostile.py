"""Troubleshoot and files made to keep it busy: looked at, opened, rescued and shown in a second each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.keystore.parsing_cost import MEGABYTES, PASSWORD, SECONDS, cost
from tests.keystore.shapes import CERTIFICATES, KEYS, SLOW_TEXTS, with_certificates, with_key


def keystore_with_key(name: str) -> bytes:
    return write_pkcs12(with_key(KEYS[name]()), PASSWORD)


def keystore_with_certificates(name: str) -> bytes:
    return write_pkcs12(with_certificates(CERTIFICATES[name]()), PASSWORD)


FILES: dict[str, Callable[[], bytes]] = {
    **{
        name: partial(keystore_with_key, name)
        for name in (
            "DSA 32768",
            "DH 12000",
            "DH of an even prime",
            "Ed25519 of 31 bytes",
            "RSA with an exponent of 3072 bits",
            "RSA 60000",
        )
    },
    **{name: partial(keystore_with_certificates, name) for name in CERTIFICATES},
    **{f"a text of {name}": partial(bytes, text) for name, text in SLOW_TEXTS.items()},
}


@pytest.fixture
def model(tmp_path: Path) -> Iterator[TroubleshootModel]:
    with contextlib.closing(open_toolkit(load_settings(home=tmp_path))) as toolkit:
        yield TroubleshootModel(toolkit)


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_hurt_keeps_the_page_no_longer_than_others(
    name: str, model: TroubleshootModel
) -> None:
    content = FILES[name]()

    def walk() -> None:
        examined = model.hand_over("keystore.p12", content)
        for step in (
            lambda: opened(model, examined),
            lambda: model.remake(opened(model, examined), None, EncryptionProfile.COMPATIBLE),
        ):
            with contextlib.suppress(errors.EhToolkitError):
                step()

    seconds, megabytes = cost(walk)
    assert seconds < SECONDS, seconds
    assert megabytes < MEGABYTES, megabytes


def opened(model: TroubleshootModel, examined: ExaminedFile) -> ExaminedFile:
    """The file as the password shows it, or as it was."""
    found = model.open(examined, PASSWORD)
    return found if isinstance(found, ExaminedFile) else examined
