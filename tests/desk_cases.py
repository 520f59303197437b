"""Visits, mail, chats and cases written by hand: (about, lines, expected, days of warm-up).

Monday is day 0; the centre is open daily from 08:00 (28,800 s) to 18:00 (64,800 s), and what counts
lasts seven days, each a working day. Agents 0 and 1 are the town's, 2 is hired, 3 is an expert of
the second line; the queue `waste` is served by the town only, `passport` by the hired agent too.
"""

DAY = 86_400
HOUR = 3600

DESK = (
    "the desk at its edges: five minutes to the microsecond, left, sent on, still there",
    """
    visit at=0 queue=0..300 answered agent=0 talk=300..599.999999 direct              # both within 5 min
    visit at=0 queue=0..300.000001 answered agent=1 talk=301..601 direct              # neither
    visit at=0 queue=0..40 abandoned abandoned_queue
    visit at=0 queue=0..100 answered agent=2 talk=100..200 in=second queue=200..500 answered agent=3 talk=500..900 transferred
    visit at=0 queue=0..20 answered agent=0 talk=20..120 wrap=120..900 unresolved     # what follows is no visit
    visit at=0 queue=0..10 answered agent=1 talk=10..
    visit at=1000 queue=1000..
    visit at=1000 closed
    call at=0 queue=0..10 answered agent=0 talk=10..20 direct
    """,
    {
        "desk_visits": (6, 1),
        "desk_wait": (300 + 300.000001 + 100 + 20 + 10, 5),
        "desk_wait_p95": (300.000001, 1),
        "desk_within_5": (4, 6),
        "desk_left": (1, 6),
        "desk_short": (2, 4),
        "desk_sent_on": (1, 4),
        "desk_total_time": (599.999999 + 601 + 900 + 120, 4),
        "desk_most_waiting": (6, 1),
        "desk_wait_on": (300, 1),
        "desk_relieved": (3, 1),
        "desk_at_counter": (1, 1),
        "dialled": (1, 1),
        "answered": (1, 1),
    },
    0,
)

LIMITED = (
    "a product over the limit of a first desk goes to a counter of the first line, and is not short",
    """
    visit at=0 queue=0..10 answered agent=0 talk=10..110 in=waste queue=110..120 answered agent=1 talk=120..200 direct
    visit at=0 queue=0..10 answered agent=1 talk=10..210 hold=210..310 direct
    again of=1 at=310 delay=310..1000 queue=1000..1030 answered agent=0 talk=1030..1090 direct
    """,
    {
        "desk_short": (1, 3),
        "desk_sent_on": (1, 3),
        "desk_wait_on": (10, 1),
        "desk_relieved": (3, 1),
        "desk_at_counter": (0, 1),
        "desk_wait": (10 + 10 + 30, 3),
        "desk_total_time": (200 + 310 + 90, 3),
        "desk_most_waiting": (2, 1),
    },
    0,
)

OF_TWENTY = (
    "of twenty waits the nineteenth is the shortest that 95 % do not exceed, nothing in between",
    "\n".join(f"visit at=0 queue=0..{100 * n} answered agent=0 direct" for n in range(1, 21)),
    {
        "desk_wait_p95": (1900, 1),
        "desk_most_waiting": (20, 1),
        "desk_waiting": (100 * 210, 7 * 10 * HOUR),  # 100 + 200 + ... + 2000
    },
    0,
)

PHONING = (
    "waiting because of the phone: who may serve there is on a call as the visitor comes in",
    """
    call at=0 topic=waste queue=0..0 answered agent=0 talk=0..100 hold=100..200 wrap=200..300 direct
    visit at=50 topic=waste queue=50..60 answered agent=1 direct                     # on a call
    visit at=199.999999 topic=waste queue=199.999999..210 answered agent=1 direct    # put on hold
    visit at=200 topic=waste queue=200..310 answered agent=0 direct                  # only after-call work
    visit at=50 topic=waste queue=50..50 answered agent=1 direct                     # did not wait
    visit at=1000 topic=waste queue=1000..1010 answered agent=1 direct
    call at=2000 queue=2000..2000 answered agent=2 talk=2000..3000 direct
    visit at=2500 topic=waste queue=2500..2600 answered agent=0 direct               # the hired do not serve here
    visit at=2500 queue=2500..2600 answered agent=0 direct                           # but they do here
    visit at=4000 topic=waste queue=4000..4100 answered agent=0 talk=4100..4400 direct
    visit at=4200 topic=waste queue=4200..4400 answered agent=0 direct               # a visitor, no call
    call at=5000 topic=waste queue=5000..5000 answered agent=1 talk=5000..
    visit at=5000 topic=waste queue=5000..5001 abandoned abandoned_queue             # from its very start
    """,
    {"desk_because_of_phone": (4, 10)},
    0,
)

ROOM = (
    "the waiting room: only what counts, changing places at one moment, the second wait too",
    """
    visit at=0 queue=0..50 answered agent=0 talk=50..60 direct
    visit at=0 queue=0..50 answered agent=1 talk=50..60 direct
    visit at=0 queue=0..50 answered agent=2 talk=50..60 direct
    visit at=1d+0 queue=1d+0..1d+100 answered agent=0 talk=1d+100..1d+110 direct
    visit at=1d+100 topic=staff queue=1d+100..1d+200 answered agent=0 talk=1d+200..1d+210 direct
    visit at=1d+90 queue=1d+90..1d+90 answered agent=1 talk=1d+90..1d+150 in=second queue=1d+150..1d+300 answered agent=3 talk=1d+300..1d+310 transferred
    """,
    {
        "desk_most_waiting": (2, 1),
        "desk_visits": (2, 1),
        "desk_wait": (100 + 0, 2),
        "desk_at_counter": (1, 1),
    },
    1,
)

NOBODY = (
    "no visitors: no figure, not a zero",
    "call at=0 queue=0..10 answered agent=0 talk=10..20 direct",
    {
        "desk_visits": (0, 1),
        "desk_wait": (0, 0),
        "desk_wait_p95": (0, 0),
        "desk_within_5": (0, 0),
        "desk_most_waiting": (0, 0),
        "desk_waiting": (0, 0),
        "desk_wait_on": (0, 0),
        "mail_received": (0, 1),
        "mail_answer_time": (0, 0),
        "mail_1wd": (0, 0),
        "mail_open": (0, 1),
        "chat_offered": (0, 1),
        "chat_wait": (0, 0),
        "chat_left": (0, 0),
        "cases_in_time": (0, 0),
        "cases_age": (0, 0),
        "surveys": (0, 1),  # nor a survey
        "satisfied": (0, 0),
        "friendly": (0, 0),
        "reason_logged": (0, 0),
    },
    0,
)

MAIL = (
    "mail: by the clock, by the closing of the next day, put away unanswered, before and beyond the week",
    """
    mail at=0 queue=0..70000 answered agent=0 talk=70000..70400 direct                      # open at the start
    mail at=1d+1000 queue=1d+1000..1d+30000 answered agent=0 talk=1d+30000..1d+30300 direct
    mail at=1d+60000 queue=1d+60000..2d+64700 answered agent=1 talk=2d+64700..2d+64800 direct           # at the closing
    mail at=1d+60000 queue=1d+60000..2d+64700 answered agent=1 talk=2d+64700..2d+64800.000001 direct    # late
    mail at=2d+0 queue=2d+0..2d+40000 answered agent=0 talk=2d+40000..2d+40100 in=second queue=2d+40100..4d+30000 answered agent=3 talk=4d+30000..4d+30600 transferred
    mail at=3d+0 queue=3d+0..3d+30000 timeout turned_away                                   # no answer
    mail at=5d+0 queue=5d+0..                                                               # due on day 6, open
    mail at=7d+30000 queue=7d+30000..7d+40000 answered agent=0 talk=7d+40000..7d+40300 direct    # not due yet
    mail at=7d+30000 topic=waste queue=7d+30000..
    mail at=7d+30000 topic=staff queue=7d+30000..                                           # does not count
    """,
    {
        "mail_received": (8, 1),
        "mail_answer_time": (
            (29_300 + 91_200 + 91_200.000001 + 2 * DAY + 30_600 - 0 + 10_300) / HOUR, 5,
        ),
        "mail_1wd": (2, 6),
        "mail_open": (2, 1),
        "dialled": (0, 1),
    },
    1,
)  # fmt: skip

OLD_MAIL = (
    "mail of before the week that is still open is open at its end, but not received in it",
    """
    mail at=0 queue=0..
    mail at=1d+0 queue=1d+0..
    """,
    {"mail_open": (2, 1), "mail_received": (1, 1), "mail_1wd": (0, 1)},
    1,
)

CHATS = (
    "chats that were answered, gave up, were sent away, wait, found nobody",
    """
    chat at=0 queue=0..40 answered agent=0 talk=40..400 direct
    chat at=0 queue=0..90 abandoned abandoned_queue
    chat at=0 queue=0..120 timeout turned_away
    chat at=0 queue=0..0 full turned_away
    chat at=0 queue=0..
    chat at=0 closed
    """,
    {"chat_offered": (4, 1), "chat_wait": (40, 1), "chat_left": (2, 4), "offered": (0, 1)},
    0,
)

TEAMS = (
    "teams: who waits as the week ends, for the first group of the queue; nothing else waits for anybody",
    f"""
    registration at=0 queue=0..10 answered agent=0 talk=10..20 direct
    case of=0 at=20 queue=20..                                            # since its birth
    case of=0 at=20 queue=20..30 answered agent=1 talk=30..40 in=second queue=1d+0..
    case of=0 at=1d+0 queue=1d+0..30 answered agent=0 talk=30..40 returned
    case of=0 at=1d+0 queue=1d+0..{8 * DAY} answered agent=0 talk={8 * DAY}..{8 * DAY + 9} returned  # answered after it
    case of=0 at=1d+0 topic=staff queue=1d+0..                            # does not count
    call at=6d+0 queue=6d+0..
    """.replace("queue=1d+0..30 answered agent=0 talk=30..40", "queue=1d+0..1d+30 answered agent=0 talk=1d+30..1d+40"),
    {"team_waiting": (3, 1), "team_age": ((3 * 7 * DAY - 20 - 20 - DAY) / DAY, 3)},
    0,
)  # fmt: skip

CASES = (
    "cases: due in the week or not, without a term, something else, silent, open; who asks",
    f"""
    registration at=1d+0 queue=1d+0..1d+10 answered agent=0 talk=1d+10..1d+20 direct
    case of=0 at=1d+20 due=5d+0 ended=5d+0 returned                       # in time
    case of=0 at=1d+20 due=5d+0 ended=5d+0.000001 never_returned          # late, silent
    case of=0 at=1d+20 due=6d+0                                           # overdue, open
    case of=0 at=1d+20 due=8d+1                                           # due after the week
    case of=0 at=0 due={DAY - 1} ended=2d+0 returned                      # due before it, closed in it
    case of=0 at=0 ended=1d-0 returned                                    # closed as it begins
    case of=0 at=1d+20 topic=waste ended=3d+20 returned                   # no term
    case of=0 at=1d+20 topic=waste due=4d+0 ended=3d+20 transferred       # something else
    case of=0 at=1d+20 topic=staff due=4d+0                               # does not count
    status of=3 at=4d+0 queue=4d+0..4d+10 answered agent=0 talk=4d+10..4d+60 direct
    status of=3 at=4d+0 closed
    status of=3 at=0 queue=0..10 answered agent=0 talk=10..20 direct
    call at=4d+0 queue=4d+0..4d+10 answered agent=0 talk=4d+10..4d+60 direct
    """.replace("1d-0", "1d+0"),
    {
        "cases_opened": (6, 1),
        "cases_in_time": (2, 4),
        "cases_lead_time": ((4 * DAY - 20 + 4 * DAY - 20 + 0.000001 + 2 * DAY + DAY + 2 * DAY + 2 * DAY) / DAY, 6),
        "cases_open": (2, 1),
        "cases_age": (2 * (7 * DAY - 20) / DAY, 2),
        "cases_feedback": (4, 5),
        "cases_misrouted": (1, 6),
        "status_calls": (2, 1),
    },
    1,
)  # fmt: skip

DESK_AND_CASES = [
    DESK, LIMITED, OF_TWENTY, PHONING, ROOM, NOBODY, MAIL, OLD_MAIL, CHATS, CASES, TEAMS,
]  # fmt: skip
