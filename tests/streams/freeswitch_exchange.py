"""A stand-in for FreeSWITCH: mod_callcenter's events and lists, and a server that speaks ESL.

Written from the protocol's documentation and apart from the adapter. It knows no calls of its own:
tests tell it what happens, and it says so as the exchange would.
"""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import quote

EPOCH = 1_780_000_000
"""Second 0 of recordings."""
PASSWORD = "ClueCon"
CALLER = "Caller-Caller-ID-Name: Jan%20Peeters\nCaller-Caller-ID-Number: %2B32470123456\n"

AGENT_HEADS = (
    "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|"
    "busy_delay_time|no_answer_delay_time|last_bridge_start|last_bridge_end|last_offered_call|"
    "last_status_change|no_answer_count|calls_answered|talk_time|ready_time|external_calls_count"
)
MEMBER_HEADS = (
    "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|"
    "rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|skill_score|serving_agent|"
    "serving_system|state"
)


def frame(kind: str, body: str = "", reply: str = "") -> bytes:
    head = f"Content-Type: {kind}\n"
    head += f"Reply-Text: {reply}\n" if reply else ""
    raw = body.encode()
    head += f"Content-Length: {len(raw)}\n" if raw else ""
    return head.encode() + b"\n" + raw


@dataclass
class FreeSwitch:
    """Says what happens."""

    core: str = "c0ffee00-0000-4000-8000-000000000001"
    sequence: int = 1000
    epoch: int = EPOCH
    """Second 0."""
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    queues: list[str] = field(default_factory=lambda: ["burgerzaken@default", "afval@default"])
    wrap_up: int = 0

    def event(self, at: float, name: str = "CUSTOM", **fields: str | int) -> bytes:
        self.sequence += 1
        told: dict[str, object] = {
            "Event-Name": name, "Core-UUID": self.core, "FreeSWITCH-Hostname": "pbx1",
            "Event-Date-Local": "2026-05-28 22:26:40",
            "Event-Date-Timestamp": round((self.epoch + at) * 1_000_000),
            "Event-Sequence": self.sequence,
        }  # fmt: skip
        if name == "CUSTOM":
            told["Event-Subclass"] = "callcenter::info"
        told |= {key.replace("_", "-"): value for key, value in fields.items()}
        body = "".join(f"{key}: {quote(str(value), safe='')}\n" for key, value in told.items())
        return frame("text/event-plain", body + CALLER + "\n")

    def info(self, at: float, action: str, session: str, queue: str, **more: str | int) -> bytes:
        cid = {"CC_Member_CID_Name": "Jan Peeters", "CC_Member_CID_Number": "+32470123456"}
        told = {"CC_Queue": queue, "CC_Action": action, "CC_Member_UUID": f"m-{session}"}
        return self.event(at, **(told | {"CC_Member_Session_UUID": session} | more | cid))

    def join(self, at: float, session: str, queue: str, resumed: str = "") -> bytes:
        uuid = f"m-{resumed or session}"
        row = {
            "queue": queue, "uuid": uuid, "session_uuid": session, "cid_number": "+32470123456",
            "cid_name": "Jan | Peeters", "joined_epoch": str(self.epoch + int(at)), "state": "Waiting",
        }  # fmt: skip
        self.members[session] = row
        action = "member-queue-resume" if resumed else "member-queue-start"
        return self.info(at, action, session, queue, CC_Member_UUID=uuid)

    def offer(self, at: float, session: str, agent: str) -> bytes:
        row = self.members[session]
        row |= {"state": "Trying", "serving_agent": agent}
        return self.info(at, "agent-offering", session, row["queue"], CC_Agent=agent)

    def refuse(self, at: float, session: str, agent: str, cause: str) -> bytes:
        row = self.members[session]
        row |= {"state": "Waiting", "serving_agent": ""}
        return self.info(
            at, "bridge-agent-fail", session, row["queue"], CC_Agent=agent, CC_Hangup_Cause=cause
        )

    def answer(self, at: float, session: str, agent: str) -> bytes:
        row = self.members[session]
        row |= {
            "state": "Answered", "serving_agent": agent, "bridge_epoch": str(self.epoch + int(at)),
        }  # fmt: skip
        return self.info(
            at, "bridge-agent-start", session, row["queue"], CC_Agent=agent,
            CC_Agent_UUID=f"a-{session}", CC_Agent_Called_Time=self.epoch + int(at) - 3,
            CC_Agent_Answered_Time=self.epoch + int(at), CC_Member_Joined_Time=row["joined_epoch"],
        )  # fmt: skip

    def end(self, at: float, session: str, terminated_first: bool = False) -> bytes:
        row = self.members.pop(session)
        agent = self.info(
            at, "bridge-agent-end", session, row["queue"], CC_Agent=row["serving_agent"],
            CC_Agent_UUID=f"a-{session}", CC_Agent_Answered_Time=row["bridge_epoch"],
            CC_Bridge_Terminated_Time=self.epoch + int(at), CC_Hangup_Cause="NORMAL_CLEARING",
            CC_Member_Joined_Time=row["joined_epoch"],
        )  # fmt: skip
        queue = self.info(
            at, "member-queue-end", session, row["queue"], CC_Cause="Terminated",
            CC_Member_Joined_Time=row["joined_epoch"], CC_Member_Leaving_Time=self.epoch + int(at),
        )  # fmt: skip
        return queue + agent if terminated_first else agent + queue

    def cancel(self, at: float, session: str, reason: str) -> bytes:
        row = self.members.pop(session)
        return self.info(
            at, "member-queue-end", session, row["queue"], CC_Cause="Cancel",
            CC_Cancel_Reason=reason, CC_Member_Joined_Time=row["joined_epoch"],
            CC_Member_Leaving_Time=self.epoch + int(at),
        )  # fmt: skip

    def status(self, at: float, agent: str, status: str) -> bytes:
        self.agents[agent] = status
        return self.event(
            at, CC_Agent=agent, CC_Action="agent-status-change", CC_Agent_Status=status
        )

    def command(self, line: str) -> bytes:
        """Return the answer to a command."""
        word, _, rest = line.partition(" ")
        if word == "auth":
            good = rest == PASSWORD
            return frame("command/reply", reply="+OK accepted" if good else "-ERR invalid")
        if word == "event":
            return frame("command/reply", reply="+OK event listener enabled plain")
        if word == "api":
            return frame("api/response", self._api(rest) + "+OK\n")
        return frame("command/reply", reply="-ERR command not found")

    def _api(self, asked: str) -> str:
        if asked == "callcenter_config agent list":
            rows = [
                f"{name}|single_box||callback|[leg_timeout=9]user/{name}|{status}|Waiting|3|"
                f"{self.wrap_up}|0|0|0|0|0|0|0|0|0|0|0|0"
                for name, status in self.agents.items()
            ]
            return "\n".join([AGENT_HEADS, *rows]) + "\n"
        if asked == "callcenter_config queue list":
            return "name|strategy|moh_sound\n" + "".join(f"{q}|ring-all|x\n" for q in self.queues)
        queue = asked.removeprefix("callcenter_config queue list members ")
        heads = MEMBER_HEADS.split("|")
        rows = [
            "|".join(row.get(head, "0" if head.endswith("epoch") else "") for head in heads)
            for row in self.members.values()
            if row["queue"] == queue
        ]
        return "\n".join([MEMBER_HEADS, *rows]) + "\n"


class Server:
    """An event socket on this machine, for tests that connect."""

    def __init__(self, exchange: FreeSwitch) -> None:
        self.exchange = exchange
        self.port = 0
        self.listening = asyncio.Event()
        """Set while somebody has asked for the lists and got them."""
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Server":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await self.drop()
        self._server.close()
        await self._server.wait_closed()

    def say(self, raw: bytes) -> None:
        assert self._writer is not None
        self._writer.write(raw)

    async def drop(self) -> None:
        """Hang up on whoever listens."""
        self.listening.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame("auth/request"))
        lists = 0
        try:
            while True:
                line = (await reader.readuntil(b"\n\n")).decode().strip()
                writer.write(self.exchange.command(line))
                lists += line.startswith("api callcenter_config queue list members")
                if lists == len(self.exchange.queues):
                    self._writer = writer
                    self.listening.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
