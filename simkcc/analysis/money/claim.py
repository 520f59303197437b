"""The claim of outsourcing, "a higher service level at lower cost": does it hold, and what refutes it.

Every sentence is said in Dutch and in English. Counter-evidence comes from the scenario file.
"""

from collections.abc import Sequence

from simkcc.analysis.intervals import Difference
from simkcc.analysis.money.breakeven import BreakEven, is_price
from simkcc.analysis.money.bridge import sentence
from simkcc.analysis.money.costs import Components, Conclusion, Values, conclude
from simkcc.model.scenario import Evidence

HOLDS = "higher service level at lower cost"
WORDS = {
    HOLDS: {
        "en": "the claim holds: a higher service level at lower cost",
        "nl": "de stelling houdt stand: een hoger serviceniveau tegen lagere kosten",
    },
    "dearer": {
        "en": "the claim fails: the cost is higher",
        "nl": "de stelling houdt geen stand: de kosten liggen hoger",
    },
    "cost unclear": {
        "en": "the claim is not shown: no detectable difference in cost",
        "nl": "de stelling is niet aangetoond: geen aantoonbaar verschil in kosten",
    },
    "not better": {
        "en": "the claim fails: the cost is lower, but so is the service level",
        "nl": "de stelling houdt geen stand: de kosten liggen lager, maar het serviceniveau ook",
    },
    "only cheaper": {
        "en": "half of the claim holds: lower cost, with no detectable difference in service level",
        "nl": "de stelling houdt half stand: lagere kosten, zonder aantoonbaar verschil in "
        "serviceniveau",
    },
}
"""What can become of the claim."""


def judge(service: Difference, cost: Conclusion) -> str:
    """Return what becomes of the claim, as a key of WORDS. service: second minus first."""
    if cost.word != "cheaper":
        return "dearer" if cost.word == "dearer" else "cost unclear"
    if service.low > 0:
        return HOLDS
    return "not better" if service.high < 0 else "only cheaper"


def verdict(
    first: Components, second: Components, service: Difference, values: Values | None = None,
    lang: str = "en",
) -> str:  # fmt: skip
    """Return the conclusion in words at other prices and assumptions; nothing is simulated."""
    return WORDS[judge(service, conclude(first, second, values))][lang]


# ---------------------------------------------------------------------------------------------
# sentences

MEANINGS = {
    "providers.*.per_hour": {"en": "the price of an hour at {name}",
                             "nl": "de prijs van een uur bij {name}"},
    "providers.*.per_minute": {"en": "the price of a minute at {name}",
                               "nl": "de prijs van een minuut bij {name}"},
    "providers.*.per_call": {"en": "the price of a call at {name}",
                             "nl": "de prijs van een oproep bij {name}"},
    "providers.*.per_year": {"en": "the fixed price of {name} a year",
                             "nl": "de vaste jaarprijs van {name}"},
    "providers.*.management_per_year": {"en": "the cost of managing the contract with {name}",
                                        "nl": "de kosten van het contractbeheer van {name}"},
    "groups.*.per_hour": {"en": "the cost of an hour of {name}",
                          "nl": "de kosten van een uur van {name}"},
    "costs.back_office_hour": {"en": "the cost of an hour of the second line",
                               "nl": "de kosten van een uur van de tweede lijn"},
    "costs.resumption": {"en": "the time to resume work after a call put through",
                         "nl": "de tijd om na een doorverbonden oproep het werk te hervatten"},
    "costs.avoided": {"en": "the part of the freed staff's cost that is really avoided",
                      "nl": "het deel van de kosten van vrijgekomen personeel dat echt wordt "
                            "vermeden"},
    "costs.extra_transfers": {"en": "extra calls put through, per answered call",
                              "nl": "extra doorverbonden oproepen, per beantwoorde oproep"},
    "costs.extra_repeats": {"en": "extra repeated calls, per answered call",
                            "nl": "extra herhaalde oproepen, per beantwoorde oproep"},
}  # fmt: skip
"""What an assumption is, by its key, a name in it written as *."""


def meaning(key: str, lang: str) -> str:
    """Return what an assumption is, in words; its key if there are none."""
    names = key.split(".")
    known = MEANINGS.get(f"{names[0]}.*.{names[-1]}") if len(names) == 3 else MEANINGS.get(key)
    return known[lang].format(name=names[1]) if known else key


TEXTS = {
    "refuted": {
        "en": "Each of these alone overturns the conclusion that {second} is cheaper than {first}: "
        "{ways}.",
        "nl": "Elk van deze aannamen keert op zichzelf de conclusie om dat {second} goedkoper is "
        "dan {first}: {ways}.",
    },
    "above": {
        "en": "{what} above {value} (assumed: {now})",
        "nl": "{what} boven {value} (aangenomen: {now})",
    },
    "below": {
        "en": "{what} below {value} (assumed: {now})",
        "nl": "{what} onder {value} (aangenomen: {now})",
    },
    "never": {
        "en": "None of the assumptions tried, within its range and alone, overturns the conclusion "
        "that {second} is cheaper than {first}.",
        "nl": "Geen van de beproefde aannamen keert, binnen haar bereik en op zichzelf, de conclusie "
        "om dat {second} goedkoper is dan {first}.",
    },
    "asymmetry": {
        "en": "{first} is cheap because it is too small: {before:.0%} answered in time, against "
        "{after:.0%} with {second}. Compare also with the same team staffed to the same service "
        "level.",
        "nl": "{first} is goedkoop omdat het te klein is: {before:.0%} op tijd beantwoord, tegen "
        "{after:.0%} met {second}. Vergelijk ook met hetzelfde team, bezet tot hetzelfde "
        "serviceniveau.",
    },
    "against": {"en": "Against it speaks: {what} [{source}]",
                "nl": "Er spreekt tegen: {what} [{source}]"},
}  # fmt: skip


def refutation(
    first: str, second: str, found: Sequence[BreakEven], lang: str = "en"
) -> str:  # fmt: skip
    """Return what would overturn the conclusion that the second arm is cheaper."""
    ways = []
    for each in found:
        if each.value is None:
            continue
        key, stated = each.assumption.key, each.assumption.value
        text = TEXTS["above" if each.at_high.mean > each.at_low.mean else "below"][lang]
        ways.append(text.format(
            what=meaning(key, lang), value=worded(key, each.value, each.half_width, lang),
            now="?" if stated is None else worded(key, stated, None, lang),
        ))  # fmt: skip
    text = TEXTS["refuted" if ways else "never"][lang]
    return text.format(first=first, second=second, ways="; ".join(ways))


SHARES = ("costs.avoided", "costs.extra_transfers", "costs.extra_repeats")


def worded(key: str, value: float, half_width: float | None, lang: str) -> str:
    """Return the value of an assumption with its unit, and its half-width if there is one.

    >>> worded("costs.extra_transfers", 0.0692, 0.004, "nl")
    '6,92 % (± 0,4)'
    """
    factor = 100 if key in SHARES else 1
    text = quantity(factor * value, None, lang)
    if key in SHARES:
        text = f"{text} %" if lang == "nl" else f"{text}%"
    elif is_price(key) and key != "costs.resumption":
        text = f"{text} euro" if lang == "nl" else f"EUR {text}"
    if half_width is None:
        return text
    return f"{text} (± {_noise(factor * half_width, lang)})"


def quantity(value: float, half_width: float | None, lang: str) -> str:
    """Return a number in three figures, with its half-width, as the language writes them."""
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    text = text.translate(DUTCH) if lang == "nl" else text
    return text if half_width is None else f"{text} ± {_noise(half_width, lang)}"


def _noise(half_width: float, lang: str) -> str:
    """Return a half-width in one figure."""
    text = f"{half_width:.1g}" if half_width < 1000 else f"{half_width:,.0f}"
    text = f"{float(text):g}" if half_width < 1000 else text
    return text.translate(DUTCH) if lang == "nl" else text


DUTCH = str.maketrans(",.", ".,")


def asymmetry(first: str, second: str, before: float, after: float, lang: str = "en") -> str | None:
    """Return the warning that the first arm is cheap because it is too small; None if it is not.

    before, after: service levels of first and second.
    """
    if after - before < 0.05:
        return None
    numbers = {"before": before, "after": after}
    return sentence(TEXTS["asymmetry"], lang, first=first, second=second, **numbers)


def counter_evidence(known: Sequence[Evidence], lang: str = "en") -> list[str]:
    """Return what a scenario file knows that speaks against the claim."""
    return [
        TEXTS["against"][lang].format(what=getattr(each, lang) or each.en, source=each.source)
        for each in known
        if each.nl or each.en
    ]
