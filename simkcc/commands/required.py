"""`simkcc required`: how much the first line must answer itself for a share handled there."""

from typing import Annotated

import typer

from simkcc.commands import options
from simkcc.commands.screen import PROGRESS, say, show


def required(
    address: options.Address,
    goal: Annotated[float, typer.Option(help="Share of all calls to be handled there")] = 0.60,
    settings: options.Settings = None,
    replications: options.Replications = 6,
    seed: options.Seed = None,
    weeks: options.Weeks = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
) -> None:
    """Say how much the first line must answer itself for a share of calls to be handled there."""
    from simkcc.analysis import required as requiring
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    scenario = load_scenario(path, variant, options.with_weeks(settings, weeks)).scenario
    chance = {"replications": replications, "seed": seed, "jobs": jobs}
    with PROGRESS.shown() as progress:
        found = requiring.required(scenario, goal, chance, progress)
    row: dict[str, object] = {
        "goal": found.goal, "stated": found.stated, "handled": found.handled.mean,
        "handled_low": found.handled.low, "handled_high": found.handled.high,
        "comes_in": found.comes_in,
        "required_closed_form": found.closed, "required": found.found,
        "half_width": found.half_width,
    }  # fmt: skip
    document = row | {each: found.sentence(each) for each in ("nl", "en")}
    options.write_document(out, "required.json", document)
    show(
        output, document=lambda: document, rows=lambda: [row],
        table=lambda: say([found.sentence(lang.value)]),
    )  # fmt: skip
