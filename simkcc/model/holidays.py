"""Public holidays of Belgium and the Netherlands, and the dates on which a centre is closed."""

import datetime

from simkcc.model.calendar import Calendar


def closed_dates(
    calendar: Calendar, first: datetime.date, last: datetime.date
) -> set[datetime.date]:
    """Return the holidays of every year from that of one date to that of another, own ones too."""
    years = range(first.year, last.year + 1)
    named = (public_holidays(calendar.country, year) for year in years)
    return set(calendar.holidays).union(*named)


def easter(year: int) -> datetime.date:
    """Return Easter Sunday (Gregorian), by the method of Meeus, Jones and Butcher."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + skipped + 15) % 30
    epact -= (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return datetime.date(year, month, offset + 28 - 31 * (month // 4))


def public_holidays(country: str, year: int) -> set[datetime.date]:
    """Return the public holidays of Belgium (`BE`) or the Netherlands (`NL`)."""
    if country == "none":
        return set()
    sunday = easter(year)
    moving = {sunday + datetime.timedelta(days) for days in (1, 39, 50)}
    fixed = {"BE": ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
             "NL": ((1, 1), (12, 25), (12, 26))}  # fmt: skip
    days = moving | {datetime.date(year, month, day) for month, day in fixed[country]}
    if country == "NL":
        days.add(_kings_day(year))
    return days


def _kings_day(year: int) -> datetime.date:
    day = datetime.date(year, 4, 27 if year >= 2014 else 30)
    return day - datetime.timedelta(1) if day.weekday() == 6 else day
