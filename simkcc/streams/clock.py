"""Clock of a source: moments since 1970 to microseconds since the local midnight of its first day.

A day lasts 86,400 local seconds, as everywhere; only the conversion knows of summer time.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from simkcc.model.contact_log import SECOND

HOUR = 3600 * SECOND


class Clock:
    """Turns moments into times of events, and back. The first moment sets the first day."""

    def __init__(self, zone: tzinfo = UTC, first_date: date | None = None) -> None:
        self.zone = zone
        self.first_date = first_date
        self._offsets: dict[int, int] = {}

    def at(self, moment: int) -> int:
        """Return the local time of a moment, both in microseconds."""
        hour = moment // HOUR
        offset = self._offsets.get(hour)
        if offset is None:
            offset = self._offset(hour)
        return moment - offset

    def moment(self, at: int) -> int:
        """Return the moment of a local time: the inverse of `at`, but for the hour that comes twice."""
        if self.first_date is None:
            raise ValueError("a clock that has not run")
        local = datetime.combine(self.first_date, time()) + timedelta(microseconds=at)
        since = local.replace(tzinfo=self.zone) - datetime(1970, 1, 1, tzinfo=UTC)
        return since // timedelta(microseconds=1)

    def _offset(self, hour: int) -> int:
        """Return what to take off moments of an hour since 1970. Zones change on the hour."""
        utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        local = utc.astimezone(self.zone)
        if self.first_date is None:
            self.first_date = local.date()
        midnight = datetime.combine(self.first_date, time(), tzinfo=UTC)
        shift = (local.utcoffset() or timedelta()) // timedelta(microseconds=1)
        since = (midnight - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self._offsets[hour] = since - shift
        return self._offsets[hour]
