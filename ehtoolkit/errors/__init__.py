"""Every error of ehtoolkit, one tree.

An error carries a ``key`` (stable: scripts and translations use it) and ``facts`` (what the sentence needs: numbers,
names, codes; never a PIN, a password or a private key). Facts are declared like the fields of a dataclass: a type
checker asks for those without a default where an error is made, and each is an attribute, None where this error does
not have it. `ehtoolkit.i18n` makes the sentence and the next step from them in French, Dutch, German and English.
Exceptions of other libraries become ours at one module each, with their cause kept.

>>> from ehtoolkit import Translator, errors, read_card
>>> try:
...     read_card("training:nobody")
... except errors.EhToolkitError as error:
...     print(error.key, "→", Translator("en").error(error))
card_unknown → There is no training card named “nobody”.
"""

from __future__ import annotations

from ehtoolkit.errors.arguments import *  # noqa: F403
from ehtoolkit.errors.base import *  # noqa: F403
from ehtoolkit.errors.card import *  # noqa: F403
from ehtoolkit.errors.certificate import *  # noqa: F403
from ehtoolkit.errors.files import *  # noqa: F403
from ehtoolkit.errors.keystore import *  # noqa: F403
from ehtoolkit.errors.messages import *  # noqa: F403
from ehtoolkit.errors.platform import *  # noqa: F403
from ehtoolkit.errors.registry import *  # noqa: F403
from ehtoolkit.errors.training import *  # noqa: F403
from ehtoolkit.errors.watches import *  # noqa: F403
