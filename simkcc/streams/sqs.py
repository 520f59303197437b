"""Amazon's queues of messages: taken, told, and only then deleted."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.connect import ConnectReading
from simkcc.streams.hook import Bodies
from simkcc.streams.live import Live, RefusedError
from simkcc.streams.neutral import Message
from simkcc.streams.source import Options, Source

ADDRESS = re.compile(r"(?P<host>[^/?#]+)/(?P<account>\d+)/(?P<queue>[\w.-]+)")
REGION = re.compile(r"sqs\.([a-z0-9-]+)\.")

LONG_POLL = 10
"""Seconds a request waits for messages."""

DENIED = frozenset(("AccessDenied", "InvalidClientTokenId", "SignatureDoesNotMatch",
                    "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"))  # fmt: skip


def open_sqs(rest: str, options: Options) -> Source:
    """Open `sqs://HOST/ACCOUNT/QUEUE`: events of Amazon Connect. Credentials come from where Amazon's tools look for them."""
    found = ADDRESS.fullmatch(rest)
    if not found:
        raise SettingError(
            "sqs: the address looks like sqs://sqs.eu-central-1.amazonaws.com/123456789012/queue"
        )
    region = REGION.match(found["host"])
    where = options.more.get("region") or (region[1] if region else "eu-central-1")
    scheme = "http" if found["host"].startswith("127.0.0.1:") else "https"
    return SqsQueue(f"{scheme}://{rest}", where, ConnectReading(options))


class SqsQueue(Live):
    """A queue of messages."""

    losses = (OSError, BotoCoreError, ClientError)

    def __init__(self, url: str, region: str, reading: Bodies) -> None:
        self.url, self.region = url, region
        self.reading = reading
        self.directory = reading.directory
        self.long_poll = LONG_POLL

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        origin = "/".join(self.url.split("/")[:3])
        client: Any = boto3.client("sqs", region_name=self.region, endpoint_url=origin)
        try:
            while not self._closed:
                found = await asyncio.to_thread(self._receive, client)
                now = time.time_ns() // 1000
                for event in self.reading.alive(now):
                    yield event
                for each in found:
                    for event in self.reading.body(each["Body"].encode(), now):
                        yield event
                if found:
                    await asyncio.to_thread(self._delete, client, found)
        finally:
            client.close()

    def _receive(self, client: Any) -> list[dict[str, str]]:
        try:
            answer = client.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=self.long_poll
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in DENIED:
                raise RefusedError(f"{self.url}: Amazon refuses: {code}") from None
            raise
        found: list[dict[str, str]] = answer.get("Messages", [])
        return found

    def _delete(self, client: Any, found: list[dict[str, str]]) -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
            for number, each in enumerate(found)
        ]
        client.delete_message_batch(QueueUrl=self.url, Entries=entries)

    def _lost(self) -> list[Event]:
        gap = Message(neutral.GAP, time.time_ns() // 1000, reason="connection")
        return self.reading.number([gap])
