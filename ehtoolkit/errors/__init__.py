"""Every error of ehtoolkit, one tree.

An error has a ``key`` (stable: scripts and translations use it) and ``facts`` (numbers, names and codes for its
sentence; never a PIN, a password or a private key). Facts are declared like the fields of a dataclass: type checkers
require those without a default where an error is raised, and each is an attribute, None when this error lacks it.
`ehtoolkit.i18n` makes the sentence and the next step from them in French, Dutch, German and English. Exceptions of
other libraries are translated in one module for each library, with their cause.

>>> from ehtoolkit import Translator, errors, read_card
>>> try:
...     read_card("training:nobody")
... except errors.EhToolkitError as error:
...     print(error.key, "→", Translator("en").error(error))
card_unknown → There is no training card named “nobody”.
"""

from __future__ import annotations

from ehtoolkit.errors.acknowledgements import *  # noqa: F403
from ehtoolkit.errors.arguments import *  # noqa: F403
from ehtoolkit.errors.base import *  # noqa: F403
from ehtoolkit.errors.card import *  # noqa: F403
from ehtoolkit.errors.certificate import *  # noqa: F403
from ehtoolkit.errors.files import *  # noqa: F403
from ehtoolkit.errors.keystore import *  # noqa: F403
from ehtoolkit.errors.platform import *  # noqa: F403
from ehtoolkit.errors.provider_registry import *  # noqa: F403
from ehtoolkit.errors.sealed_messages import *  # noqa: F403
from ehtoolkit.errors.training import *  # noqa: F403
from ehtoolkit.errors.watches import *  # noqa: F403
