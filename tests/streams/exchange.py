"""A stand-in for an exchange: knows from recorded packets what its own lists would say.

Written apart from the adapter, on purpose: it follows Newchannel, BridgeEnter and Hangup, which the
adapter does not read, and keeps who waits as a plain table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

END = b"\r\n\r\n"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def packets_of(raw: bytes) -> list[bytes]:
    """Return recorded bytes as packets, each with its blank line."""
    return [block + END for block in raw.split(END)[:-1]]


def fields_of(packet: bytes) -> dict[str, str]:
    lines = packet.decode().split("\r\n")
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


@dataclass
class Exchange:
    """Who waits, which channels are up and bridged, which agents are there."""

    now: float = 0.0
    waiting: dict[str, tuple[str, float]] = field(default_factory=dict)
    serving: dict[str, str] = field(default_factory=dict)
    channels: dict[str, dict[str, str]] = field(default_factory=dict)
    bridges: dict[str, str] = field(default_factory=dict)
    members: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def see(self, packets: Iterable[bytes]) -> None:
        """Take packets into account."""
        for packet in packets:
            if packet.startswith(b"Event: "):
                self._see(fields_of(packet))

    def _see(self, told: dict[str, str]) -> None:
        name, uid, queue = told["Event"], told.get("Uniqueid", ""), told.get("Queue", "")
        self.now = max(self.now, float(told.get("Timestamp") or 0))
        if name in ("Newchannel", "Newstate"):
            self.channels[uid] = told
        elif name == "Hangup":
            for table in (self.channels, self.bridges, self.waiting, self.serving):
                table.pop(uid, None)  # type: ignore[attr-defined]
        elif name == "BridgeEnter":
            self.bridges[uid] = told["BridgeUniqueid"]
        elif name == "BridgeLeave":
            self.bridges.pop(uid, None)
        elif name == "QueueCallerJoin":
            self.waiting[uid] = (queue, float(told["Timestamp"]))
            self.serving[uid] = queue
        elif name == "QueueCallerLeave":
            self.waiting.pop(uid, None)
        elif name in ("QueueCallerAbandon", "AgentComplete"):
            if self.serving.get(uid) == queue:
                self.serving.pop(uid)
        elif name == "QueueMemberRemoved":
            self.members.pop((queue, told["Interface"]), None)
        elif name.startswith("QueueMember"):
            known = {key: value for key, value in told.items() if key not in ("Timestamp", "Event")}
            self.members[queue, told.get("Interface") or told["Location"]] = known

    def queue_status(self, action: str) -> bytes:
        """Return the answer to QueueStatus."""
        said = [f"Response: Success\r\nActionID: {action}\r\nEventList: start"]
        queues = dict.fromkeys([q for q, _ in self.members] + [q for q, _ in self.waiting.values()])
        for queue in queues:
            said.append(f"Event: QueueParams\r\nQueue: {queue}\r\nMax: 0\r\nActionID: {action}")
            for (of, interface), told in self.members.items():
                if of == queue:
                    said.append(
                        f"Event: QueueMember\r\nQueue: {queue}\r\n"
                        f"Name: {told.get('MemberName') or told.get('Name')}\r\n"
                        f"Location: {interface}\r\nInCall: {told.get('InCall', 0)}\r\n"
                        f"Status: {told['Status']}\r\nPaused: {told['Paused']}\r\n"
                        f"PausedReason: {told['PausedReason']}\r\nActionID: {action}"
                    )
            entries = [(uid, t) for uid, (q, t) in self.waiting.items() if q == queue]
            for position, (uid, since) in enumerate(entries, 1):
                said.append(
                    f"Event: QueueEntry\r\nQueue: {queue}\r\nPosition: {position}\r\n"
                    f"Channel: {self.channels.get(uid, {}).get('Channel', '?')}\r\n"
                    f"Uniqueid: {uid}\r\nCallerIDNum: 0470000001\r\nCallerIDName: Jan\r\n"
                    f"Wait: {int(self.now - since)}\r\nPriority: 0\r\nActionID: {action}"
                )
        said.append(f"Event: QueueStatusComplete\r\nActionID: {action}\r\nEventList: Complete")
        return b"".join(each.encode() + END for each in said)

    def core_show_channels(self, action: str) -> bytes:
        """Return the answer to CoreShowChannels."""
        said = [f"Response: Success\r\nActionID: {action}\r\nEventList: start"]
        for uid, told in self.channels.items():
            queue = self.serving.get(uid)
            said.append(
                f"Event: CoreShowChannel\r\nActionID: {action}\r\nChannel: {told['Channel']}\r\n"
                f"CallerIDNum: 0470000001\r\nUniqueid: {uid}\r\nLinkedid: {told['Linkedid']}\r\n"
                f"Application: {'Queue' if queue else 'AppDial'}\r\n"
                f"ApplicationData: {f'{queue},ctr,,,60' if queue else '(Outgoing Line)'}\r\n"
                f"BridgeId: {self.bridges.get(uid, '')}"
            )
        said.append(f"Event: CoreShowChannelsComplete\r\nActionID: {action}\r\nEventList: Complete")
        return b"".join(each.encode() + END for each in said)

    def greeting(self, channels: bool = True) -> bytes:
        """Return what a connection begins with: banner, login, and both lists."""
        said = BANNER + b"Response: Success\r\nMessage: Authentication accepted" + END
        said += b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted" + END
        said += self.queue_status("r-1")
        return said + (self.core_show_channels("r-2") if channels else b"")


def cut(packets: list[bytes], first: int, last: int, channels: bool = True) -> tuple[bytes, bytes]:
    """Return the bytes of two connections: packets before `first`, and from `last` on.

    The second begins with the exchange's own lists as they were at `last`.
    """
    exchange = Exchange()
    exchange.see(packets[:last])
    before = b"".join(packets[:first])
    return before, exchange.greeting(channels) + b"".join(packets[last:])
