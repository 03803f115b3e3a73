"""What `foreign_texts` finds, and what it lets pass."""

from __future__ import annotations

from ipywidgets import HTML

from tests.gallery.foreign_texts import foreign_texts

FRENCH = "Insérez votre carte d’identité dans le lecteur, puis choisissez Continuer."
DUTCH = "Steek uw identiteitskaart in de lezer en kies daarna Verder."


def test_a_sentence_of_another_language_is_found() -> None:
    shown = HTML(f"<p>{FRENCH}</p><ul><li>{DUTCH}</li></ul>")

    assert list(foreign_texts(shown, "fr")) == [f"nl: {DUTCH}"]
    assert list(foreign_texts(shown, "nl")) == [f"fr: {FRENCH}"]


def test_what_says_its_language_and_what_has_none_is_let_pass() -> None:
    shown = HTML(f'<p>{FRENCH}</p><p lang="nl">{DUTCH}</p><p class="eh-mono">{DUTCH}</p><code>{DUTCH}</code>')

    assert list(foreign_texts(shown, "fr")) == []
