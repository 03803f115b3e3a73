"""The way to the platform: does it answer, by which proxy, behind whose certificate, and at what time.

It is asked for its list of types of organisations: a question without a person, a card or a signature in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import certifi

from ehtoolkit import errors
from ehtoolkit.doctor.check_result import CheckResult, CheckTopic
from ehtoolkit.ehealth.platform import CERTRA_PATH, base_url_of
from ehtoolkit.ehealth.soap.transport import TOLERANCE, ClockDifference
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.ehealth.wire.proxies import Proxies
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import Toolkit

SLIGHT: Final = timedelta(minutes=1)
"""A difference of clocks that is worth a word."""
_OF_PROXY: Final = frozenset({"proxy", "proxy_down", "proxy_login", "proxy_gateway", "proxy_untrusted"})


def address_of(toolkit: Toolkit) -> str | None:
    """Return where the platform is on the network; None when it is embedded."""
    if toolkit.training is not None and toolkit.settings.platform_url is None:
        return None
    return base_url_of(toolkit.context.environment, toolkit.settings.platform_url) + CERTRA_PATH


def check_platform(toolkit: Toolkit) -> Iterator[CheckResult]:
    """Check whether the platform answers, and whether its clock and this computer's agree."""
    platform, environment = toolkit.context.platform, toolkit.context.environment
    begin = time.monotonic()
    try:
        platform.certra.get_generic_organization_types()
    except errors.PlatformError as error:
        yield CheckResult.of_error(_about(error), error)
        yield from check_clock(toolkit, error)
        return
    address = address_of(toolkit)
    if address is None:
        yield CheckTopic.PLATFORM.ok("platform_embedded")
    else:
        yield CheckTopic.PLATFORM.ok(
            "platform_answers",
            environment=environment,
            host=urlsplit(address).netloc,
            milliseconds=round((time.monotonic() - begin) * 1000),
        )
    yield from check_clock(toolkit)


def check_clock(toolkit: Toolkit, failure: errors.PlatformError | None = None) -> Iterator[CheckResult]:
    """Compare this computer's time with the platform's, as the last answer, or the server that was refused, gave it.
    After another failure yield that it is unknown; without any answer yield nothing."""
    difference = toolkit.context.platform.clock_check.last or _difference_from(failure)
    if difference is None:
        if failure is not None:
            yield CheckTopic.CLOCK.warning("clock_unknown")
        return
    yield clock_results(difference)


def clock_results(difference: ClockDifference) -> CheckResult:
    """Return the result for a difference of clocks, with both times where they differ by more than `SLIGHT`."""
    apart = abs(difference.here - difference.there)
    if apart <= SLIGHT:
        return CheckTopic.CLOCK.ok("clock_right")
    here, there = difference.here, difference.there
    if apart > TOLERANCE:
        return CheckTopic.CLOCK.error("clock_wrong", here=here, there=there)
    minutes = round(apart.total_seconds() / 60)
    return CheckTopic.CLOCK.warning("clock_off", here=here, there=there, minutes=minutes)


def check_proxy(settings: Settings, address: str) -> Iterator[CheckResult]:
    """Yield which proxy leads to the platform, by whatever setting."""
    try:
        proxy = Proxies.of(settings).leading_to(address)
    except errors.SettingInvalid as error:
        yield CheckResult.of_error(CheckTopic.PROXY, error)
        return
    if proxy is None:
        yield CheckTopic.PROXY.ok("proxy_none")
    else:
        yield CheckTopic.PROXY.ok("proxy_used", proxy=proxy.host)


def check_tls(settings: Settings, address: str, public: Path | None = None) -> Iterator[CheckResult]:
    """Yield whose certificate the server shows. One that this computer believes and the public does not is that of a
    virus scanner or a firewall which reads along: other programs may refuse it. ``public``: PEM of the public
    authorities.
    """
    if urlsplit(address).scheme != "https":
        yield CheckTopic.TLS.info("tls_none")
        return
    try:
        with HttpTransport(settings) as transport:
            issuer = transport.look(address).issuer
            if issuer is None:
                return  # there is no answer: the line about the platform reports it
            public = public or Path(certifi.where())
            if settings.ca_file is not None or transport.is_believed(address, public):
                yield CheckTopic.TLS.ok("tls_trusted", issuer=issuer)
            else:
                yield CheckTopic.TLS.warning("tls_inspected", issuer=issuer)
    except (errors.PlatformError, errors.SettingInvalid):
        return  # the same


def _about(error: errors.PlatformError) -> CheckTopic:
    reason = error.reason
    if isinstance(error, errors.PlatformUntrusted) or reason == "tls":
        return CheckTopic.CLOCK if reason == "clock" else CheckTopic.TLS
    return CheckTopic.PROXY if reason in _OF_PROXY else CheckTopic.PLATFORM


def _difference_from(failure: errors.PlatformError | None) -> ClockDifference | None:
    if failure is None or failure.reason != "clock" or failure.here is None or failure.there is None:
        return None
    return ClockDifference(failure.here, failure.there)
