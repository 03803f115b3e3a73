"""click's messages have the words that `usage` reads in them."""

from __future__ import annotations

import click
import pytest

from ehtoolkit.cli.help.usage import usage_message
from ehtoolkit.i18n import Translator


@click.command()
@click.option("--colour", type=click.Choice(["red", "blue"]))
@click.option("--count", type=int)
def command(**_: object) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (["--colour", "green"], "green"),
        (["--count", "many"], "many"),
        (["more", "words"], "more words"),
    ],
)
def test_what_was_typed_is_in_the_sentence(arguments: list[str], typed: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        command.main(arguments, standalone_mode=False)
    assert typed in usage_message(raised.value, Translator("en"))
