"""`simkcc rollout`: phases on a calendar, people needed, gates, and which department next."""

import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.screen import PROGRESS, console, say, show
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.analysis.rollout.calendar import Period
    from simkcc.analysis.rollout.played import Study

REPLICATIONS = 10
"""Unless told otherwise, at most this many per period: a search plays many."""
BAR = 12
"""Width of the bar of a share."""


def rollout(
    address: options.Address,
    settings: options.Settings = None,
    postpone: Annotated[
        list[str] | None, typer.Option(help="Move a phase by quarters, as phase_3=2; may be repeated")
    ] = None,
    measured: Annotated[
        list[str] | None,
        typer.Option(help="FILE.toml:VARIANT of simkcc fit: its measured figures replace assumptions; "
                     "PHASE=FILE.toml:VARIANT: in that phase alone; may be repeated"),
    ] = None,
    next_: Annotated[
        bool, typer.Option("--next", help="Rank which department joins next, with the staff there is")
    ] = False,
    at: Annotated[
        str | None, typer.Option(help="With --next: from which day on (2024-04-01); before the last phase if absent")
    ] = None,
    people: Annotated[
        int | None, typer.Option(min=0, help="With --next: people who are there; as in the file if absent")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=2, help="Draws of the assumed inputs for each gate")
    ] = 20,
    replications: options.Replications = None,
    seed: options.Seed = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
) -> None:  # fmt: skip
    """Play a rollout on its calendar: people per phase, share handled, load, go or no go."""
    from simkcc.analysis.rollout.played import Study

    whole, phases = _split(measured or [])
    loaded, replaced = _loaded(address, settings or [], whole)
    own, of_phases = _measured_in(loaded, phases)
    replaced += of_phases
    first = next(iter(loaded.values())).scenario
    if (at is not None or people is not None) and not next_:
        raise SettingError("--at and --people go with --next")
    with PROGRESS.shown() as progress:
        study = Study(
            loaded, own, _shifts(postpone or []), replications or min(first.replications, REPLICATIONS),
            draws, first.seed if seed is None else seed, jobs, progress,
        )  # fmt: skip
        document = _next(study, at, people, replaced) if next_ else _calendar(study, replaced)
    options.write_document(out, "rollout.json", document)
    print_table = _print_joining if next_ else _print_calendar
    show(
        output, document=lambda: document, rows=lambda: _rows(document),
        table=lambda: print_table(study, document, lang.value),
    )  # fmt: skip


def _loaded(
    address: str, settings: list[str], measured: str | None
) -> tuple[dict[str | None, Any], tuple[str, ...]]:
    """Return the file and the variants its phases name, measured figures laid over each."""
    from simkcc.analysis.rollout.measured import with_measured
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    found = {variant: load_scenario(path, variant, settings)}
    plan = found[variant].scenario.rollout
    for phase in plan.phases.values() if plan is not None else ():
        if phase.variant is not None and phase.variant not in found:
            found[phase.variant] = load_scenario(path, phase.variant, settings)
    keys: tuple[str, ...] = ()
    if measured is not None:
        other, name = parse_address(measured)
        fitted = load_scenario(other, name)
        laid = {each: with_measured(one, fitted) for each, one in found.items()}
        found, keys = {each: one for each, (one, _) in laid.items()}, laid[variant][1]
    return found, keys


def _split(measured: list[str]) -> tuple[str | None, dict[str, str]]:
    """Return the address of what was measured for good, and those of single phases."""
    whole: list[str] = []
    phases: dict[str, str] = {}
    for text in measured:
        name, sign, address = text.partition("=")
        if not sign:
            whole.append(text)
        elif name.strip() in phases:
            raise SettingError(f"--measured {text}: {name.strip()} is given twice")
        else:
            phases[name.strip()] = address.strip()
    if len(whole) > 1:
        raise SettingError(
            f"--measured {whole[1]}: give one file for all phases; others as PHASE={whole[1]}"
        )
    return (whole[0] if whole else None), phases


def _measured_in(
    loaded: dict[str | None, Any], phases: dict[str, str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return by phase its file with what was measured in it, and the keys as `phase: key`."""
    from simkcc.analysis.rollout.measured import with_measured
    from simkcc.model.files import load_scenario, parse_address

    base = next(iter(loaded.values()))
    plan = base.scenario.rollout
    known = {} if plan is None else plan.phases
    found: dict[str, Any] = {}
    keys: list[str] = []
    for name, address in phases.items():
        if name not in known:
            raise SettingError(
                f"--measured {name}={address}: no phase '{name}'; phases are {', '.join(known)}"
            )
        named = [p.variant for p in known.values() if p.variant and p.starts <= known[name].starts]
        over = loaded[named[-1]] if named else base
        path, variant = parse_address(address)
        found[name], taken = with_measured(over, load_scenario(path, variant))
        keys += [f"{name}: {key}" for key in taken]
    return found, tuple(keys)


def _shifts(postpone: list[str]) -> dict[str, int]:
    found = {}
    for text in postpone:
        name, sign, quarters = text.partition("=")
        try:
            found[name.strip()] = int(quarters)
        except ValueError:
            raise SettingError(
                f"--postpone {text}: give a phase and a number of quarters, as phase_3=2"
            ) from None
        if not sign:
            raise SettingError(f"--postpone {text}: give a number of quarters, as {name}=2")
    return found


def _calendar(study: "Study", measured: tuple[str, ...]) -> dict[str, Any]:
    from simkcc.analysis.rollout.document import rollout_document

    rows = study.rows()
    needed = {
        name: max(row.needed for row in rows if row.period.start >= phase.starts)
        for name, phase in study.rollout.phases.items()
    }
    gates = [study.gate(name, needed[name]) for name in study.rollout.phases]
    return rollout_document(study, rows, gates, measured)


def _next(
    study: "Study", at: str | None, people: int | None, measured: tuple[str, ...]
) -> dict[str, Any]:
    from simkcc.analysis.rollout.document import joining_document
    from simkcc.analysis.rollout.joining import joining

    return joining_document(study, joining(study, _period(study, at), people), measured)


def _period(study: "Study", at: str | None) -> "Period":
    """Return the period of a day; the last before the last phase that switches something."""
    if at is None:
        switching = [p for p in study.rollout.phases.values() if p.entry or p.knowledge]
        last = switching[-1].starts if switching else study.periods[-1].end
        return next(
            (each for each in reversed(study.periods) if each.end <= last), study.periods[0]
        )
    try:
        day = datetime.date.fromisoformat(at)
    except ValueError:
        raise SettingError(f"--at {at}: give a date like 2024-04-01") from None
    for each in study.periods:
        if each.start <= day < each.end:
            return each
    first, last = study.periods[0].start, study.periods[-1].end
    raise SettingError(f"--at {at}: lies outside the calendar, {first} to {last}")


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    from simkcc.analysis.rollout.document import period_rows

    return period_rows(document) if "periods" in document else document["order"]


HEADS = {
    "en": ("quarter", "starts", "there", "needed", "in time", "gave up", "handled in the centre", "",
           "callbacks /wk", "hours left", "hours stay", "EUR a year"),
    "nl": ("kwartaal", "start", "aanwezig", "nodig", "op tijd", "haakt af", "afgehandeld in het KCC",
           "", "terugbel /wk", "uren weg", "uren blijven", "EUR per jaar"),
}  # fmt: skip


def _print_calendar(study: "Study", document: dict[str, Any], lang: str) -> None:
    from rich.table import Table

    from simkcc.analysis.language import decimal, percent
    from simkcc.analysis.rollout.words import phase_name

    table = Table(*HEADS[lang])
    level = study.base.scenario.norms.service_level
    for each in document["periods"]:
        mean = {
            name: float("nan") if found["mean"] is None else found["mean"]
            for name, found in each["figures"].items()
        }
        share = mean["share_in_kcc"]
        left, stay = (
            sum(one[key] for one in each["departments"].values()) for key in ("leaving", "staying")
        )
        there = each["people"]["available"]
        table.add_row(
            each["label"],
            ", ".join(phase_name(study.rollout, name, lang) for name in each["begins"]),
            "" if there is None else str(there),
            str(each["people"]["needed"]),
            percent(mean[level], 0, lang), percent(mean["abandonment"], 1, lang),
            percent(share, 0, lang), "█" * round(BAR * (share if share == share else 0)),
            *(decimal(value, 0, lang) for value in (mean["callbacks_opened"], left, stay, mean["cost"])),
        )  # fmt: skip
    console().print(table)
    _print_loads(study, document, lang)
    _say(document, lang)


LOAD_HEADS = {
    "en": ("hours a week of the departments", "before"),
    "nl": ("uren per week van de diensten", "vooraf"),
}


def _print_loads(study: "Study", document: dict[str, Any], lang: str) -> None:
    """Print what every department keeps at the end of each phase, beside what it had."""
    from rich.table import Table

    from simkcc.analysis.language import decimal
    from simkcc.analysis.rollout.words import department_name, phase_name

    ends = {each["phase"]: each for each in document["periods"] if each["phase"] is not None}
    if not study.rollout.departments or not ends:
        return
    heads = [phase_name(study.rollout, name, lang) for name in ends]
    table = Table(
        *LOAD_HEADS[lang],
        *(f"{head}, {ends[name]['label']}" for name, head in zip(ends, heads, strict=True)),
    )
    for name in study.rollout.departments:
        loads = [each["departments"][name] for each in ends.values()]
        table.add_row(
            department_name(study.rollout, name, lang),
            decimal(loads[0]["before"], 1, lang),
            *(decimal(load["staying"], 1, lang) for load in loads),
        )
    console().print(table)


NEXT_HEADS = {
    "en": ("next", "share gained", "needed", "chance", "with one ill"),
    "nl": ("volgende", "winst aandeel", "nodig", "kans", "als er één uitvalt"),
}


def _print_joining(study: "Study", document: dict[str, Any], lang: str) -> None:
    from rich.table import Table

    from simkcc.analysis.language import decimal, percent
    from simkcc.analysis.rollout.words import department_name

    table = Table(*NEXT_HEADS[lang])
    for place, each in enumerate(document["order"], 1):
        table.add_row(
            f"{place}. {department_name(study.rollout, each['department'], lang)}",
            decimal(100 * each["gained"], 1, lang, signed=True),
            str(each["needed"]),
            percent(each["chance"], 0, lang),
            percent(each["chance_with_one_fewer"], 0, lang),
        )
    console().print(table)
    _say(document, lang)


FOOT = {
    "en": "Chances are shares of {draws} draws of {drawn} assumed inputs, two replications of each. "
    "Figures are those of assumptions, unless marked otherwise: simkcc check says which.",
    "nl": "Kansen zijn aandelen van {draws} trekkingen van {drawn} aangenomen gegevens, twee "
    "herhalingen van elk. De cijfers rusten op aannames, tenzij anders gemarkeerd: simkcc check zegt "
    "welke.",
}


def _say(document: dict[str, Any], lang: str) -> None:
    foot = FOOT[lang].format(draws=document["draws"], drawn=len(document["drawn"]))
    say((*document["sentences"][lang], foot))
    if document["measured"]:
        word = "Measured" if lang == "en" else "Gemeten"
        say([f"{word}: {', '.join(document['measured'])}."])
