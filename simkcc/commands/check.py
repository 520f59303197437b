"""`simkcc check`: is a file valid, and what in it is given, derived, assumed or measured."""

from typing import TYPE_CHECKING, Annotated

import typer

from simkcc.commands.options import Format, Output, Settings
from simkcc.commands.screen import check_document, print_checked, print_json, print_plan
from simkcc.errors import SimkccError

if TYPE_CHECKING:
    from simkcc.model.files import Loaded


def check(
    files: Annotated[list[str], typer.Argument(help="Scenario files, FILE or FILE:VARIANT")],
    plan: Annotated[bool, typer.Option("--plan", help="Print the rows of the plan")] = False,
    settings: Settings = None,
    output: Output = Format.TABLE,
) -> None:
    """Say whether files are valid, and what in them is given, derived, assumed or measured."""
    from simkcc.model.files import load_all, load_scenario, parse_addresses

    loaded: list[Loaded] = []
    complaints: list[str] = []
    for address in files:
        path, variants = parse_addresses(address)
        try:
            if variants:
                loaded += [load_scenario(path, name, settings or ()) for name in variants]
            else:
                loaded += list(load_all(path, settings or ()).values())
        except SimkccError as error:
            complaints.append(str(error))
    complaints += dict.fromkeys(each for found in loaded for each in _figures(found))
    if output == Format.JSON:
        print_json([check_document(each) for each in loaded])
    else:
        print_checked(loaded)
    if plan:
        for each in loaded[:1]:
            print_plan(each)
    if complaints:
        raise SimkccError("\n".join(complaints))


def _figures(loaded: "Loaded") -> list[str]:
    """Return what a file states of figures that cannot be."""
    scenario = loaded.scenario
    states = (scenario.expectations, scenario.turning_points, scenario.own_scorecards)
    if not any(states) and scenario.rollout is None:
        return []
    from simkcc.analysis.stated import figure_complaints

    return [f"{loaded.path}: {complaint}" for complaint in figure_complaints(scenario)]
