"""Which column means what: headings in Dutch, English and French, near misses, the user's own map."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from simkcc.calibration.tables import DataError, Table
from simkcc.errors import SettingError

COUNTS: dict[str, tuple[str, ...]] = {
    "date": ("datum", "date", "dag", "day", "jour", "datum tijd", "datetime", "date time",
             "interval start", "begin interval", "tijdstip", "moment", "date heure"),
    "time": ("tijd", "uur", "half uur", "halfuur", "time", "heure", "start", "begin", "van", "tijdstip", "begintijd", "starttijd", "aanvang",
             "interval", "tijdvak", "tijdsinterval", "periode", "demi heure", "half hour"),
    "offered": ("aangeboden", "aangeboden oproepen", "inkomend", "inkomende oproepen", "oproepen",
                "offered", "calls offered", "offered calls", "incoming", "calls", "presentes",
                "appels presentes", "appels entrants", "appels offerts", "offerts", "appels"),
    "answered": ("beantwoord", "beantwoorde oproepen", "aangenomen", "opgenomen", "answered",
                 "calls answered", "answered calls", "handled", "calls handled", "repondus",
                 "appels repondus", "traites", "appels traites", "decroches"),
    "abandoned": ("afgehaakt", "afhakers", "afgebroken", "opgehangen", "verloren", "gemist",
                  "verloren oproepen", "gemiste oproepen", "niet beantwoord", "abandoned",
                  "calls abandoned", "abandoned calls", "abandons", "lost", "missed", "abandonnes",
                  "appels abandonnes", "perdus", "appels perdus"),
    "handling": ("afhandeltijd", "gemiddelde afhandeltijd", "gem afhandeltijd", "aht", "handling",
                 "mean handling", "average handling time", "average handle time", "avg handle time",
                 "handle time", "gespreksduur", "gemiddelde gespreksduur", "gem gespreksduur",
                 "duree moyenne", "dmt", "duree moyenne de traitement", "duree de traitement"),
    "within": ("binnen norm", "binnen de norm", "beantwoord binnen norm", "within",
               "within threshold", "answered within", "answered within threshold",
               "dans le delai", "repondus dans le delai"),
    "service_level": ("service level", "servicelevel", "servicegraad", "servicenorm", "sl",
                      "taux de service", "niveau de service", "bereikbaarheid binnen norm"),
    "asa": ("asa", "gemiddelde wachttijd", "gem wachttijd", "wachttijd", "average speed of answer",
            "average wait", "mean wait", "attente moyenne", "temps d attente moyen"),
    "queue": ("wachtrij", "lijn", "queue", "line", "keuze", "menukeuze", "skill", "file",
              "file d attente", "ligne", "onderwerp", "topic", "dienst", "service"),
}  # fmt: skip
"""Fields of half-hourly counts, and the headings that mean them."""

CONTACTS: dict[str, tuple[str, ...]] = {
    "arrived": ("arrived", "start", "start time", "call start", "begin", "starttijd", "aankomst",
                "binnenkomst", "binnengekomen", "ontvangen", "arrivee", "debut", "heure d arrivee",
                "datum tijd", "tijdstip", "datetime", "received", "queue enter", "enqueued"),
    "answered": ("answered", "answer", "answer time", "answered at", "beantwoord", "opgenomen",
                 "aangenomen", "tijd opgenomen", "repondu", "decroche", "heure de reponse"),
    "ended": ("ended", "end", "end time", "einde", "eindtijd", "beeindigd", "opgehangen", "fin",
              "hang up", "hangup", "raccroche", "heure de fin"),
    "wait": ("wait", "wait time", "wachttijd", "attente", "temps d attente", "queue time"),
    "talk": ("talk", "talk time", "gespreksduur", "duree d appel", "conversation"),
    "wrap_up": ("wrap up", "wrapup", "wrap up time", "acw", "after call work", "nawerk",
                "nabewerking", "post appel"),
    "queue": COUNTS["queue"],
    "agent": ("agent", "agent id", "medewerker", "operator", "user", "gebruiker", "conseiller"),
    "caller": ("caller", "caller id", "callerid", "ani", "beller", "nummer", "telefoonnummer",
               "oproeper", "appelant", "numero", "from", "van nummer"),
}  # fmt: skip
"""Fields of a contact log, and the headings that mean them."""

UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "ms": 0.001}


@dataclass(frozen=True)
class Column:
    """Where a field stands."""

    index: int
    unit: float | None
    """Seconds of one unit of a duration, if the heading or the user says so."""
    by_user: bool
    """Named by the user, who then answers for it."""


def parse_map(text: str | None) -> dict[str, tuple[str, float | None]]:
    """Return field -> (heading, seconds per unit) of `offered=Calls,handling=Duur:min`."""
    found: dict[str, tuple[str, float | None]] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, sign, heading = (each.strip() for each in part.partition("="))
        known = sorted({*COUNTS, *CONTACTS})
        if not sign or not heading:
            raise SettingError(f"--columns {part.strip()}: write it like offered=Aangeboden")
        if name not in known:
            near = get_close_matches(name, known, n=1)
            rest = f"did you mean '{near[0]}'?" if near else f"fields: {', '.join(known)}"
            raise SettingError(f"--columns {name}: unknown field; {rest}")
        left, colon, unit = heading.rpartition(":")
        seconds = UNITS.get(unit.strip()) if colon else None
        found[name] = (left, seconds) if seconds is not None else (heading, None)
    return found


def find_columns(
    table: Table, fields: Mapping[str, Iterable[str]], own: Mapping[str, tuple[str, float | None]]
) -> dict[str, Column]:
    """Return the column of every field that is there; exact names first, then near misses.

    Raises SettingError if the user's map names a column that is not there.
    """
    plain = [_plain(header) for header in table.headers]
    found: dict[str, Column] = {}
    for field, (heading, unit) in own.items():
        if field in fields:
            found[field] = Column(_own(table, heading, plain, field), unit, True)
    taken = {column.index for column in found.values()}
    for field, names in fields.items():  # exact
        for name in names:
            if field not in found and name in plain and plain.index(name) not in taken:
                index = plain.index(name)
                found[field] = Column(index, _unit(table.headers[index]), False)
                taken.add(index)
    for field, names in fields.items():  # near
        free = {text: i for i, text in enumerate(plain) if i not in taken and len(text) > 3}
        near = next(
            (n for name in names if len(name) > 3 for n in get_close_matches(name, free, 1, 0.87)),
            None,
        )
        if field not in found and near is not None:
            found[field] = Column(free[near], _unit(table.headers[free[near]]), False)
            taken.add(free[near])
    return found


def missing(table: Table, field: str, kind: str) -> DataError:
    """Return the error that a needed column was not found."""
    names = ", ".join(f"'{header}'" for header in table.headers if header)
    return DataError(
        f"{table.path}: no column for {field} ({kind}); found {names}; "
        f"say which it is: --columns {field}=HEADING"
    )


def _own(table: Table, heading: str, plain: list[str], field: str) -> int:
    if heading in table.headers:
        return table.headers.index(heading)
    if _plain(heading) in plain:
        return plain.index(_plain(heading))
    near = get_close_matches(heading, table.headers, n=1)
    rest = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(table.headers)}"
    raise SettingError(f"--columns {field}={heading}: {table.path} has no such column; {rest}")


def _plain(header: str) -> str:
    """Return a heading without case, accents, signs and unit: `Gem. afhandeltijd (s)`."""
    text = unicodedata.normalize("NFKD", header.casefold())
    text = re.sub(
        r"\((?:s|sec|secs|seconden|seconds|secondes|min|minuten|minutes|h|u|%|#|aantal)\)", "", text
    )
    text = re.sub(r"^(?:aantal|nombre d[e' ]?|number of|#)\s*", "", text)
    text = "".join(
        each if each.isalnum() else " " for each in text if not unicodedata.combining(each)
    )
    return " ".join(text.split())


def _unit(header: str) -> float | None:
    match = re.search(r"[(\[]\s*(s|sec|ms|min|h)\w*\s*[)\]]", header.casefold())
    return UNITS[match[1]] if match else None
