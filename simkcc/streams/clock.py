"""Clock of a source: moments since 1970 to microseconds since the local midnight of its first day.

A day lasts 86,400 local seconds, as everywhere; only the conversion knows of summer time. In autumn one
hour comes twice: those two hours are told as one, at half speed, so that no time comes twice and what
happened later is never told as earlier.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from simkcc.model.contact_log import SECOND

HOUR = 3600 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Turns moments into times of events, and back. The first moment sets the first day."""

    def __init__(self, zone: tzinfo = UTC, first_date: date | None = None) -> None:
        self.zone = zone
        self.first_date = first_date
        self._offsets: dict[int, int] = {}
        self._folds: dict[int, int] = {}

    def at(self, moment: int) -> int:
        """Return the local time of a moment, both in microseconds."""
        hour = moment // HOUR
        offset = self._offsets.get(hour)
        if offset is None:
            offset = self._offset(hour)
        if hour in self._folds:
            start = self._folds[hour]
            return start - offset + (moment - start) // 2
        return moment - offset

    def moment(self, at: int) -> int:
        """Return the moment of a local time: the inverse of `at`."""
        if self.first_date is None:
            raise ValueError("a clock that has not run")
        local = datetime.combine(self.first_date, time()) + timedelta(microseconds=at)
        here = local.replace(tzinfo=self.zone)
        since = (here - EPOCH) // timedelta(microseconds=1)
        later = (here.replace(fold=1).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
        return since + since % HOUR if later - since == HOUR else since

    def _offset(self, hour: int) -> int:
        """Return what to take off moments of an hour since 1970. Zones change on the hour."""
        utc = EPOCH + timedelta(hours=hour)
        local = utc.astimezone(self.zone)
        if self.first_date is None:
            self.first_date = local.date()
        midnight = datetime.combine(self.first_date, time(), tzinfo=UTC)
        shift = (local.utcoffset() or timedelta()) // timedelta(microseconds=1)
        since = (midnight - EPOCH) // timedelta(microseconds=1)
        before, after = (
            (utc + timedelta(hours=step)).astimezone(self.zone).utcoffset() for step in (-1, 1)
        )
        if after == (local.utcoffset() or timedelta()) - timedelta(hours=1):
            self._folds[hour] = hour * HOUR
        elif before == (local.utcoffset() or timedelta()) + timedelta(hours=1):
            self._folds[hour], shift = (hour - 1) * HOUR, shift + HOUR
        self._offsets[hour] = since - shift
        return self._offsets[hour]
