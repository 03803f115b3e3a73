"""Methods for sealed messages and encryption tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path

from ehtoolkit.api.arguments import Password, PathLike, path_of, paths_of, recipients_of
from ehtoolkit.api.connection import Connection
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.procedures.messages import (
    OpenedFile,
    SealedFile,
    authorities_in_files,
    open_file,
    own_recipient,
    seal_file,
    token_at_depot,
    token_in_file,
)
from ehtoolkit.procedures.state.depot_tokens import save_token
from ehtoolkit.toolkit import revocation_asker
from ehtoolkit.type_errors import instance_of


class MessageMethods(Connection):
    """Methods for sealed messages and encryption tokens."""

    def save_etk(self, holder: str, output: PathLike) -> Path:
        """Write the signed token (ETK) that the depot has for ``TYPE=ID[,APPID]`` to a new file, and return its path.
        `seal` takes it as a recipient.

        Raises `errors.RecipientUnusable`, `errors.IdentifierInvalid`, `errors.FileExists`, `errors.PlatformError`.

        >>> import ehtoolkit
        >>> token = ehtoolkit.save_etk(keystore.holder.identifier.text, "elise.etk")
        >>> token.name
        'elise.etk'
        """
        path = path_of("output", output)
        save_token(instance_of("holder", holder, str), path, self._toolkit.context)
        return path

    def seal(
        self,
        content: PathLike,
        output: PathLike,
        keystore: PathLike,
        password: Password,
        *,
        recipients: Iterable[PathLike] = (),
        to_self: bool = False,
        authorities: Iterable[PathLike] = (),
    ) -> SealedFile:
        """Seal a file for one or more holders of encryption tokens, signed with a keystore.

        Args:
            content: the file to seal, up to 99 MB.
            output: the new file; it must not exist.
            keystore: the sender's.
            password: of it.
            recipients: holders whose token the depot has, ``TYPE=ID[,APPID]`` as ``str``; files with tokens as `Path`.
            to_self: also seal it for the keystore's own newest token.
            authorities: files with certificates to trust, besides those of the keystore.

        Raises `errors.RecipientUnusable` (no token, or no recipient at all), `errors.SenderUnusable`,
        `errors.CertificateMissing`, `errors.MessageTooLarge`, `errors.FileExists`, `errors.FileUnreadable`, and what
        `open_keystore` raises. There is then no new file.

        >>> from pathlib import Path
        >>> import ehtoolkit
        >>> size = Path("letter.txt").write_text("Beste collega")
        >>> sealed = ehtoolkit.seal("letter.txt", "letter.etee", asked.keystore, "Kine-2026", to_self=True)
        >>> Path("letter.etee").stat().st_size == sealed.message.size
        True
        """
        source, target = path_of("content", content), path_of("output", output)
        wanted, trusted_files = recipients_of("recipients", recipients), paths_of("authorities", authorities)
        context, sender = self._toolkit.context, self._opened(keystore, password).keystore
        trusted = self._authorities(trusted_files).adding(sender.chain)
        now = context.clock.now()
        found = [
            token_in_file(recipient, trusted, now)
            if isinstance(recipient, Path)
            else token_at_depot(recipient, context, trusted)
            for recipient in wanted
        ]
        if to_self:
            found.append(own_recipient(sender))
        return seal_file(source, target, found, sender, now)

    def unseal(
        self,
        message: PathLike,
        keystore: PathLike,
        password: Password,
        output: PathLike | None = None,
        *,
        unproven: bool = False,
        online: bool = False,
        authorities: Iterable[PathLike] = (),
    ) -> OpenedFile:
        """Open a sealed message and check all of it. ``message.proven`` of the result says whether to trust the
        content.

        Args:
            message: the file, up to 100 MB.
            keystore: the reader's; its older encryption keys open older messages.
            password: of it.
            output: a new file for the content, written only when it is proven; None only checks the message.
            unproven: also write content that is not proven.
            online: ask the signer's authority whether the certificate is revoked.
            authorities: files with certificates to trust, besides those of the keystore.

        A message that is damaged, or for another holder, is a result with findings. Raises `errors.FileUnreadable`,
        `errors.MessageTooLarge`, `errors.FileExists`, and what `open_keystore` raises.

        >>> import ehtoolkit
        >>> opened = ehtoolkit.unseal("letter.etee", asked.keystore, "Kine-2026", "opened.txt")
        >>> opened.message.proven
        True
        """
        source = path_of("message", message)
        target = None if output is None else path_of("output", output)
        trusted_files = paths_of("authorities", authorities)
        reader = self._opened(keystore, password).keystore
        with revocation_asker(self.settings) if online else nullcontext() as ask:
            return open_file(
                source,
                reader,
                self._authorities(trusted_files),
                self.clock.now(),
                output=target,
                unproven=unproven,
                ask_revocation=ask,
            )

    def _authorities(self, files: Sequence[Path]) -> TrustedAuthorities:
        return self._toolkit.context.message_authorities().with_anchors(authorities_in_files(files).anchors)
