"""The runner of watches, with its mail and webhook senders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ehtoolkit.cli.session import Session

if TYPE_CHECKING:  # pandas takes its time, which --help does not need
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import WatchConfig, WatchRunner, WatchStore
    from ehtoolkit.watch.outbox import Sender


@contextmanager
def open_runner(session: Session, store: WatchStore) -> Iterator[WatchRunner]:
    from ehtoolkit.auditing.keyed_names import Pseudonyms
    from ehtoolkit.ehealth.wire.failures import trusting_context
    from ehtoolkit.ehealth.wire.http import HttpTransport
    from ehtoolkit.watch import WatchRunner
    from ehtoolkit.watch.mail import compose, send_mail
    from ehtoolkit.watch.webhook import post_webhook

    settings = session.settings
    with ExitStack() as opened:

        def senders(watch: WatchConfig) -> Mapping[str, Sender]:
            found: dict[str, Sender] = {}
            mail, webhook = watch.mail, watch.webhook
            if mail is not None:
                context = trusting_context(settings.ca_file)

                def send(message: Mapping[str, Any]) -> EhToolkitError | None:
                    at = datetime.fromisoformat(message["at"])
                    made = compose(mail, message["subject"], message["text"], message["id"], at)
                    return send_mail(mail, made, context, settings.platform_timeout)

                found["mail"] = send
            if webhook is not None:
                # Without the token of a training server, which is for that one alone.
                plain = settings.model_copy(update={"platform_token": None})
                transport = opened.enter_context(closing(HttpTransport(plain)))
                found["webhook"] = lambda message: post_webhook(webhook, message["payload"], transport)
            return found

        yield WatchRunner(store, Pseudonyms.in_folder(settings.home / "audit"), senders)
