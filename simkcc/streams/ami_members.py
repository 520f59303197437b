"""Agents as Asterisk tells of them: one status per queue and interface -> one state per agent."""

import re
from dataclasses import dataclass, field

from simkcc.streams import neutral
from simkcc.streams.ami_wire import Packet
from simkcc.streams.neutral import Message

GONE = frozenset(("4", "5"))
"""Device states invalid and unavailable. Idle is 1, or 0 on some telephones."""

OPTIONS = re.compile(r"(?<=@)([^/]*)/[a-z]+$")
SUFFIX = re.compile(r"-[0-9a-f]+(;[12])?$")


@dataclass(slots=True)
class Member:
    """One agent: by queue, whether paused, and whether the telephone is there."""

    name: str
    paused: dict[str, bool] = field(default_factory=dict)
    reason: str = ""
    status: str = ""
    state: str = ""


class Members:
    """Knows agents by interface; queues differ in what they say of the same one."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def name_of(self, packet: Packet) -> str:
        """Return what the exchange calls the agent a packet is about."""
        interface = packet.get("Interface")
        name = packet.get("MemberName")
        known = self._members.get(interface)
        return name or (known.name if known else interface)

    def of_channel(self, channel: str) -> str:
        """Return whose telephone a channel is, or nothing."""
        device = OPTIONS.sub(r"\1", SUFFIX.sub("", channel))
        for interface, member in self._members.items():
            if OPTIONS.sub(r"\1", interface) == device:
                return member.name
        return ""

    def read(self, packet: Packet, at: int | None) -> list[Message]:
        """Return the new state of an agent, if a packet changes it."""
        interface = packet.get("Interface") or packet.get("Location")
        queue = packet.get("Queue")
        if not interface or not queue:
            return []
        name = packet.get("MemberName") or packet.get("Name") or interface
        member = self._members.setdefault(interface, Member(name))
        member.name = name
        if packet.name == "QueueMemberRemoved":
            member.paused.pop(queue, None)
        else:
            member.paused[queue] = packet.get("Paused") == "1"
            member.reason = packet.get("PausedReason") or member.reason
            member.status = packet.get("Status") or member.status
        state = _state(member)
        if state == member.state:
            return []
        member.state = state
        return [Message(neutral.AGENT_STATE, at, queue=queue, agent=name, reason=state)]


def _state(member: Member) -> str:
    """Return where an agent is: paused only if paused in all queues."""
    if not member.paused or member.status in GONE:
        return "offline"
    if all(member.paused.values()):
        return f"paused {member.reason}".strip()
    return "ready"
