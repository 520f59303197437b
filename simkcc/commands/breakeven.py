"""`simkcc breakeven`: at which value of each assumption a conclusion turns, and the tornado."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.arms import two_arms
from simkcc.commands.screen import PROGRESS, console, say, show
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.analysis.money.breakeven import Study

RESUMPTION = "costs.resumption"
"""The one assumption of costs that also enters figures, those of the back office."""
MOST_REPLICATIONS = 4
"""Replications unless told otherwise: every simulated assumption takes several runs."""


def breakeven(
    address: Annotated[str, typer.Argument(help="FILE.toml:A,B; does B differ from A?")],
    metric: Annotated[str, typer.Option(help="Figure whose difference is followed")] = "cost",
    key: Annotated[
        list[str] | None, typer.Option("--key", help="An assumption by its dotted key")
    ] = None,
    low: Annotated[float | None, typer.Option(help="Lowest value of the keys")] = None,
    high: Annotated[float | None, typer.Option(help="Highest value of the keys")] = None,
    prices: Annotated[
        bool, typer.Option("--prices", help="Only assumptions that need no new simulation")
    ] = False,
    top: Annotated[
        int | None, typer.Option(min=1, help="Only so many, largest swing first")
    ] = None,
    settings: options.Settings = None,
    replications: options.Replications = None,
    seed: options.Seed = None,
    weeks: options.Weeks = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
) -> None:
    """Say at which value of each assumption a conclusion turns, or that it never does."""
    from simkcc.analysis.metrics.money import OF_MONEY
    from simkcc.analysis.money.breakeven import BY_COMPONENTS, Study, assumptions, named
    from simkcc.analysis.money.breakeven_document import breakeven_document
    from simkcc.analysis.results import deflation

    laid = options.with_weeks(settings, weeks)
    first, second = two_arms(address, laid)
    scenario = first.scenario
    chosen = named(first, second, key, low, high) if key else assumptions(first, second)
    if metric not in BY_COMPONENTS and not key:
        chosen = [each for each in chosen if not each.only_costs or each.key == RESUMPTION]
    if prices:
        chosen = [each for each in chosen if each.only_costs]
    if not chosen:
        raise SettingError(
            f"{address}: no assumption to move; mark numbers A with a range, or give --key"
        )
    if metric in OF_MONEY:
        _refuse_without_prices(address, (first, second), chosen)
    seed = scenario.seed if seed is None else seed
    number = min(scenario.replications, MOST_REPLICATIONS) if replications is None else replications
    with PROGRESS.shown() as progress:
        study = Study(
            first, second, metric, deflation(scenario, seed), number, seed, laid, jobs, progress
        )
        found = study.break_evens(chosen)[:top]
    document = breakeven_document(study, found, lang.value)
    options.write_document(out, "breakeven.json", document)
    show(
        output, document=lambda: document, rows=lambda: _rows(document),
        table=lambda: _print_table(document, study, lang.value), columns=COLUMNS,
    )  # fmt: skip


def _refuse_without_prices(address: str, arms: Sequence[Any], chosen: Sequence[Any]) -> None:
    """Refuse to say what changes cost where an arm has no price and none is moved."""
    from simkcc.model.scenario import PRICES

    without = [each.variant or "base" for each in arms if not each.scenario.is_priced]
    if without and not any(each.key.rpartition(".")[2] in PRICES for each in chosen):
        raise SettingError(
            f"{address}: no price is given in {' and '.join(without)}, so there is no cost; give "
            "groups.NAME.per_hour, a contract or costs.per_year, or follow another figure, as "
            "--metric sl2"
        )


COLUMNS = ("key", "value", "low", "high", "difference_at_low", "difference_at_high", "swing",
           "status", "break_even", "half_width", "beyond")  # fmt: skip
"""Columns of the table as CSV."""


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for each in document["assumptions"]:
        low, high = each["range"]
        ends = each["at_low"]["mean"], each["at_high"]["mean"]
        rest = (each[name] for name in COLUMNS[6:])
        cells = (each["key"], each["value"], low, high, *ends, *rest)
        found.append(dict(zip(COLUMNS, cells, strict=True)))
    return found


def _is_near(each: dict[str, Any]) -> bool:
    """Return whether a conclusion turns outside the range, but no further off than it is wide."""
    low, high = each["range"]
    return bool(2 * low - high <= each["beyond"] <= 2 * high - low)


HEADS = {
    "en": ("assumption", "stated", "range", "at low", "at high", "turns at"),
    "nl": ("aanname", "waarde", "bereik", "bij laag", "bij hoog", "slaat om bij"),
}
STATUS = {
    "never": {"en": "never within its range", "nl": "nooit binnen het bereik"},
    "unclear": {"en": "cannot be told from noise", "nl": "niet te onderscheiden van ruis"},
    "no effect": {"en": "no effect", "nl": "geen effect"},
}


def _end(metric: str, difference: float | None, lang: str) -> str:
    """Return the difference at an end of a range, if there is one."""
    from simkcc.analysis.figures import difference_text
    from simkcc.analysis.language import NONE

    if difference is None:
        return NONE[lang]
    return difference_text(metric, difference, signed=True, lang=lang)


def _print_table(document: dict[str, Any], study: "Study", lang: str) -> None:
    from rich.table import Table

    from simkcc.analysis.money.claim import quantity

    table = Table(*HEADS[lang], title=document["title"], title_justify="left")
    for each in document["assumptions"]:
        turns = STATUS.get(each["status"], {}).get(lang, "")
        if each["status"] == "turns":
            turns = quantity(each["break_even"], each["half_width"], lang)
        elif each["beyond"] is not None and _is_near(each):
            turns += f" ({quantity(each['beyond'], None, lang)})"
        low, high = (quantity(end, None, lang) for end in each["range"])
        ends = (each["at_low"]["mean"], each["at_high"]["mean"])
        table.add_row(
            each["key"],
            "" if each["value"] is None else quantity(each["value"], None, lang),
            f"{low} … {high}",
            *(_end(study.metric, end, lang) for end in ends),
            turns,
        )
    console().print(table)
    say(document["sentences"])
