"""`simkcc required`: how much the first line must answer itself for a share handled there."""

from typing import Annotated

import typer

from simkcc.commands.options import (
    Address,
    Format,
    Jobs,
    Lang,
    Out,
    Output,
    Replications,
    Seed,
    Settings,
    Tongue,
    Weeks,
    with_weeks,
    write_document,
)
from simkcc.commands.screen import PROGRESS, print_csv, print_json


def required(
    address: Address,
    goal: Annotated[float, typer.Option(help="Share of all calls to be handled there")] = 0.60,
    settings: Settings = None,
    replications: Replications = 6,
    seed: Seed = None,
    weeks: Weeks = None,
    jobs: Jobs = 2,
    output: Output = Format.TABLE,
    lang: Tongue = Lang.EN,
    out: Out = None,
) -> None:
    """Say how much the first line must answer itself for a share of calls to be handled there."""
    from simkcc.analysis import required as requiring
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    scenario = load_scenario(path, variant, with_weeks(settings, weeks)).scenario
    options = {"replications": replications, "seed": seed, "jobs": jobs}
    with PROGRESS.shown() as progress:
        found = requiring.required(scenario, goal, options, progress)
    row: dict[str, object] = {
        "goal": found.goal, "stated": found.stated, "handled": found.handled.mean,
        "handled_low": found.handled.low, "handled_high": found.handled.high,
        "comes_in": found.comes_in,
        "required_closed_form": found.closed, "required": found.found,
        "half_width": found.half_width,
    }  # fmt: skip
    document = row | {each: found.sentence(each) for each in ("nl", "en")}
    write_document(out, "required.json", document)
    if output == Format.JSON:
        print_json(document)
    elif output == Format.CSV:
        print_csv([row])
    else:
        typer.echo(found.sentence(lang.value))
