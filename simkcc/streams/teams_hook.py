"""Microsoft Graph's change notifications by webhook.

Graph asks once whether we are there (validationToken), and wants an answer within three seconds, so
records are fetched after it. https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

from collections.abc import AsyncIterator

from simkcc.model.events import Event
from simkcc.streams.hook import Answer, Hook, Request, address_of
from simkcc.streams.source import Options, Source
from simkcc.streams.teams import TeamsReading
from simkcc.streams.teams_notices import Follower, notices_of


def open_hook(rest: str, options: Options) -> Source:
    """Open `teams://host:port/path?state_file=FILE&app_file=FILE&accounts=FILE[&agents=FILE]`."""
    reading = TeamsReading(options)
    return TeamsHook(*address_of(rest, "teams"), reading, Follower(reading, options))


class TeamsHook(Hook):
    """Listens for Microsoft Graph."""

    def __init__(
        self, host: str, port: int, path: str, reading: TeamsReading, follower: Follower
    ) -> None:
        super().__init__(host, port, path, reading)
        self.follower = follower

    def judge(self, request: Request) -> Answer | None:
        """Answer the question whether we are there; refuse who does not know the clientState."""
        if "validationToken" in request.query:
            return Answer(200, request.query["validationToken"])
        if request.method != "POST":
            return Answer(405)
        notices = notices_of(request.body)
        if notices is None:
            return Answer(400)
        return None if all(map(self.follower.knows, notices)) else Answer(403)

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events until closed."""
        async for body in self.bodies():
            for notice in notices_of(body) or []:
                for event in await self.follower.follow(notice or {}):
                    yield event
            for event in await self.follower.upkeep():
                yield event
        for event in self.reading.finish():
            yield event
