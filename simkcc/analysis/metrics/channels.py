"""Mail and chat: how old it gets, and who is answered in time."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.promised import working_days
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import by_topic, tally_topics, weeks
from simkcc.model.contact_log import NONE, SECOND, ContactKind, How


def _mail(calls: Calls) -> Calls:
    return calls.of_kind(ContactKind.MAIL)


def _chats(calls: Calls) -> Calls:
    return calls.of_kind(ContactKind.CHAT)


@metric("mail_received", "per week", "", "Ontvangen mail, post en webformulieren",
        "Mail, post and web forms received", "received per week", grain="topic")  # fmt: skip
def mail_received(calls: Calls, rules: Rules) -> Pair:
    """Return e-mails, letters and web forms received per week."""
    mail = _mail(calls)
    return by_topic(mail, np.ones(len(mail))), weeks(rules)


@metric("mail_answer_time", "h", "lower", "Tijd tot een antwoord op mail", "Time until mail is answered",
        "sum of end - receipt of answered mail / answered", grain="topic")  # fmt: skip
def mail_answer_time(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time by the clock, nights included, from receipt to the answer."""
    mail = _mail(calls)
    over = mail.answered & mail.finished
    hours = np.where(over, (mail.contacts["ended"] - mail.dialled) / SECOND / 3600, 0.0)
    return by_topic(mail, hours), by_topic(mail, over)


@metric("mail_1wd", "share", "higher", "Mail beantwoord binnen één werkdag",
        "Mail answered within one working day",
        "answered by the closing of the next working day / received long enough ago", grain="topic")  # fmt: skip
def mail_1wd(calls: Calls, rules: Rules) -> Pair:
    """Return mail answered by the closing of the next working day over mail due by the end.

    Mail that was put away without an answer was not answered in time.
    """
    mail = _mail(calls)
    due = calls.once(working_days).due(mail.dialled, 1)
    counted = due <= calls.window.end
    in_time = mail.answered & mail.finished & (mail.contacts["ended"] <= due)
    return by_topic(mail, counted & in_time), by_topic(mail, counted)


@metric("mail_open", "number", "lower", "Onbeantwoorde mail aan het einde", "Mail unanswered at the end",
        "received and not over, per run", grain="topic")  # fmt: skip
def mail_open(calls: Calls, rules: Rules) -> Pair:
    """Return mail that is open at the end of a run, what came in before the warm-up ended included."""
    contacts, window = calls.log.contacts, calls.window
    since, mail = calls.log.dialled, contacts["kind"] == ContactKind.MAIL
    mail = contacts.where(mail & (since != NONE) & (since < window.end))
    mail = mail.where(window.counted[mail["topic"]])
    still = (mail["ended"] == NONE) | (mail["ended"] >= window.end)
    return tally_topics(calls, mail, still), np.ones(1)


@metric("chat_offered", "per week", "", "Chats", "Chats", "chats offered per week", grain="topic")
def chat_offered(calls: Calls, rules: Rules) -> Pair:
    """Return chats that reached a queue, per week."""
    chats = _chats(calls)
    return by_topic(chats, chats.offered), weeks(rules)


@metric("chat_wait", "s", "lower", "Gemiddelde wachttijd van chats", "Mean wait of chats",
        "sum of W of answered chats / answered", grain="topic")  # fmt: skip
def chat_wait(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait of answered chats."""
    chats = _chats(calls)
    return by_topic(chats, chats.wait_of_answered), by_topic(chats, chats.answered)


@metric("chat_left", "share", "lower", "Chats die niet bleven wachten", "Chats that gave up",
        "gave up / offered", grain="topic")  # fmt: skip
def chat_left(calls: Calls, rules: Rules) -> Pair:
    """Return chats that gave up over chats offered."""
    chats = _chats(calls)
    lost = chats.abandoned | (chats.how == How.TIMEOUT)
    return by_topic(chats, lost), by_topic(chats, chats.offered)
