"""Fifteen mistakes that somebody could make in the product, and the tests of the short run that find each.

A test of its own (`test_defects`) holds that each still applies to today's code and that its tests exist; whether they
find it is seen by putting it in: ``python -m tests.mutations.run``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final


class DoesNotApply(Exception):
    """The text that a defect replaces is not there, or not just once: the code has changed, the list has not."""


@dataclass(frozen=True, slots=True)
class Change:
    """``old``, which stands in ``file`` exactly once, becomes ``new``."""

    file: str
    old: str
    new: str

    def made_in(self, text: str) -> str:
        """The text of the file with the change. Raises `DoesNotApply`."""
        count = text.count(self.old)
        if count != 1:
            raise DoesNotApply(f"{self.file}: {count} times, not once: {self.old!r}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Defect:
    """``name``: as the table has it. ``why``: what a user would suffer. ``found_by``: node ids or files, the cheapest
    that find it; one is enough, and all of them pass without the defect."""

    name: str
    why: str
    changes: tuple[Change, ...]
    found_by: tuple[str, ...]

    @contextmanager
    def put_into(self, root: Path) -> Iterator[None]:
        """The defect in the tree ``root``, for as long as this lasts. Raises `DoesNotApply` before anything is
        written."""
        before = {change.file: (root / change.file).read_text(encoding="utf-8") for change in self.changes}
        after = dict(before)
        for change in self.changes:
            after[change.file] = change.made_in(after[change.file])
        try:
            _write(root, after)
            yield
        finally:
            _write(root, before)


def _write(root: Path, texts: dict[str, str]) -> None:
    for file, text in texts.items():
        path = root / file
        path.write_text(text, encoding="utf-8")
        # Python takes a compiled file for current by second and size, which two texts may share.
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()


DEFECTS: Final = (
    Defect(
        "a key not written before the wire",
        "The key pair is written after the request was sent: a kill in between loses the key of a certificate that "
        "the platform makes.",
        (
            Change(
                "ehtoolkit/procedures/request.py",
                "        file = write_keystore(signed, password, requested.name, context)\n"
                "        outcome = submit_new(file, signed, context, insist=insist)\n",
                "        certra, key_id = context.platform.certra, signed.record.key_id\n"
                "        accepted = certra.generate_certificate(signed.message, key_id)\n"
                "        file = write_keystore(signed, password, requested.name, context)\n"
                "        state = State.WAITING if accepted.automatically_validated else State.VALIDATING\n"
                "        outcome = ProcedureResult.of(file, state)\n",
            ),
        ),
        ("tests/procedures/test_request.py::test_a_fault_instead_of_the_request_is_reported",),
    ),
    Defect(
        "a request sent twice",
        "After an answer that was lost, what may not be repeated is sent again: the platform makes a second "
        "certificate.",
        (
            Change(
                "ehtoolkit/ehealth/soap/client.py",
                "            raise errors.ResponseLost(operation=operation.name) from error\n",
                "            try:\n"
                "                answer = self.transport.post(self.url, body, headers)\n"
                "            except (errors.PlatformUnreachable, errors.PlatformTimeout):\n"
                "                raise errors.ResponseLost(operation=operation.name) from error\n",
            ),
        ),
        (
            "tests/ehealth/test_exchange.py::test_what_may_not_be_repeated_is_lost_once_it_was_sent",
            "tests/procedures/test_request.py::test_a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice",
        ),
    ),
    Defect(
        "a PIN in a log",
        "Somebody who looked for a fault left a line behind: with --verbose the PIN stands in the terminal, and in "
        "the log of a page's kernel.",
        (
            Change(
                "ehtoolkit/card/port.py",
                "    if not _FORM.fullmatch(pin.reveal()):\n",
                '    __import__("logging").getLogger(__name__).debug("PIN %s", pin.reveal())\n'
                "    if not _FORM.fullmatch(pin.reveal()):\n",
            ),
        ),
        ("tests/procedures/test_unlogged.py::test_no_secret_of_a_first_certificate_is_in_a_log",),
    ),
    Defect(
        "a password in a trait",
        "The field of a secret tells the kernel what is typed, letter by letter: every client hears it, and "
        "JupyterLab saves it in the notebook.",
        (
            Change(
                "ehtoolkit/forms/widgets/fields.py",
                "    reveal: str = Unicode().tag(sync=True)\n",
                "    reveal: str = Unicode().tag(sync=True)\n    typed: str = Unicode().tag(sync=True)\n",
            ),
            Change(
                "ehtoolkit/forms/widgets/static/secret.js",
                "    submitOnEnter(input);\n",
                "    submitOnEnter(input);\n"
                '    input.addEventListener("input", () => { model.set("typed", input.value); '
                "model.save_changes(); });\n",
            ),
        ),
        ("tests/browser/test_widgets.py::test_a_secret_leaves_the_browser_once_and_is_nowhere_afterwards",),
    ),
    Defect(
        "a revocation not told",
        "The card's authority says that its certificate is revoked, and the user hears nothing of it.",
        (
            Change(
                "ehtoolkit/procedures/card_check.py",
                "        if verdict.status is RevocationStatus.REVOKED:\n"
                "            yield _revoked(each, verdict)\n"
                "        elif verdict.status is not RevocationStatus.GOOD:\n",
                "        if verdict.status not in (RevocationStatus.GOOD, RevocationStatus.REVOKED):\n",
            ),
        ),
        ("tests/procedures/test_card_check.py::test_a_revoked_certificate",),
    ),
    Defect(
        "a catalogue entry in the wrong language",
        "A French sentence was pasted into the Dutch catalogue.",
        (
            Change(
                "ehtoolkit/locale/nl/LC_MESSAGES/revoke.po",
                'msgstr "Er is nog niets herroepen"\n',
                'msgstr "Rien n’est encore révoqué, et le certificat peut servir"\n',
            ),
        ),
        ("tests/conventions/test_untranslated.py::test_every_text_is_in_its_language",),
    ),
    Defect(
        "an axe violation in one error page",
        "Who has nothing to revoke gets a page whose headings leave out a level: a screen reader's list of them "
        "misleads.",
        (
            Change(
                "ehtoolkit/forms/wizards/revoke/form.py",
                '        nothing = panel("info", get("none"), get("none.text"))\n',
                '        nothing = panel("info", get("none"), get("none.text"), level=3)\n',
            ),
        ),
        ("tests/browser/test_revocation.py::test_what_is_revoked_cannot_be_revoked_again",),
    ),
    Defect(
        "a wrong check digit",
        "Where the remainder is 0, the check digits of a number are 97: with 00, one number in 97 is refused.",
        (
            Change(
                "ehtoolkit/identity/numbers.py",
                'return f"{modulus - int(number) % modulus:02d}"',
                'return f"{(modulus - int(number) % modulus) % modulus:02d}"',
            ),
        ),
        ("tests/identity/test_numbers.py::test_two_digits_that_do_not_check_are_refused",),
    ),
    Defect(
        "a backup that ends in .p12",
        "Other programs take every file of the folder that ends so for a keystore, and refuse when there are two of "
        "a holder.",
        (
            Change(
                "ehtoolkit/keystore/storage/backups.py",
                r'_STAMP: Final = r"\.(\d{8}T\d{6}Z)(?:-(\d+))?\.bak"',
                r'_STAMP: Final = r"\.(\d{8}T\d{6}Z)(?:-(\d+))?\.p12"',
            ),
            Change(
                "ehtoolkit/keystore/storage/backups.py",
                """{f'-{number}' if number > 1 else ''}.bak\"""",
                """{f'-{number}' if number > 1 else ''}.p12\"""",
            ),
        ),
        ("tests/keystore/test_files.py::TestSave::test_from_prepared_to_complete",),
    ),
    Defect(
        "a missing lock",
        "Two pages ask for a certificate for the same holder at once: the platform makes two.",
        (
            Change(
                "ehtoolkit/forms/wizards/request/model.py",
                "        self.hold_lock(request, holder_lock(request.name, self.procedure_context))\n",
                "",
            ),
        ),
        ("tests/faults/test_two_at_once.py::test_a_page_shows_the_contract_while_a_command_starts",),
    ),
    Defect(
        "a chain reversed",
        "A certificate is handed out with its chain root first; the servers that get it expect the leaf.",
        (
            Change(
                "ehtoolkit/keystore/repair/pem.py",
                '    found = list(keystore.chain if part == "chain" else keystore.chain[:1])\n',
                '    found = list(keystore.chain[::-1] if part == "chain" else keystore.chain[:1])\n',
            ),
        ),
        ("tests/keystore/test_merging.py::TestExport::test_the_chain",),
    ),
    Defect(
        "a contract not shown",
        "The page asks for the PIN that signs, without the contract that is signed.",
        (
            Change(
                "ehtoolkit/forms/steps/signing.py",
                "    return show(heading(label)), frame, save\n",
                "    return show(heading(label)), save\n",
            ),
        ),
        ("tests/forms/test_request_model.py::test_the_contract_is_shown_above_the_pin_that_signs_it",),
    ),
    Defect(
        "a page that fetches a foreign host",
        "A picture of the platform's state on the first page, and the policy opened for it: another company hears of "
        "every visit.",
        (
            Change(
                "ehtoolkit/forms/index.py",
                "        widgets.append(show(menu(shell.pages, texts), tools(shell.pages, texts)))\n",
                "        widgets.append(show(menu(shell.pages, texts), tools(shell.pages, texts)))\n"
                '        state = element("img", src="https://state.example/ehealth.svg", alt="")\n'
                "        widgets.append(show(state))\n",
            ),
            Change(
                "ehtoolkit/voila/access.py",
                "\"img-src 'self' data: blob:\"",
                "\"img-src 'self' data: blob: https:\"",
            ),
        ),
        (
            "tests/browser/test_access.py::test_the_page_has_its_own_policy",
            "tests/browser/test_frame.py::test_on_a_phone_the_languages_are_in_a_list_and_the_chosen_one_stays",
        ),
    ),
    Defect(
        "a keystore readable by all",
        "Every user of the computer can copy the file with the private key.",
        (
            Change(
                "ehtoolkit/system/files.py",
                "os.open(path, _NEW, 0o600)",
                "os.open(path, _NEW, 0o644)",
            ),
        ),
        ("tests/keystore/test_files.py::TestCreate::test_a_new_file_and_its_folder",),
    ),
    Defect(
        "a kernel left behind",
        "The count of connections goes to 0 and not away, so that the kernel of a browser that was killed stays, and "
        "with it what it holds in memory.",
        (
            Change(
                "ehtoolkit/voila/kernels.py",
                'self.kernel_model(kernel_id)["connections"] > 0',
                'self.kernel_model(kernel_id)["connections"] is not None',
            ),
        ),
        ("tests/voila/test_kernels.py::test_a_kernel_ends_some_time_after_its_last_connection",),
    ),
)
