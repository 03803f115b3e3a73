"""The Python half of the drop zone: what arrives, what is refused, and that nothing of it stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ehtoolkit.forms.widgets.choices import FileList, ListedFile
from ehtoolkit.forms.widgets.files import LONGEST_NAME, DropZone, RejectedFile, UploadedFile, plain_name
from ehtoolkit.forms.widgets.page_parts import SectionHead
from tests.support.ipywidgets_internals import send_to

LIMIT, MOST = 1_000, 3
Received = list[tuple[Sequence[UploadedFile], Sequence[RejectedFile]]]


def zone() -> DropZone:
    return DropZone("files", "Drop", choose="Choose", hint="Few", max_size=LIMIT, max_files=MOST)


@pytest.fixture
def received() -> Received:
    return []


@pytest.fixture
def dropping(received: Received) -> DropZone:
    made = zone()
    made.on_files(lambda files, not_taken: received.append((files, not_taken)))
    return made


def send(to: DropZone, name: str, *buffers: bytes) -> list[memoryview]:
    """A file as the browser sends it; the buffers that the kernel goes on holding."""
    held = [memoryview(buffer) for buffer in buffers]
    send_to(to, {"action": "file", "name": name}, held)
    return held


def end(to: DropZone, *refused: dict[str, str]) -> None:
    send_to(to, {"action": "end", "refused": list(refused)})


@pytest.mark.parametrize(
    "widget",
    [zone(), FileList(label="Files"), SectionHead("Title")],
    ids=lambda widget: type(widget).__name__,
)
def test_the_script_is_included_and_sends_no_requests(widget: Any) -> None:
    module = widget.get_state()["_esm"]
    assert "export default" in module
    assert "http" not in module
    assert "import " not in module


def test_files_dropped_together_arrive_together(dropping: DropZone, received: Received) -> None:
    send(dropping, "a.p12", b"one")
    send(dropping, "b.p12", b"")
    assert received == []
    end(dropping)
    assert received == [([UploadedFile("a.p12", b"one"), UploadedFile("b.p12", b"")], [])]
    end(dropping)
    assert received[1] == ([], [])


def test_nothing_of_a_file_stays(dropping: DropZone, received: Received) -> None:
    secret = b"0123456789 the bytes of a keystore"
    held = send(dropping, "a.p12", secret)
    assert held == [], "the message outlives its handling"
    end(dropping)
    assert received[0][0][0].content == secret
    assert secret.decode() not in repr(dropping.get_state())
    assert secret not in [value for value in vars(dropping).values() if isinstance(value, bytes)]
    assert dropping._arrived == []
    assert secret.decode() not in repr(received)


def test_the_size_is_judged_again(dropping: DropZone, received: Received) -> None:
    send(dropping, "just.p12", b"x" * LIMIT)
    held = send(dropping, "huge.p12", b"x" * (LIMIT + 1))
    end(dropping)
    files, not_taken = received[0]
    assert [file.name for file in files] == ["just.p12"]
    assert not_taken == [RejectedFile("size", "huge.p12")]
    assert held == []


def test_the_number_is_judged_again(dropping: DropZone, received: Received) -> None:
    for number in range(MOST + 2):
        send(dropping, f"{number}.p12", b"x")
    end(dropping)
    files, not_taken = received[0]
    assert len(files) == MOST
    assert not_taken == [RejectedFile("many", "3.p12"), RejectedFile("many", "4.p12")]


def test_a_message_without_bytes_is_no_file(dropping: DropZone, received: Received) -> None:
    send(dropping, "a.p12")
    send(dropping, "b.p12", b"one", b"two")
    end(dropping)
    assert received[0][0] == []
    assert [file.name for file in received[0][1]] == ["a.p12", "b.p12"]


def test_files_that_the_browser_refused_are_reported(dropping: DropZone, received: Received) -> None:
    send(dropping, "good.p12", b"x")
    end(
        dropping,
        {"name": "/home/jan/huge.p12", "reason": "size"},
        {"name": "keystore", "reason": "folder"},
        {"name": "", "reason": "nothing"},
        {"name": "odd", "reason": "<script>"},
    )
    assert received[0][1] == [
        RejectedFile("size", "huge.p12"),
        RejectedFile("folder", "keystore"),
        RejectedFile("nothing"),
        RejectedFile("unreadable", "odd"),
    ]


def test_files_that_come_before_anyone_listens_are_lost() -> None:
    deaf = zone()
    send(deaf, "a.p12", b"x")
    end(deaf)
    assert deaf._arrived == []


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("SSIN=79031421872 20261124-152300.p12", "SSIN=79031421872 20261124-152300.p12"),
        (
            "NIHII-PHARMACY=12345678,APPID 20261124-152300.acc-p12",
            "NIHII-PHARMACY=12345678,APPID 20261124-152300.acc-p12",
        ),
        ("clé d’Élise (2).p12", "clé d’Élise (2).p12"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\accueil\ehealth\keystore\a.p12", "a.p12"),
        ("a\u202egpj.p12", "agpj.p12"),
        ("a\x00b\nc\u200b.p12", "abc.p12"),
        ('a<b>:"|?*.p12', "a_b______.p12"),
        ("...", "file"),
        ("", "file"),
        ("/", "file"),
        (" .hidden. ", "hidden"),
        ("con.p12", "_con.p12"),
        ("LPT1", "_LPT1"),
        ("con." + "x" * 116, "_con." + "x" * 115),
        ("con." + "x" * 200 + ".p12", "_con." + "x" * 111 + ".p12"),
        ("con" + " " * 200 + "x.p12", "_con.p12"),
        ("console.p12", "console.p12"),
        ("\ud800a.p12", "a.p12"),
    ],
)
def test_a_name_is_made_plain(given: str, plain: str) -> None:
    assert plain_name(given) == plain


@pytest.mark.parametrize("given", ["x" * 500 + ".p12", "x" * 500, "x." + "y" * 500, "é" * 300 + ".acc-p12"])
def test_a_long_name_is_cut_and_keeps_its_ending(given: str) -> None:
    cut = plain_name(given)
    assert len(cut) <= LONGEST_NAME
    if given.endswith("p12"):
        assert cut.endswith("p12")


def test_a_file_is_chosen_from_the_list() -> None:
    listed, chosen = FileList(label="Files"), list[str]()
    send_to(listed, {"action": "choose", "key": "1"})
    listed.on_choose(chosen.append)
    listed.show([ListedFile("1", "a.p12", "3 bytes", "danger", "Empty")], "1")
    send_to(listed, {"action": "choose", "key": "1"})
    send_to(listed, {"action": "choose", "key": "2"})
    assert chosen == ["1"], "another key is not in the list"
    assert listed.options[0]["verdict"] == "Empty"
    assert "<svg" in listed.options[0]["icon"]


def test_a_title_takes_the_focus_when_it_is_asked_to() -> None:
    assert SectionHead("Title").focused == 0
    head = SectionHead("Title", focus=True)
    head.take_focus()
    assert head.focused == 2


def test_a_closed_zone_takes_no_file(received: Received) -> None:
    closed = DropZone(
        "files", "Drop", choose="Choose", hint="Few", max_size=LIMIT, max_files=MOST, closed=True
    )
    closed.on_files(lambda files, rejected: received.append((files, rejected)))
    closed.closed = False  # as a page could that was changed by hand

    held = send(closed, "own.p12", b"x")
    end(closed)

    assert held == [], "the message outlives its handling"
    assert received == []
