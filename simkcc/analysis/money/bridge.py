"""From the cost of one arm to that of another, in steps that add up exactly."""

from dataclasses import dataclass

import numpy as np

from simkcc.analysis.intervals import Interval, mean_interval
from simkcc.analysis.money.costs import Components, Floats, Values, terms

STEPS = ("hours", "price", "fixed", "management", "transfers", "repeats", "kept")
"""Steps in the order they are laid: hours at the old price, the price of an hour, fixed yearly
sums, contract management, the second line, repeated calls, freed staff that is still paid."""

NAMES = {
    "hours": {"en": "pooling and flexing: other hours at the old price",
              "nl": "bundelen en meebewegen: andere uren tegen de oude prijs"},
    "price": {"en": "price of an hour", "nl": "prijs van een uur"},
    "fixed": {"en": "fixed yearly sums", "nl": "vaste bedragen per jaar"},
    "management": {"en": "contract management", "nl": "contractbeheer"},
    "transfers": {"en": "more work for the second line", "nl": "meer werk voor de tweede lijn"},
    "repeats": {"en": "more repeated calls", "nl": "meer herhaalde oproepen"},
    "kept": {"en": "freed staff that is still paid", "nl": "vrijgekomen personeel dat betaald blijft"},
}  # fmt: skip
"""What each step is called."""


A_EURO = 1.0
"""A step smaller than this is none: it is the rounding of sums."""


@dataclass(frozen=True)
class Bridge:
    """The steps from the cost of `first` to that of `second`, in euros a year."""

    first: str
    second: str
    start: Interval
    """Cost of the first arm."""
    end: Interval
    """Cost of the second, everything counted."""
    steps: dict[str, Interval]
    """By name, as in STEPS; their means add up to end minus start."""

    @property
    def price_share(self) -> float | None:
        """Return the part of the gross saving that is the price of an hour.

        The gross saving is that of hours and price together. None unless both save.
        """
        hours, price = self.steps["hours"].mean, self.steps["price"].mean
        return price / (hours + price) if hours <= 0 and price < -A_EURO else None


def step_values(first: Components, second: Components) -> dict[str, Floats]:
    """Return the steps per replication, in euros a year; they add up to the difference.

    The price of an hour is everything paid for labour over the hours it bought, so that contracts
    by minute or call stand beside those by the hour. An arm without hours has no price of its own:
    the other's is used, and the step is then all hours.
    """
    labour = [_labour(arm) for arm in (first, second)]
    hours = [arm.rostered_hours for arm in (first, second)]
    price = [np.divide(paid, bought, out=np.full(len(paid), np.nan), where=bought > 0)
             for paid, bought in zip(labour, hours, strict=True)]  # fmt: skip
    old = np.where(np.isnan(price[0]), price[1], price[0])
    by_hours = np.nan_to_num((hours[1] - hours[0]) * old)
    found = terms(first, second)
    management = second.column("management") - first.column("management")
    return {
        "hours": by_hours,
        "price": labour[1] - labour[0] - by_hours,
        "fixed": _fixed(second) - _fixed(first),
        "management": management,
        "transfers": found.transfers,
        "repeats": found.repeats,
        "kept": found.kept,
    }


def _yearly(arm: Components) -> Floats:
    """Return the fixed yearly prices of providers."""
    keys = [key for key in arm.quantities if key.startswith("providers.")]
    amounts = [arm.prices[k] * arm.quantities[k] for k in keys if k.endswith(".per_year")]
    return np.sum([np.zeros(len(arm.budget)), *amounts], axis=0)


def _labour(arm: Components) -> Floats:
    return arm.column("front_line") + arm.column("provider") - _yearly(arm)


def _fixed(arm: Components) -> Floats:
    return arm.column("fixed") + _yearly(arm)


def bridge(first: Components, second: Components, values: Values | None = None) -> Bridge:
    """Return the bridge between two arms, at other prices and assumptions if given."""
    first, second = first.at(values or {}), second.at(values or {})
    found = terms(first, second)
    steps = step_values(first, second)
    return Bridge(
        first.label,
        second.label,
        mean_interval(found.first),
        mean_interval(found.first + found.difference),
        {name: mean_interval(steps[name]) for name in STEPS},
    )


TEXTS = {
    "both": {
        "en": "From {first} to {second} the hours save EUR {hours:,.0f} a year and their price EUR "
        "{price:,.0f}. About {share:.0%} of the gross saving is the price of labour, not "
        "efficiency.",
        "nl": "Van {first} naar {second} besparen de uren {hours:,.0f} euro per jaar en de prijs "
        "ervan {price:,.0f} euro. Ongeveer {share:.0%} van de brutobesparing is de prijs van "
        "arbeid, geen doelmatigheid.",
    },
    "price": {
        "en": "From {first} to {second} more is rostered: the hours cost EUR {hours:,.0f} a year "
        "more, and their lower price saves EUR {price:,.0f}. Whatever is saved is the price of "
        "labour.",
        "nl": "Van {first} naar {second} wordt er meer ingeroosterd: de uren kosten {hours:,.0f} "
        "euro per jaar meer, en hun lagere prijs bespaart {price:,.0f} euro. Wat er bespaard wordt, is "
        "de prijs van arbeid.",
    },
    "adds": {
        "en": "On top of that, {what} adds EUR {amount:,.0f}.",
        "nl": "Daarbovenop kost {what} {amount:,.0f} euro.",
    },
    "net": {
        "en": "Everything counted{how}, {second} costs EUR {net:,.0f} (± {noise:,.0f}) a year {word} "
        "than {first}.",
        "nl": "Alles meegeteld{how} kost {second} {net:,.0f} euro (± {noise:,.0f}) per jaar {word} dan "
        "{first}.",
    },
    "per_call": {
        "en": " (the second line per answered call)",
        "nl": " (de tweede lijn per beantwoorde oproep)",
    },
    "more": {"en": "more", "nl": "meer"},
    "less": {"en": "less", "nl": "minder"},
}


def explain_bridge(found: Bridge, noise: float, lang: str = "en") -> list[str]:
    """Return the bridge in sentences. noise: half-width of the net difference."""
    hours, price = found.steps["hours"].mean, found.steps["price"].mean
    said = []
    names = {"first": found.first, "second": found.second}
    if found.price_share is not None:
        said.append(
            sentence(TEXTS["both"], lang, hours=-hours, price=-price, share=found.price_share, **names)
        )  # fmt: skip
    elif hours > A_EURO and price < -A_EURO:
        said.append(sentence(TEXTS["price"], lang, hours=hours, price=-price, **names))
    for name in ("transfers", "repeats", "kept"):
        if found.steps[name].mean > found.start.mean / 100:
            amount = found.steps[name].mean
            said.append(sentence(TEXTS["adds"], lang, what=NAMES[name][lang], amount=amount))
    net = found.end.mean - found.start.mean
    word = TEXTS["more" if net > 0 else "less"][lang]
    how = TEXTS["per_call"][lang] if abs(found.steps["transfers"].mean) > A_EURO else ""
    said.append(
        sentence(TEXTS["net"], lang, net=abs(net), noise=noise, word=word, how=how, **names)
    )
    return said


def sentence(texts: dict[str, str], lang: str, **values: object) -> str:
    """Return a sentence with its numbers written as the language writes them."""
    if lang == "nl":
        values = {k: _Dutch(v) if isinstance(v, float) else v for k, v in values.items()}
    return texts[lang].format(**values)


class _Dutch(float):
    """A number written with a comma for decimals, a point for thousands, a space before %."""

    def __format__(self, form: str) -> str:
        text = super().__format__(form).translate(str.maketrans(",.", ".,"))
        return text.replace("%", " %")
