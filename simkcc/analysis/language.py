"""Numbers as people write them: Dutch as in Belgium, English as in Britain.

A number and its unit are kept on one line by a no-break space.
"""

import math

LOCALES = {"nl": "nl_BE", "en": "en_GB"}
"""By language, the customs of writing numbers."""
GAP = "\N{NO-BREAK SPACE}"
"""Between a number and its unit."""
MILLION = 1_000_000
NONE = {"nl": "n.v.t.", "en": "n/a"}
"""Written where there is no number."""


def decimal(value: float, digits: int = 0, lang: str = "en", *, signed: bool = False) -> str:
    """Return a number with so many digits after the decimal sign; signed: with + or -.

    >>> decimal(12345.62, 1, "nl"), decimal(12345.62, 1, "en")
    ('12.345,6', '12,345.6')
    """
    from babel.numbers import format_decimal

    if not math.isfinite(value):
        return NONE[lang]
    rounded = round(value, digits)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(abs(rounded), format=pattern, locale=LOCALES[lang])
    if signed:
        sign = "-" if rounded < 0 or (rounded == 0 and value < 0) else "+"
        return f"{sign}{text}"
    return f"-{text}" if rounded < 0 else text


def percent(share: float, digits: int = 1, lang: str = "en", *, signed: bool = False) -> str:
    """Return a share as a percentage.

    >>> percent(0.449, lang="nl").replace(GAP, " "), percent(0.449)
    ('44,9 %', '44.9%')
    """
    if not math.isfinite(share):
        return NONE[lang]
    sign = f"{GAP}%" if lang == "nl" else "%"
    return decimal(100 * share, digits, lang, signed=signed) + sign


def euros(value: float, digits: int = 0, lang: str = "en", *, signed: bool = False) -> str:
    """Return an amount; the sign of the number comes first.

    >>> euros(-50196.2, lang="nl").replace(GAP, " "), euros(50196.2, signed=True)
    ('-€ 50.196', '+€50,196')
    """
    if not math.isfinite(value):
        return NONE[lang]
    text = decimal(value, digits, lang, signed=signed)
    sign = text[0] if text[0] in "+-" else ""
    return f"{sign}€{GAP if lang == 'nl' else ''}{text.removeprefix(sign)}"


def spoken_euros(value: float, lang: str = "en") -> str:
    """Return an amount as one says it: to three figures, millions by their word.

    >>> spoken_euros(1_234_567, "nl").replace(GAP, " "), spoken_euros(50_196)
    ('€ 1,23 mln', '€50,200')
    """
    if not math.isfinite(value):
        return NONE[lang]
    if value == 0:
        return euros(0, 0, lang)
    places = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    if abs(rounded) < MILLION:
        return euros(rounded, 2 if abs(value) < 100 else 0, lang)
    digits = max(0, min(2, places + 6))
    word = "mln" if lang == "nl" else "million"
    return f"{euros(rounded / MILLION, digits, lang)}{GAP}{word}"


def significant(value: float, figures: int = 2, lang: str = "en") -> str:
    """Return a number to at most so many significant figures, without an exponent.

    >>> significant(0.000213, 2), significant(277_431.0, 2, "nl")
    ('0.00021', '280.000')
    """
    if value == 0 or not math.isfinite(value):
        return decimal(value, 0, lang)
    places = figures - 1 - math.floor(math.log10(abs(value)))
    rounded, digits = round(value, places), max(0, places)
    while digits > 0 and round(rounded, digits - 1) == rounded:
        digits -= 1
    return decimal(rounded, digits, lang)


def listed(items: list[str], lang: str = "en") -> str:
    """Return items as a sentence lists them.

    >>> listed(["a", "b", "c"], "nl")
    'a, b en c'
    """
    word = "en" if lang == "nl" else "and"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"
