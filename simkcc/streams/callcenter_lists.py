"""FreeSWITCH's own lists: who is there, who waits and talks, at the start and after a gap."""

from simkcc.model.contact_log import SECOND
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.callcenter import WAITS, CallCenter, Fields, Member, Stage, keep, whole
from simkcc.streams.neutral import Message


class ListedCenter(CallCenter):
    """Follows callers and agents, and holds what it knows against what the exchange lists."""

    def agents_listed(self, rows: list[Fields], now: int) -> list[Event]:
        """Return the states of agents that a list tells and nothing told before."""
        messages = []
        for row in rows:
            messages += self._agent(row.get("name", ""), row.get("status", ""), now)
        return self.take(messages, now)

    def members_listed(self, rows: list[Fields], now: int) -> list[Event]:
        """Return what complete lists of all queues tell of callers, after a gap or at the start."""
        listed = {row.get("session_uuid") or row.get("uuid", ""): row for row in rows}
        messages: list[Message] = []
        for session, known in list(self._members.items()):
            if known.connection == self.connection or known.stage is Stage.OVER:
                continue
            row = listed.get(session)
            if row is None:
                messages += self._vanished(session, now)
            elif row.get("queue") != known.queue or _since(row) > known.at:
                messages += self._vanished(session, _since(row) or now)[:1]  # it went on
        for session, row in listed.items():
            if session and row.get("queue"):
                messages += self._found(session, row, now)
        return self.take(messages, now)

    def _found(self, session: str, row: Fields, now: int) -> list[Message]:
        """Return what one row tells that was not known."""
        queue, state, agent = row["queue"], row.get("state", ""), row.get("serving_agent", "")
        known = self._members.get(session)
        if known is not None and known.stage is Stage.OVER and known.at < _since(row):
            known = None  # that was another visit
        call, messages = self._of(session), []
        if known is None and state != "Abandoned":
            joined = _since(row) or now
            known = Member(queue, Stage.WAITING, self.connection, joined)
            keep(self._members, session, known)
            keep(self._sessions, row.get("uuid", ""), session)
            messages.append(Message(neutral.QUEUED, joined, call, queue))
        if known is None or known.queue != queue:
            return messages
        known.connection = self.connection
        if known.stage is not Stage.WAITING or state in WAITS:
            return messages
        if state == "Answered" and agent:
            at = whole(row.get("bridge_epoch"), SECOND)
            known.stage, known.agent, known.at = Stage.TALKING, agent, at or now
            messages.append(
                Message(neutral.ANSWERED, at or now, call, queue, agent, vague=at is None)
            )
        elif state == "Abandoned":
            known.stage = Stage.OVER
            at = whole(row.get("abandoned_epoch"), SECOND)
            messages.append(
                Message(neutral.LEFT, at or now, call, queue, reason="abandoned", vague=at is None)
            )
        return messages


def _since(row: Fields) -> int:
    """Return since when somebody in a list waits; 0 if it does not say."""
    rejoined = whole(row.get("rejoined_epoch"), SECOND)
    return rejoined or whole(row.get("joined_epoch"), SECOND) or 0
