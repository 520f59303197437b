"""Scorecards on the screen: norm, result, word and sign, number, what was measured, what to do."""

from typing import Any

from rich.console import Console
from rich.table import Table

SIGNS = {"met": "✓", "not met": "✗", "too close": "≈", "no norm": "-", "no data": "·"}
"""Beside the word, so that no colour is needed to read it."""

TEXTS = {
    "figure": {"en": "figure", "nl": "cijfer"},
    "norm": {"en": "norm", "nl": "norm"},
    "found": {"en": "simulated ± 95 %", "nl": "gesimuleerd ± 95 %"},
    "verdict": {"en": "verdict", "nl": "oordeel"},
    "measured": {"en": "measured", "nl": "gemeten"},
    "action": {"en": "action of the source", "nl": "actie volgens de bron"},
    "at_least": {"en": "at least {value}", "nl": "minstens {value}"},
    "at_most": {"en": "at most {value}", "nl": "hoogstens {value}"},
    "reference": {"en": "(reference {value})", "nl": "(ter vergelijking {value})"},
    "of": {"en": "{value}, n = {n}", "nl": "{value}, n = {n}"},
    "by_hand": {"en": "To be checked by hand: {what}.", "nl": "Met de hand na te gaan: {what}."},
}
"""Words around the figures."""


def _text(name: str, lang: str, /, **values: object) -> str:
    return TEXTS[name][lang].format(**values)


def print_scorecards(screen: Console, result: Any, lang: str) -> None:
    """Print the scorecards a scenario asks for, one table each."""
    from simkcc.analysis.scorecards import judge, scorecards_of

    for name, card in scorecards_of(result).items():
        heads = ("figure", "norm", "found", "verdict", "measured", "action")
        title = card.title.in_(lang) or name
        title = f"{title} ({card.source})" if card.source else title
        rows = [_cells(judged, result, lang) for judged in judge(card, result)]
        shown = [place for place in range(len(heads)) if any(row[place] for row in rows)]
        table = Table(
            *(_text(heads[place], lang) for place in shown), title=title, title_justify="left"
        )
        for row in rows:
            table.add_row(*(row[place] for place in shown))
        screen.print()
        screen.print(table)
        if card.by_hand:
            what = "; ".join(words.in_(lang) for words in card.by_hand)
            screen.print(_text("by_hand", lang, what=what), markup=False)


def _cells(judged: Any, result: Any, lang: str) -> tuple[str, ...]:
    from simkcc.analysis.figures import figure_text, interval_text
    from simkcc.analysis.language import NONE, decimal
    from simkcc.analysis.scorecards import WORDS

    item, metric = judged.item, judged.item.metric

    def value(number: float | None) -> str:
        return "" if number is None else figure_text(metric, number, lang)

    norms = [
        _text(name, lang, value=value(number))
        for name in ("at_least", "at_most", "reference")
        if (number := getattr(item, name)) is not None
    ]
    found = NONE[lang]
    if judged.status != "no data":
        found = f"{interval_text(metric, judged.interval, lang)}"
    if judged.countable:
        found += f"\nn = {decimal(judged.n, 0, lang)}"
    measured = value(item.measured)
    if item.measured_n is not None:
        measured = _text("of", lang, value=measured, n=item.measured_n)
    verdict = f"{SIGNS[judged.status]} {WORDS[judged.status][lang]}"
    return judged.label(lang), " ".join(norms), found, verdict, measured, item.action.in_(lang)
