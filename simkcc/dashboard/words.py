"""The languages of the screens: gettext catalogues, read with Babel when the server starts."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

LANGUAGES = ("nl", "en", "fr", "de")
"""The first is the default. English stands in the code."""

LOCALES = {"nl": "nl-BE", "en": "en-GB", "fr": "fr-BE", "de": "de-BE"}
"""How numbers and dates are written: the browser knows."""

FOLDER = files("simkcc.dashboard") / "locales"

Translate = Callable[[str], str]


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the words of a language by the English ones."""
    if language == "en":
        return {}
    with (FOLDER / f"{language}.po").open("rb") as file:
        found = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in found if message.id}


def translator(language: str) -> Translate:
    """Return a function from the English words to those of a language."""
    words = catalogue(language)
    return lambda text: words.get(text) or text
