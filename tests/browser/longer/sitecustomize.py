"""Makes every process that has this folder on its path speak the language of `tests.browser.lengthened`."""

from tests.browser.lengthened import install

install()
