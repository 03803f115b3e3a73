"""One command at work: its settings, its language, what it prints, what it asks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit import errors
from ehtoolkit.cli.invocation import Invocation
from ehtoolkit.cli.options import Options
from ehtoolkit.cli.terminal import echo, is_interactive, log_details, plain_value
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.keystore.passwords import TABLE_SIZE, PasswordPatterns
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings, unknown_variables
from ehtoolkit.system.files import is_readable_by_all
from ehtoolkit.system.text_safety import harmless, json_text, printable

if TYPE_CHECKING:
    from ehtoolkit.card.port import Card, CardKey, PinPrompt
    from ehtoolkit.ehealth.contract import Contract
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
    from ehtoolkit.toolkit import Toolkit
    from ehtoolkit.training import TrainingPlatform

_TRIES = 3
"""How often a new password is asked for, with its repetition."""


class Session:
    """Built from the shared options; commands use it for everything that touches the user."""

    def __init__(self, options: Options, invocation: Invocation) -> None:
        self.options = options
        self.invocation = invocation
        self.settings: Settings = load_settings(
            environment=options.environment,
            card=options.card,
            language=options.lang,
            trace=options.trace,
            keystore_folder=options.keystore_folder,
        )
        self.texts = Translator(language_of(self.settings.language))
        self._confirmed = False
        self._warned: set[Path] = set()
        """Files with secrets that were looked at."""
        for name, meant in unknown_variables().items():
            key = "cli.variable.unknown" if meant is None else "cli.variable.meant"
            # Even with --quiet: a letter too few, and production is training.
            echo(self.texts.get(key, name=name, meant=meant, environment=self.settings.environment), err=True)
        if options.verbose:
            log_details()

    def close(self) -> None:
        """Release connections and databases, if any were opened."""
        for opened in ("toolkit", "training"):
            if opened in self.__dict__:
                getattr(self, opened).close()

    @cached_property
    def training(self) -> TrainingPlatform:
        """The embedded platform of this EHTOOLKIT_HOME, whatever environment is configured."""
        from ehtoolkit.toolkit import open_training_platform

        return open_training_platform(self.settings)

    @property
    def clock(self) -> Clock:
        """The clock of the configured environment."""
        return self.training.clock if self.settings.environment == "training" else SystemClock()

    def now_at(self, file: Path) -> datetime:
        """Return what time it is for ``file`` until its environment is known; see `Settings.is_by_training_clock`."""
        clock = self.training.clock if self.settings.is_by_training_clock(file) else SystemClock()
        return clock.now()

    @cached_property
    def toolkit(self) -> Toolkit:
        """The parts for the chosen environment. Production is confirmed first."""
        # A third of the program, which many a command does without.
        from ehtoolkit.toolkit import open_toolkit

        self.confirm_environment()
        if self.settings.trace is not None:
            self.say("cli.trace.on", folder=self.settings.trace)
        return open_toolkit(self.settings)

    @contextmanager
    def open_card(self) -> Iterator[tuple[Card, PinPrompt]]:
        """Yield the card for the body, with what asks for its PIN. Raises what `Toolkit.open_card` raises."""
        with closing(self.toolkit.open_card()) as card:
            yield card, self.pin_prompt(card)

    def result(self, value: Mapping[str, object], key: str, **facts: object) -> None:
        """Print the result of the command: ``value`` with --json, else the sentence of ``key``."""
        if self.options.as_json:
            self.print_json(value)
        else:
            self.print_text(key, **facts)

    def result_lines(
        self, value: Mapping[str, object], lines: Iterable[str], empty: str | None = None
    ) -> None:
        """Print the result of the command: ``value`` with --json, else ``lines``; the sentence of ``empty`` when there
        are no lines."""
        if self.options.as_json:
            self.print_json(value)
            return
        for line in [*lines] or ([] if empty is None else [self.texts.get(empty)]):
            echo(line)

    def print_json(self, value: Mapping[str, object]) -> None:
        """Print the one object of --json."""
        echo(json_text(value, default=plain_value))

    def print_text(self, key: str, /, **facts: object) -> None:
        """Print the sentence of ``key``."""
        echo(self.texts.get(key, **facts))

    def warn_of_clock(self) -> None:
        """Warn when the last answer of the platform, if it was asked, gave another time than this computer has."""
        wrong = self.toolkit.context.platform.clock_check.wrong if "toolkit" in self.__dict__ else None
        if wrong is not None:
            self.say("cli.clock.wrong", here=wrong.here, there=wrong.there)

    def say(self, key: str, **facts: object) -> None:
        """Print the sentence of ``key`` on standard error: something that happens on the way to the result. Not with
        --quiet."""
        if not self.options.quiet:
            echo(self.texts.get(key, **facts), err=True)

    def print_error(self, error: errors.EhToolkitError) -> None:
        """Print an error that does not end the command, with its next step, on standard error."""
        echo(f"{self.texts.error(error)}\n{self.texts.next_step(error)}", err=True)

    def pin_prompt(self, card: Card) -> PinPrompt:
        """Return a function that asks for the PIN of ``card`` here, or says which window will and gives None. It warns
        before the last try; a PIN that was refused is never offered twice."""
        from ehtoolkit.card.port import PinEntry

        def prompt(key: CardKey) -> Secret | None:
            if card.pin_tries_left() == 1:
                echo(self.texts.get("cli.pin.last_try"), err=True)
            entry = card.pin_entry(key)
            if entry is not PinEntry.HERE:
                self.say(f"cli.pin.{entry}", certificate=key)
                return None
            return self.read_secret(self.options.pin_file) or self._ask(
                "--pin-file", "cli.ask.pin", certificate=key
            )

        return prompt

    def open_keystore(self, file: Path) -> KeystoreFile:
        """Open a keystore of the environment in use with its password. Raises as `password_of` and
        `open_keystore_with`."""
        return self.open_keystore_with(file, self.password_of(file))

    def password_of(self, file: Path) -> Secret:
        """Return the password of a file: by the patterns of --passwords, the first that opens the file where several
        fit, else from --password-file, else as it is typed at the terminal. Raises what `require_openable` raises."""
        self.require_openable(file)
        return self._given_password(file) or self._ask(
            "--password-file", "cli.ask.password_of", file=file.name
        )

    def _given_password(self, file: Path) -> Secret | None:
        return self.fitting(file, self.passwords.all_of(file)) or self.read_secret(self.options.password_file)

    def require_environment_of(self, file: Path) -> None:
        """Check that a keystore is of the environment in use, as far as a password that was given shows it. Raises
        `errors.WrongEnvironment`, and what `require_openable` raises."""
        self.require_openable(file)
        password = self._given_password(file)
        if password is None:
            return
        try:
            self.open_keystore_with(file, password)
        except errors.WrongEnvironment:
            raise
        except errors.KeystoreError:  # the platform may know its key all the same
            return

    def open_keystore_with(self, file: Path, password: Secret) -> KeystoreFile:
        """Open a keystore of the environment in use. Raises as `Toolkit.open_keystore`, and
        `errors.WrongEnvironment`."""
        from ehtoolkit.procedures.authorization import require_environment

        opened = self.toolkit.open_keystore(file, password)
        require_environment(opened, self.toolkit.context)
        return opened

    def require_openable(self, file: Path) -> None:
        """Make sure, before a password meets the file, that it may be opened here.

        Raises `errors.KeystoreNotIssued`, and on a server that is shared what reading the file raises.
        """
        if self.settings.shared:
            self.toolkit.require_openable(file)

    def fitting(self, file: Path, passwords: Sequence[Secret]) -> Secret | None:
        """Return the first of ``passwords`` that opens the file, the first at all where none does; None without any."""
        if len(passwords) > 1:
            from ehtoolkit.keystore.diagnosis.diagnose import diagnose, diagnose_with_first

            now = self.now_at(file)
            return passwords[diagnose_with_first(passwords, lambda each: diagnose(file, each, now))[1]]
        return next(iter(passwords), None)

    def key_password(self) -> Secret | None:
        """Return the password from --key-password-file; None without it."""
        return self.read_secret(self.options.key_password_file)

    def ask_key_password(self, alias: str) -> Secret:
        """Return the password of the key ``alias``, as it is typed at the terminal."""
        return self._ask("--key-password-file", "cli.ask.key_password", alias=alias)

    @cached_property
    def passwords(self) -> PasswordPatterns:
        """The tables of --passwords as one, in their order, ``-`` being standard input; an empty one without it. Raises
        as `PasswordPatterns.read`."""
        sources = dict.fromkeys(self.options.passwords)
        tables = PasswordPatterns.merge(map(_read_passwords, sources))
        for source in sources:
            self._warn_of_readers(Path(source))
        return tables

    def read_secret(self, file: Path | None) -> Secret | None:
        """Return the secret in ``file``, None without a file. Warns of one that other users can read. Raises as
        `Secret.from_file`."""
        if file is None:
            return None
        secret = Secret.from_file(file)
        self._warn_of_readers(file)
        return secret

    def _warn_of_readers(self, file: Path) -> None:
        if file not in self._warned and is_readable_by_all(file):
            self.say("cli.secret_file", file=printable(str(file)))
        self._warned.add(file)

    def given_new_password(self) -> Secret | None:
        """Return the password from --new-password-file; None without it."""
        return self.read_secret(self.options.new_password_file)

    def new_password(self) -> Secret:
        """Return the new password: from --new-password-file, else as it is typed twice at the terminal. Raises
        `errors.PasswordsDiffer` when the repetition is another one, three times."""
        if (given := self.given_new_password()) is not None:
            return given
        for left in reversed(range(_TRIES)):
            first = self._ask("--new-password-file", "cli.ask.new_password")
            if self._ask("--new-password-file", "cli.ask.new_password_again") == first:
                return first
            if left:
                echo(self.texts.error(errors.PasswordsDiffer()), err=True)
        raise errors.PasswordsDiffer

    def accept_terms(self, key: str) -> None:
        """Show the conditions of ``key`` and have them accepted, by --accept-terms or at the terminal. Raises
        `errors.TermsNotAccepted`."""
        self._accept(self.texts.get(key), "cli.ask.terms")

    def accept_contract(self, contract: Contract) -> None:
        """Show the contract of a request and have it accepted, as `accept_terms` does."""
        from ehtoolkit.ehealth.contract import plain_text

        self._accept(plain_text(contract.text_in(self.texts.language)), "cli.ask.contract")

    def _accept(self, text: str, question: str) -> None:
        if not self.options.quiet or not self.options.accept_terms:
            echo(f"\n{text}\n", err=True)
        if not self.options.accept_terms and not self.confirms(question):
            raise errors.TermsNotAccepted

    @property
    def pin_option(self) -> tuple[str, ...]:
        """The option for the PIN where it is certain that this program asks for it: of a card in a reader, only the
        card and its software tell."""
        own = self.settings.environment == "training" and not (self.settings.card or "").startswith("pkcs11:")
        return ("pin_file",) if own else ()

    def unasked(self, *names: str) -> list[str]:
        """Return the options among ``names`` (as the fields of `Options` are called) that were not given."""
        return [f"--{name.replace('_', '-')}" for name in names if not getattr(self.options, name)]

    def confirms(self, key: str) -> bool:
        """Return whether the user at the terminal answers the question of ``key`` with yes; without a terminal the
        answer is no."""
        return is_interactive() and click.confirm(self.texts.get(key), err=True, default=False)

    def confirm(self, option: str, key: str, **facts: object) -> bool:
        """Return whether the user at the terminal says yes. Raises `errors.OptionMissing` where there is none."""
        if not is_interactive():
            raise errors.OptionMissing(option=option)
        return click.confirm(harmless(self.texts.get(key, **facts)), err=True, default=False)

    def _ask(self, option: str, key: str, **facts: object) -> Secret:
        if not is_interactive():
            raise errors.OptionMissing(option=option)
        question = harmless(self.texts.get(key, **facts))
        return Secret(click.prompt(question, hide_input=True, err=True, default="", show_default=False))

    def confirm_environment(self) -> None:
        """Have production confirmed by its name, typed once a command, or by --yes-production: before anything is sent,
        and before a keystore is written. Other environments need no confirmation.

        Raises `errors.OptionMissing` where there is no terminal, `errors.Cancelled` when something else is typed.
        """
        if self._confirmed or self.settings.environment != "production" or self.options.yes_production:
            return
        if not is_interactive():
            raise errors.OptionMissing(option="--yes-production")
        typed = click.prompt(self.texts.get("cli.ask.production"), err=True)
        if typed.strip().lower() != "production":
            raise errors.Cancelled
        self._confirmed = True


def _read_passwords(source: str) -> PasswordPatterns:
    """Read a table of passwords. ``source``: a file, or ``-`` for standard input."""
    if source != "-":
        return PasswordPatterns.read(Path(source))
    try:
        if sys.stdin is None:  # it was closed
            raise errors.FileUnreadable(path="stdin")
        return PasswordPatterns.decode(sys.stdin.buffer.read(TABLE_SIZE + 1), source)
    except OSError as error:
        raise errors.FileUnreadable(path="stdin") from error
