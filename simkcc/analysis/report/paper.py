"""What every page of the house has: one file that needs nothing, both languages in it."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import simkcc
from simkcc.analysis.language import GAP, LOCALES
from simkcc.analysis.report.words import said

LANGUAGES = ("nl", "en")
View = dict[str, Any]
"""What a page says in one language."""


def rendered(template: str, lang: str, view: Callable[[str], View], **more: Any) -> str:
    """Return a page; lang: the language it opens in; view: what it says in a language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    surroundings = Environment(
        loader=PackageLoader("simkcc.analysis", "report"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    views = [view(each) for each in (lang, *(other for other in LANGUAGES if other != lang))]
    page = surroundings.get_template(template).render(
        lang=lang, title=views[0]["title"], views=views, **more
    )
    return re.sub(r"(?<=±) |(?<=\d) (?=%)", GAP, page)


def head(lang: str, kind: str, title: str, made: date, remark: str = "") -> View:
    """Return what the head of a page says. kind: which page it is, by its word."""
    from babel.dates import format_date

    on = format_date(made, "long", locale=LOCALES[lang])
    when = said("made", lang, date=on, version=simkcc.__version__)
    return {
        "lang": lang,
        "say": lambda name, **values: said(name, lang, **values),
        "kind": said(kind, lang),
        "title": title,
        "made": f"{when}. {remark}" if remark else when,
    }
