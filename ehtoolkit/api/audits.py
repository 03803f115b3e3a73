"""Methods for a practice: its registry of providers and its audit."""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ehtoolkit import errors
from ehtoolkit.api.arguments import Passwords, Paths, passwords_of, paths_of
from ehtoolkit.api.connection import Connection
from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.toolkit import revocation_asker
from ehtoolkit.type_errors import checked_choice, instance_of, optional_instance_of, wrong_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.keystore.storage.holder_keystores import PasswordsOf
    from ehtoolkit.providers import Registry
    from ehtoolkit.secret import Secret


class AuditMethods(Connection):
    """Methods for a practice: its registry of providers and its audit."""

    def open_registry(self) -> Registry:
        """Open the registry of providers of this environment, which the caller closes; a missing one is created."""
        from ehtoolkit.providers import open_registry

        return open_registry(self.settings, self.clock)

    def audit(
        self,
        folder: Paths | None = None,
        passwords: Passwords = None,
        *,
        registry: Registry | bool = False,
        practice: str | None = None,
        due_within: timedelta | int = DUE_WITHIN,
        now: datetime | None = None,
        revocation: bool = False,
        language: str | None = None,
        processes: int = 2,
        executor: Executor | None = None,
        follow_links: bool = False,
    ) -> Audit:
        """Return the keystores in one or more folders and their subfolders, and what is wrong with them. None: the
        keystore folder of the settings.

        The result is an `Audit`: pandas frames, and methods that write files, such as ``to_excel``.

        Args:
            passwords: one for all, a `Path` of a password table, the tables of `read_passwords`, passwords by file name
                or pattern, or a function of the path; None opens no file.
            registry: True, or an open one, compares the keystores with the registry of providers; ``practice`` then
                looks at one practice, and fails without a registry. True reads the training registry for folders of the
                training platform; for others only when training is named (``environment``). ``audit.registry`` says
                which was read.
            due_within: when the end of a certificate, or of an INAMI period, is near, days or a `timedelta`.
            now: aware; None is the training clock where training is looked at, else the computer's.
            revocation: asks the issuers what is revoked.
            language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``.
            processes: that read files; 1 stays in this one, and none runs the caller's script again.
            executor: its workers read the files, on this computer or, with
                `ehtoolkit.auditing.scan.dask_cluster.open_cluster`, on many.
            follow_links: also those that lead out of the folders; no password is tried on what is behind them.

        A file or folder that cannot be read is a row or a finding and stops nothing. Raises `errors.PracticeUnknown`,
        `errors.RegistryError`, and `errors.PasswordTableInvalid` for a malformed password table.

        >>> import ehtoolkit
        >>> found = ehtoolkit.audit(passwords="Kine-2026", processes=1, language="en")
        >>> list(found.keystores["environment"].unique())
        ['training']
        """
        from ehtoolkit.auditing.audit import run_audit
        from ehtoolkit.auditing.options import AuditOptions
        from ehtoolkit.auditing.request import AuditRequest
        from ehtoolkit.providers import Registry

        is_named = folder is not None
        if folder is None:  # before the first request there is no such folder, and nothing is wrong with that
            folder = [self.keystores] if self.keystores.is_dir() else []
        folders, given = paths_of("folder", folder), self._passwords(passwords)
        if not isinstance(registry, Registry | bool):
            raise wrong_type("registry", "a registry or bool", registry)
        if not isinstance(due_within, timedelta):
            due_within = timedelta(days=instance_of("due_within", due_within, int))
        if due_within < timedelta(0):
            raise ValueError("due_within has to be 0 or more")
        if instance_of("processes", processes, int) < 1:
            raise ValueError("processes has to be 1 or more")
        request = AuditRequest(
            folders=folders,
            due_within=due_within,
            practice=optional_instance_of("practice", practice, str),
            registry=bool(registry),
            revocation=instance_of("revocation", revocation, bool),
            follow_links=instance_of("follow_links", follow_links, bool),
        )
        given_registry = registry if isinstance(registry, Registry) else None
        with revocation_asker(self.settings, anew=False) if revocation else nullcontext() as ask:
            options = AuditOptions.of(
                self.settings,
                request,
                training_now=self._training_now,
                is_open=given_registry is not None,
                now=optional_instance_of("now", now, datetime),
                cache=None,
                processes=processes,
                unnamed=frozenset() if is_named else frozenset(folders),
                language=None if language is None else checked_choice("language", language, LANGUAGES),
                ask_revocation=ask,
                executor=optional_instance_of("executor", executor, Executor),
            )
            opened = self.open_registry if given_registry is None else lambda: nullcontext(given_registry)
            return run_audit(given, options, opened)

    def _passwords(self, passwords: Passwords) -> PasswordsOf:
        """Return the function that gives the passwords of a file; none where that file may not be opened on a shared
        server."""
        given = passwords_of("passwords", passwords)

        def openable(file: Path) -> Sequence[Secret]:
            try:
                self._toolkit.require_openable(file)
            except errors.KeystoreNotIssued:
                return ()
            return given(file)

        return openable
