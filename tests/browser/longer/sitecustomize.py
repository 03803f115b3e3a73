"""Makes every process that has this folder on its path speak the language of `tests.browser.lengthened_texts`."""

from tests.browser.lengthened_texts import install

install()
