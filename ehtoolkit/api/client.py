"""The connection that `ehtoolkit.connect` opens. It is set up once for many calls."""

from __future__ import annotations

from ehtoolkit.api.audits import AuditMethods
from ehtoolkit.api.certificate_requests import RequestMethods
from ehtoolkit.api.certificates import CertificateMethods
from ehtoolkit.api.diagnoses import DiagnosisMethods
from ehtoolkit.api.keystores import KeystoreMethods
from ehtoolkit.api.messages import MessageMethods
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.type_errors import instance_of


class Client(
    RequestMethods, CertificateMethods, KeystoreMethods, DiagnosisMethods, MessageMethods, AuditMethods
):
    """A connection to one environment. Close it, or use it in a ``with`` block.

    ``settings``: the settings of the connection. Threads may share a connection.

    >>> import ehtoolkit
    >>> eh = ehtoolkit.connect()
    >>> eh
    <ehtoolkit connection: training>
    >>> eh.close()
    """


def connect(environment: str | None = None, *, settings: Settings | None = None, **others: object) -> Client:
    """Open a connection to ``training`` (the default), ``acceptance`` or ``production``. Use it in a ``with`` block.

    Args:
        others: any setting by its name, a field of `Settings`, for example ``home="…"``. The ``EHTOOLKIT_*`` variables
            give the rest.
        settings: all settings, instead of single ones.

    Raises `errors.SettingInvalid`, and `TypeError` when both are given.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect(environment="training") as eh:
    ...     identity = eh.read_card("training:elise")
    ...     _ = eh.training.clock.move("+1d")
    >>> identity.person.full_name
    'Élise Marie Vandamme'
    """
    if settings is None:
        return Client(load_settings(environment=environment, **others))
    if environment is not None or others:
        raise TypeError("settings has to be given alone, or single settings without it")
    return Client(instance_of("settings", settings, Settings))
