"""What an exchange told, as contact records: a contact log made by the ledger, and its doubts."""

import datetime
from collections.abc import Mapping, Sequence

import numpy as np

from simkcc.analysis.columns.visits import Visit, visits_of
from simkcc.calibration.cells import EPOCH
from simkcc.calibration.contacts import NAN, NOBODY, Contacts, Record, collect
from simkcc.calibration.halfhours import Cells
from simkcc.calibration.measure import Figures, of_contacts
from simkcc.calibration.own_log import callers_of
from simkcc.calibration.tables import DataError
from simkcc.model.contact_log import DAY, NONE, SECOND, ContactKind, ContactLog, Origin
from simkcc.model.interval import Interval

Told = Mapping[tuple[int, int], int | None]
"""By (contact, leg), the lengths of stays whose start and end nobody saw; None if unknown."""


def figures_of_log(
    log: ContactLog, told: Told, queues: Sequence[str], first_date: datetime.date, threshold: float
) -> Figures:
    """Return the figures of a contact log that a ledger made of what an exchange told.

    Contacts are seen from the moment they join a queue. Who was passed on or consulted is no new
    call. After-call work is left out: most exchanges do not tell it.
    """
    return of_contacts(_contacts(log, told, queues, first_date), threshold)


def _contacts(
    log: ContactLog, told: Told, queues: Sequence[str], first_date: datetime.date
) -> Contacts:
    zero = float((first_date - EPOCH.date()).days * 86_400)
    contacts = log.contacts
    again = np.isin(contacts["origin"], (Origin.REDIAL, Origin.REPEAT))
    caller = callers_of(np.where(again, contacts["parent"], NONE)) if again.any() else None
    first: dict[int, Visit] = {}
    for visit in visits_of(log, told):
        known = first.get(visit.contact)
        if known is None or visit.leg < known.leg:
            first[visit.contact] = visit
    calls = (contacts["kind"] == ContactKind.CALL) & ((contacts["parent"] == NONE) | again)
    records = (
        _record(visit, zero, queues, NOBODY if caller is None else int(caller[visit.contact]))
        for visit in first.values()
        if calls[visit.contact]
    )
    return collect(records, from_queue=True)


def _record(visit: Visit, zero: float, queues: Sequence[str], caller: int) -> Record:
    answered = visit.outcome == "answered"
    measured = answered or visit.outcome == "abandoned"
    wait = visit.wait if measured else None
    return Record(
        visit.begun / SECOND + zero, queues[visit.place],
        NAN if wait is None else wait / SECOND, answered and wait is not None,
        NAN if visit.talk is None else visit.talk / SECOND,
        agent=visit.agent if answered else NOBODY, caller=caller,
    )  # fmt: skip


def figures_of_intervals(
    intervals: Mapping[tuple[int, int], Interval], queues: Sequence[str], first_date: datetime.date
) -> Figures:
    """Return the figures of an exchange that only counts. intervals: by (queue, start)."""
    lengths = {interval.length for interval in intervals.values()}
    minutes = max(lengths, default=0) / 60 / SECOND
    if not intervals or minutes not in (15, 30, 60):
        raise DataError(
            "counts are per quarter, half hour or hour; this source has others, or none"
        )
    sums: dict[tuple[int, int, str], dict[str, float]] = {}
    known = {"offered", "answered", "abandoned", "within"}
    for (place, start), counted in intervals.items():
        row = {name: getattr(counted, name) for name in known}
        known &= {name for name, value in row.items() if value is not None}
        day, at = divmod(start, DAY)
        key = first_date.toordinal() + day, int(at // (minutes * 60 * SECOND)), queues[place]
        cell = sums.setdefault(key, {})
        for name, value in row.items():
            cell[name] = cell.get(name, 0.0) + float(value or 0)
    columns = tuple(sorted(known))
    sums = {key: {name: cell[name] for name in columns} for key, cell in sums.items()}
    return Figures(Cells(int(minutes), sums).arrays(columns), None)
