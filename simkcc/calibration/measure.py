"""Own figures into a scenario: every step of calibration on one source, in order."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simkcc.analysis.apportion import largest_remainder
from simkcc.calibration.columns import parse_map
from simkcc.calibration.contacts import (
    COLUMNS,
    Contacts,
    collect,
    is_own_log,
    looks_like_contacts,
    read_contacts,
)
from simkcc.calibration.counts import read_counts
from simkcc.calibration.demand import Fresh, fit_demand
from simkcc.calibration.durations import fit_handling, fit_patience
from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.opening import open_cells
from simkcc.calibration.own_log import read_own_log
from simkcc.calibration.redials import expected_redials, fit_redials, is_return, wilson
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.calibration.staffing import fit_staffing
from simkcc.calibration.tables import DataError, read_table
from simkcc.calibration.unseen import fit_unseen
from simkcc.model.scenario import Scenario

LEAST_CONTACTS = 100
"""Nothing is estimated from fewer contacts."""

OnProgress = Callable[[int, int, str], None]
Own = Mapping[str, tuple[str, float | None]]


@dataclass(frozen=True)
class Figures:
    """What a source holds."""

    counts: HalfHours
    contacts: Contacts | None
    """The contacts behind the counts; None if the source has counts only."""

    @property
    def first(self) -> datetime.date:
        """Return the first date with a contact."""
        return datetime.date.fromordinal(int(self.counts.dates[0]))

    @property
    def last(self) -> datetime.date:
        """Return the last date with a contact."""
        return datetime.date.fromordinal(int(self.counts.dates[-1]))

    @property
    def n(self) -> int:
        """Return the number of contacts."""
        return int(self.counts.attempts.sum())


def read_figures(
    path: Path, columns: str | None, threshold: float, first_date: datetime.date
) -> Figures:
    """Return the figures of a file or a folder; raises DataError, SettingError.

    columns: the user's map, `offered=Aangeboden,…`. first_date: of our own log if it does not say.
    """
    own = parse_map(columns)
    if is_own_log(path):
        records, sessions = read_own_log(path, first_date)
        return of_contacts(collect(records, sessions), threshold)
    if path.is_dir():
        raise DataError(
            f"{path}: holds no contacts.parquet; give the folder of simkcc run --out, or a file"
        )
    table = read_table(path)
    if looks_like_contacts(table, own):
        return of_contacts(collect(read_contacts(table, own)), threshold)
    return Figures(read_counts(table, own), None)


def of_contacts(contacts: Contacts, threshold: float) -> Figures:
    """Return contacts with their counts per half hour."""
    return Figures(contacts.half_hours(threshold), contacts)


def refuse_too_few(figures: Figures, source: str) -> None:
    """Refuse a source from which nothing can be estimated, and say what each estimate lacks."""
    if figures.n >= LEAST_CONTACTS:
        return
    contacts = figures.contacts
    waits = "" if contacts is None else f", {int(contacts.abandoned.sum())} of them abandoned"
    raise DataError(
        f"{source}: {figures.n} calls on {len(figures.counts.dates)} day(s){waits}: demand, handling "
        f"and patience cannot be estimated from so few; give at least {LEAST_CONTACTS} calls on 5 days "
        "(some weeks, and 100 abandoned calls, for figures worth using)"
    )


def measure(
    figures: Figures, scenario: Scenario, *, threshold: float, through: float = 1.0,
    on_progress: OnProgress = lambda done, of, what: None,
) -> Findings:  # fmt: skip
    """Return every estimate that the figures allow, and sentences on what they cannot tell.

    through: share of dialled calls that reach what counts alone count; 1 without a menu.
    """
    contacts, counts = figures.contacts, figures.counts
    found = Findings()
    topics = match_topics(counts.queues, scenario)
    again = None
    if contacts is not None and (contacts.caller >= 0).mean() > 0.5:
        again = is_return(contacts)
    on_progress(1, 5, "demand")
    fresh = _fresh(figures, again, scenario)
    reach = through if counts.dialled is None else 1.0
    found.add(fit_demand(counts, scenario, fresh=fresh, through=reach))
    if fresh is not None and fresh.mark == "D":
        found.said.append(Said(
            "Weekdag, half uur en drukte zijn van bellers: de aangenomen herhaaloproepen (A) zijn van de pogingen afgetrokken.",
            "Weekday, half hour and busyness are those of callers: the assumed redials (A) were taken out of the attempts.",
        ))  # fmt: skip
    found.add(_shares(counts, scenario, topics))
    on_progress(2, 5, "handling")
    if contacts is None:
        found.add(_mean_handling(counts, scenario, topics))
        found.add(_without_contacts(counts, scenario, found, threshold))
        on_progress(5, 5, "patience")
        return found
    found.add(_handling(contacts, scenario, topics))
    on_progress(3, 5, "patience")
    waited = contacts.offered if again is None else contacts.offered & ~again
    found.add(fit_patience(contacts.wait[waited], contacts.abandoned[waited]))
    for name, topic in scenario.topics.items():
        if topic.patience is not None and found.find("patience.mean"):
            found.settings[f"topics.{name}.patience"] = "absent"
    on_progress(4, 5, "redials and staffing")
    found.add(fit_redials(contacts, scenario))
    found.add(fit_staffing(contacts, scenario))
    on_progress(5, 5, "redials and staffing")
    return found


def _fresh(figures: Figures, again: np.ndarray | None, scenario: Scenario) -> Fresh | None:
    """Return the contacts that are no redial: told apart by caller, else by the assumed redials."""
    counts, contacts = figures.counts, figures.contacts
    if again is not None and contacts is not None:
        days = np.searchsorted(counts.dates, contacts.date[~again])
        interval = ((contacts.dialled[~again] % 86_400) // 1800).astype(int)
        found = np.zeros(counts.attempts.shape)
        np.add.at(found, (days, interval), 1.0)
        return Fresh(found, "M")
    if scenario.redial is None or counts.abandoned is None:
        return None
    lost = counts.of_centre("abandoned")
    redials = expected_redials(lost, open_cells(counts), scenario.redial, counts.minutes)
    return Fresh(np.maximum(counts.attempts - redials, 0.0), "D")


# ---------------------------------------------------------------------------------------------
# which line is which topic


def match_topics(queues: tuple[str, ...], scenario: Scenario) -> dict[str, str]:
    """Return the topic of each queue of the file; empty if any is unknown."""
    names = {name.casefold(): name for name in scenario.topics}
    by_queue: dict[str, list[str]] = {}
    for name in scenario.topics:
        by_queue.setdefault(scenario.queue_of(name).casefold(), []).append(name)
    names |= {
        queue: found[0]
        for queue, found in by_queue.items()
        if len(found) == 1 and queue not in names
    }
    if len(scenario.topics) == 1:
        return dict.fromkeys(queues, next(iter(scenario.topics)))
    found = {queue: names[queue.casefold()] for queue in queues if queue.casefold() in names}
    return found if len(found) == len(queues) else {}


def _say_unmatched(counts: HalfHours, scenario: Scenario) -> Said:
    theirs = ", ".join(queue for queue in counts.queues if queue) or "geen/none"
    ours = ", ".join(scenario.topics)
    return Said(
        f"De lijnen van het bestand ({theirs}) zijn niet die van het scenario ({ours}): aandelen en afhandeling per lijn blijven zoals ze waren.",
        f"The lines of the file ({theirs}) are not those of the scenario ({ours}): shares and handling by line stay as they were.",
    )


def _shares(counts: HalfHours, scenario: Scenario, topics: Mapping[str, str]) -> Findings:
    """Return the share of each topic in the volume, or keep what there is."""
    found = Findings()
    volumes = ("per_year", "per_hour", "rates", "arrivals")
    uses_share = [name for name, topic in scenario.topics.items() if topic.share is not None]
    if not topics and len(uses_share) == len(scenario.topics):
        found.said.append(_say_unmatched(counts, scenario))
        return found
    if not topics or not set(uses_share) <= set(topics.values()):
        found.said.append(_say_unmatched(counts, scenario))
        found.said.append(Said(
            "Onderwerpen hebben een eigen volume of ontbreken in het bestand: het jaarvolume geldt alleen voor onderwerpen met een aandeel.",
            "Topics have a volume of their own or are missing in the file: the yearly volume holds for topics with a share only.",
        ))  # fmt: skip
        return found
    each = (counts.offered if counts.dialled is None else counts.dialled).sum(axis=(0, 1))
    total = dict.fromkeys(topics.values(), 0.0)
    for queue, amount in zip(counts.queues, each, strict=True):
        total[topics[queue]] += float(amount)
    whole = sum(total.values())
    method = Said("aandeel van de oproepen", "share of calls")
    rounded = shares_of(list(total.values()))
    for (name, amount), share in zip(total.items(), rounded, strict=True):
        for key in volumes:
            found.settings[f"topics.{name}.{key}"] = "absent"
        if len(total) == 1:
            found.settings[f"topics.{name}.share"] = 1.0
        elif whole:
            _, low, high = wilson(round(amount), round(whole))
            found.estimates.append(
                Estimate(f"topics.{name}.share", share, low, high, round(whole), method)
            )
    return found


def shares_of(amounts: Sequence[float], digits: int = 5) -> list[float]:
    """Return the shares of amounts, rounded so that they still add up to 1."""
    steps: int = 10**digits
    return [int(each) / steps for each in largest_remainder(steps, np.array(amounts, float))]


def handling_places(scenario: Scenario, topics: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the path of each handling and the queues of the file that it stands for."""
    own = [name for name, topic in scenario.topics.items() if topic.handling is not None]
    if not own:
        return {"handling": list(topics)}
    if not topics:
        return {}
    places: dict[str, list[str]] = {}
    for queue, name in topics.items():
        places.setdefault(f"topics.{name}.handling" if name in own else "handling", []).append(
            queue
        )
    return places


def _handling(contacts: Contacts, scenario: Scenario, topics: Mapping[str, str]) -> Findings:
    found = Findings()
    places = handling_places(scenario, topics)
    if not places:
        found.add(fit_handling(contacts, "seen.handling", ""))
        found.settings = {}
        return found
    for place, queues in places.items():
        name = place.split(".")[1] if place.startswith("topics") else ""
        chosen = np.isin(contacts.queue, [contacts.queues.index(queue) for queue in queues])
        part = (
            contacts
            if not queues or (place == "handling" and len(places) == 1)
            else _only(contacts, chosen)
        )
        found.add(fit_handling(part, place, name))
    return found


def _only(contacts: Contacts, chosen: np.ndarray) -> Contacts:
    columns = {name: getattr(contacts, name)[chosen] for name in (*COLUMNS, "queue")}
    return replace(contacts, **columns)


# ---------------------------------------------------------------------------------------------
# counts only


def _mean_handling(counts: HalfHours, scenario: Scenario, topics: Mapping[str, str]) -> Findings:
    """Return the mean handling of counts: their distribution cannot be known."""
    from simkcc.analysis.intervals import ratio_interval

    found = Findings()
    if counts.handle_seconds is None or counts.handled is None or not counts.handled.sum():
        found.said.append(
            Said("De afhandeltijd staat niet in het bestand.", "Handling is not in the file.")
        )
        return found
    method = Said(
        "gemiddelde per beantwoorde oproep, ruis tussen dagen",
        "mean per answered call, noise between days",
    )
    places = handling_places(scenario, topics) or {"seen.handling": []}
    for place, queues in places.items():
        chosen = [counts.queues.index(queue) for queue in queues] or slice(None)
        above = counts.handle_seconds[:, :, chosen].sum(axis=(1, 2))
        below = counts.handled[:, :, chosen].sum(axis=(1, 2))
        if below.sum() < LEAST_CONTACTS:
            continue
        mean = ratio_interval(above, below)
        path, less = _mean_path(scenario, place)
        found.estimates.append(Estimate(
            path, round(mean.mean - less, 1), mean.low - less, mean.high - less, int(below.sum()), method, unit="s"
        ))  # fmt: skip
    found.said.append(Said(
        "Uit tellingen blijkt alleen het gemiddelde van de afhandeltijd; de spreiding blijft aangenomen.",
        "Counts tell only the mean of handling; its spread stays assumed.",
    ))  # fmt: skip
    return found


def _mean_path(scenario: Scenario, place: str) -> tuple[str, float]:
    """Return where a mean handling goes, and what of it is no talk there."""
    parts = place.split(".")
    owner = scenario.topics[parts[1]] if parts[0] == "topics" else scenario
    handling = owner.handling
    if handling is None or handling.aht is not None or parts[0] == "seen":
        return f"{place}.aht", 0.0
    if not hasattr(handling.talk, "mean"):
        return "seen.handling.aht", 0.0
    wrap = handling.wrap_up
    return f"{place}.talk.mean", float(getattr(wrap, "mean", getattr(wrap, "value", 0.0)))


def _without_contacts(
    counts: HalfHours, scenario: Scenario, found: Findings, threshold: float
) -> Findings:
    """Return what counts can say about patience; redials and staffing they cannot."""
    seen = (
        counts.handle_seconds is not None
        and counts.handled is not None
        and counts.handled.sum() > 0
    )
    handling = counts.total("handle_seconds") / counts.total("handled") if seen else 0.0
    busy = found.find("demand.busyness_cv")
    first = [name for name, group in scenario.groups.items() if group.line == 1]
    fitted = fit_unseen(
        counts, handling=handling, threshold=threshold, group=first[0] if len(first) == 1 else None,
        busyness_cv=float(busy.value) if busy is not None else scenario.demand.busyness_cv,
    )  # fmt: skip
    fitted.said.append(Said(
        "Tellingen zijn pogingen: welk deel herhaaloproepen zijn, en wie er werkte, kunnen ze niet zeggen.",
        "Counts are attempts: what share of them are redials, and who was working, they cannot tell.",
    ))  # fmt: skip
    return fitted
