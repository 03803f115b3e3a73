"""Methods for the certificate of a keystore: install, activate and test it."""

from __future__ import annotations

from ehtoolkit.api.arguments import Password, PathLike
from ehtoolkit.api.connection import Connection
from ehtoolkit.procedures.certificate_test import CertificateTest, prove_certificate
from ehtoolkit.procedures.complete import ActivationResult, activate, complete
from ehtoolkit.procedures.finish import FinishResult, archive_replaced, finish
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.state.platform_status import PlatformStatus, status
from ehtoolkit.toolkit import revocation_asker


class CertificateMethods(Connection):
    """Methods for the certificate of a keystore: install, activate and test it."""

    def complete_certificate(self, keystore: PathLike, password: Password) -> ProcedureResult:
        """Install the certificate in its keystore and make its encryption token (ETK). The file may be in any folder.

        A certificate that is not delivered yet is a result (state ``waiting``), not an error. A complete file is
        checked again (``already``).

        Raises what `open_keystore` raises, `errors.WrongEnvironment`, `errors.NeverSent` (the platform does not know
        the key), `errors.RequestRefused`, `errors.ValidationOverdue`, `errors.EtkKeyMissing` (the platform has a token
        whose key is not in the file), `errors.RequestRunning` (another page or program is working on a certificate of
        the same holder) and `errors.PlatformError`, among them `errors.RequestUnclear` and `errors.StatusUnclear` for
        an answer that is not understood. When the holder has a newer file, `errors.RequestWaiting`,
        `errors.AlreadyRenewed` (both with reason ``old``) or `errors.NeverSent` names it. The example continues that of
        `request_certificate`:

        >>> import ehtoolkit
        >>> with ehtoolkit.connect() as eh:  # in training, you can move the clock
        ...     _ = eh.training.clock.move("+1d")
        ...     done = eh.complete_certificate(asked.keystore, "Kine-2026")
        >>> print(done.state, "→", done.next)
        complete → use
        """
        return complete(self._opened(keystore, password), self._toolkit.context)

    def finish_certificate(
        self, keystore: PathLike, password: Password, *, archive: bool = False
    ) -> FinishResult:
        """Complete a request or a renewal, activate its token (ETK) where it replaces another one, and test the
        keystore. After an error, the same call goes on with the step that failed.

        ``archive``: also move the files that this one replaces into the sub-folder ``archive``, unless the test is red.
        Raises what `complete_certificate` and `activate_etk` raise. A certificate that is not delivered yet is a
        result. The example continues that of `renew_certificate`:

        >>> import ehtoolkit
        >>> done = ehtoolkit.finish_certificate(renewed.keystore, "Kine-2026")
        >>> print(done.test.colour, {str(step): str(status) for step, status in done.steps.items()})
        green {'install': 'already', 'etk': 'already', 'activate': 'done', 'test': 'done', 'archive': 'open'}
        """
        file, context = self._opened(keystore, password), self._toolkit.context
        with revocation_asker(self.settings) as ask:
            done = finish(file, context, ask_revocation=ask)
        if not archive:
            return done
        moved = archive_replaced(done, self.settings, context)
        if moved.failure is not None:
            raise moved.failure
        return done.after(moved)

    def activate_etk(self, keystore: PathLike, password: Password) -> ActivationResult:
        """Activate the token (ETK) of a renewed keystore at the depot, and check it there; an active token is only
        checked.

        Raises `errors.WrongState` (not complete, expired or revoked), `errors.AlreadyRenewed` (the file is the old
        one), `errors.EtkKeyMissing`, `errors.ResponseUntrusted` (reason ``not_switched``: the depot still publishes
        another token), `errors.RequestRunning` (another page or program is working on a certificate of the same
        holder), `errors.PlatformError`, and what `open_keystore` raises.

        The example continues that of `finish_certificate`:

        >>> import ehtoolkit
        >>> active = ehtoolkit.activate_etk(renewed.keystore, "Kine-2026")
        >>> print(active.outcome.state, active.retired == (asked.keystore,))
        active True
        """
        return activate(self._opened(keystore, password), self._toolkit.context)

    def certificate_status(self, keystore: PathLike, password: Password) -> PlatformStatus:
        """Return the state of a keystore's certificate according to the platform and the depot; needs no card. When
        they cannot be reached, the state according to the file alone, and ``checked`` is False.

        Raises what `open_keystore` raises, and `errors.WrongEnvironment`.

        >>> import ehtoolkit
        >>> standing = ehtoolkit.certificate_status(asked.keystore, "Kine-2026")
        >>> print(standing.state, [finding.key for finding in standing.findings])
        active ['depot_ours']
        """
        return status(self._opened(keystore, password), self._toolkit.context)

    def test_certificate(  # named as its command
        self, keystore: PathLike, password: Password, *, offline: bool = False
    ) -> CertificateTest:
        """Check that a keystore works: its keys fit, it opens messages that are sealed for it, and the platform gives
        it a session. Changes nothing, and keeps no assertion.

        ``offline``: sends nothing, and checks what needs no network. A check that the platform does not answer is an
        amber line of the result, not an error. Raises `errors.WrongEnvironment`, and what opening the keystore raises.

        >>> import ehtoolkit
        >>> test = ehtoolkit.test_certificate(asked.keystore, "Kine-2026")
        >>> print(test.colour, [line.thing.value for line in test.lines if line.colour != "green"])
        green []
        >>> print(ehtoolkit.test_certificate(asked.keystore, "Kine-2026", offline=True).verdict)
        offline
        """
        file = self._opened(keystore, password)
        with revocation_asker(self.settings) as ask:
            return prove_certificate(file, self._toolkit.context, offline=offline, ask_revocation=ask)
