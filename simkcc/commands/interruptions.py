"""`simkcc interruptions`: what disturbing specialists may cost before another way takes fewer hours."""

from typing import Annotated, Any

import typer

from simkcc.analysis.language import decimal
from simkcc.commands import options
from simkcc.commands.arms import two_arms
from simkcc.commands.screen import PROGRESS, print_rows, say, show

TEXTS = {
    "met": {
        "en": (
            "{first} and {second} take as many hours of the second line if an interruption costs "
            "{value:.0f} s (between {low:.0f} and {high:.0f} s, 95 %): above that {fewer} takes "
            "fewer. The assumption in the file is {assumed:g} s."
        ),
        "nl": (
            "{first} en {second} vragen evenveel uren van de tweede lijn als een onderbreking "
            "{value:.0f} s kost (tussen {low:.0f} en {high:.0f} s, 95 %): daarboven vraagt {fewer} "
            "er minder. De aanname in het bestand is {assumed:g} s."
        ),
    },
    "never": {
        "en": "Whatever an interruption costs, one of {first} and {second} takes fewer hours.",
        "nl": "Wat een onderbreking ook kost, één van {first} en {second} vraagt minder uren.",
    },
    "same": {
        "en": (
            "Between {first} and {second} there is no detectable difference in hours of the second "
            "line at any of these costs."
        ),
        "nl": (
            "Tussen {first} en {second} is er bij geen van deze kosten een aantoonbaar verschil in uren "
            "van de tweede lijn."
        ),
    },
    "rota": {
        "en": "Hours on rota beside this work: {a} a day for {first}, {b} for {second}.",
        "nl": "Uren permanentie naast dit werk: {a} per dag bij {first}, {b} bij {second}.",
    },
}


def interruptions(
    address: Annotated[str, typer.Argument(help="FILE.toml:A,B")],
    settings: options.Settings = None,
    replications: options.Replications = None,
    seed: options.Seed = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
) -> None:
    """Compare the second line's hours of two variants at several costs of an interruption."""
    from simkcc.analysis.compare import compare
    from simkcc.analysis.promises.interruption import break_even, sensitivity

    loaded = two_arms(address, settings or [])
    with PROGRESS.shown() as progress:
        comparison = compare(
            loaded, replications=replications, seed=seed, jobs=jobs, on_progress=progress
        )
    first, second = comparison.arms
    rows = [
        {
            "resumption": each.seconds, first.label: each.first.mean, second.label: each.second.mean,
            "difference": each.difference.mean, "low": each.difference.low,
            "high": each.difference.high,
        }
        for each in sensitivity(first, second)
    ]  # fmt: skip
    even = break_even(first, second)
    found = None if even.mean != even.mean else [even.mean, even.low, even.high]
    document = {"unit": "h per day", "rows": rows, "break_even_seconds": found}
    options.write_document(out, "interruptions.json", document)

    def print_table() -> None:
        print_rows([_shown(row, lang.value) for row in rows])
        differ = any(row["low"] > 0 or row["high"] < 0 for row in rows)
        say(_sentences(first, second, even, lang.value, differ=differ))

    show(output, document=lambda: document, rows=lambda: rows, table=print_table)


HEADS = {
    "resumption": {"en": "s per interruption", "nl": "s per onderbreking"},
    "difference": {"en": "difference", "nl": "verschil"},
    "low": {"en": "low", "nl": "laag"},
    "high": {"en": "high", "nl": "hoog"},
}


def _shown(row: dict[str, float], lang: str) -> dict[str, str]:
    """Return a row as it is read: whole seconds, hours a day in two decimals."""
    return {
        HEADS.get(key, {}).get(lang, key): decimal(value, 0 if key == "resumption" else 2, lang)
        for key, value in row.items()
    }


def _sentences(first: Any, second: Any, even: Any, lang: str, *, differ: bool) -> list[str]:
    """Return where the two meet, and the hours on rota that the table leaves out."""
    from simkcc.analysis.language import decimal

    names = {"first": first.label, "second": second.label}
    more = first.interval("interruptions").mean > second.interval("interruptions").mean
    numbers = {"value": even.mean, "low": even.low, "high": even.high}
    name = ("met" if even.mean > 0 else "never") if differ else "same"
    meet = TEXTS[name][lang].format(
        fewer=second.label if more else first.label, assumed=first.scenario.costs.resumption,
        **numbers, **names,
    )  # fmt: skip
    a, b = (decimal(arm.interval("rota_hours").mean, 1, lang) for arm in (first, second))
    return [meet, TEXTS["rota"][lang].format(a=a, b=b, **names)]
