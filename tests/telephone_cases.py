"""Calls written by hand for the figures of the telephone: (about, lines, expected, days of warm-up).

Agents 0 and 1 are the town's, 2 is hired, 3 is an expert of the second line.
"""

BLIND = (
    "a blind transfer is an attempt; it reached someone if it was answered, and is no warm transfer",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..40 wrap=40..50 in=second queue=40..70 answered agent=3 talk=70..130 wrap=130..140 transferred
    call at=0 queue=0..10 answered agent=1 talk=10..30 in=second queue=30..90 abandoned abandoned_queue
    call at=0 queue=0..10 answered agent=2 talk=10..30 direct
    """,
    {
        "transferred": (1, 3),
        "transfers_1": (2, 3),
        "transfers_2": (0, 3),
        "transfer_tried": (2, 3),
        "transfer_success": (1, 2),
        "transfer_success_attempt": (1, 2),
        "transfer_wait": (30, 1),
        "transfer_wait_all": (30 + 60, 2),
        "aht": (30 + 10 + 20 + 20, 3),
        "aht_second_line": (60 + 10, 1),
        "asa": (10 + 10 + 10, 3),
        "abandonment": (0, 3),
        "queue_offered": (5, 1),
        "queue_answered": (4, 5),
        "queue_abandonment": (1, 5),
        "queue_service_level": (3, 5),
        "queue_asa": (10 + 30 + 10 + 10, 4),
        "group_answered": (4, 1),
        "direct": (1, 3),
        "fcr_first_line": (1, 3),
        "fcr": (1, 3),
        "share_in_kcc": (1, 3),
        "citizen_hours_transfer": ((30 + 60) / 3600, 1),
    },
    0,
)

ALONG = (
    "an agent who waits along in the second line's queue is handling and busy; that is an attempt",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..40 consult=40..60 taken_back in=second queue=60..100 answered agent=3 along=0 handover=100..110 wrap=110..125 agent=3 second=- talk=110..200 wrap=200..220 transferred
    call at=0 queue=0..10 answered agent=1 talk=10..40 consult=40..40 nobody_free in=second queue=40..100 abandoned along=1 wrap=100..110 abandoned_queue
    there agent=0 at=0..200
    there agent=1 at=0..200
    there agent=3 at=0..200
    """,
    {
        "aht": ((30 + 20 + 40 + 10 + 15) + (30 + 0 + 60 + 10), 2),
        "aht_second_line": (10 + 90 + 20, 1),
        "occupancy": (115 + 100 + 120, 600),
        "transferred": (1, 2),
        "transfers_1": (1, 2),
        "transfer_success": (1, 2),
        "transfer_success_attempt": (1, 4),
        "transfer_attempts": (4, 2),
        "transfer_wait": (40, 1),
        "transfer_wait_all": (20 + 40 + 0 + 60, 4),
        "take_back_time": (20, 1),
        "fcr": (1, 2),
        "fcr_first_line": (0, 2),
        "citizen_hours_transfer": ((20 + 40 + 0 + 60) / 3600, 1),
        "citizen_hours_wait": ((10 + 10) / 3600, 1),
    },
    0,
)

HANDS = (
    "changing hands: sent on and handed over, a warm consult, sent on to the same agent, three, a conference",
    """
    call at=0 in=waste queue=0..10 answered agent=0 talk=10..20 in=passport queue=20..30 answered agent=1 talk=30..60 consult=60..70 reached second=3 handover=70..75 wrap=75..80 agent=3 second=- talk=75..100 transferred
    call at=0 queue=0..10 answered agent=0 talk=10..20 consult=20..30 reached second=3 talk=30..40 second=- talk=40..60 direct
    call at=0 in=waste queue=0..10 answered agent=0 talk=10..20 in=passport queue=20..25 answered agent=0 talk=25..60 direct
    call at=0 in=waste queue=0..5 answered agent=0 talk=5..10 in=passport queue=10..15 answered agent=1 talk=15..20 agent=2 talk=20..30 agent=3 talk=30..40 transferred
    call at=0 queue=0..10 answered agent=0 talk=10..20 consult=20..20 reached second=3 talk=20..50 transferred
    """,
    {
        "transfers_1": (2, 5),
        "transfers_2": (1, 5),
        "transfers_3": (1, 5),
        "transfers_2_3": (2, 5),
        "transfers_more": (0, 5),
        "transferred": (3, 5),
        "transfer_tried": (3, 5),
        "transfer_attempts": (3, 5),
        "transfer_success": (3, 3),
        "wrong_menu": (3, 5),
        "direct": (2, 5),
        "fcr": (5, 5),
        "share_in_kcc": (1, 5),
    },
    0,
)

MANY = (
    "handed over four times is more than three",
    """
    call at=0 queue=0..5 answered agent=0 talk=5..10 agent=1 talk=10..20 agent=2 talk=20..30 agent=1 talk=30..40 agent=3 talk=40..50 transferred
    call at=0 queue=0..50 answered agent=0 talk=50..60 direct
    """,
    {
        "transfers_more": (1, 2),
        "transfers_3": (0, 2),
        "transfers_2_3": (0, 2),
        "transfers_1": (0, 2),
    },
    0,
)

OPEN = (
    "what goes on is outside: an attempt that rings, a talk, after-call work",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..20 consult=20..50 taken_back consult=50..
    call at=0 queue=0..10 answered agent=1 talk=10..
    call at=0 queue=0..10 answered agent=2 talk=10..20 wrap=20.. direct
    call at=0 queue=0..20 answered agent=0 talk=90..99 direct
    """,
    {
        "sl2": (4, 4),
        "asa": (50, 4),
        "aht": (9, 1),
        "group_aht": (9, 1),
        "direct": (2, 2),
        "transfer_tried": (0, 2),
        "transfer_success": (0, 0),
        "transfer_wait_all": (30, 1),
        "hold_rate": (0, 2),
        "fcr_declared": (2, 2),
        "share_in_kcc": (2, 2),
    },
    0,
)

CITIZENS = (
    "a citizen counts once a day: reached at last, the next day, closed, still waiting, past midnight",
    """
    call at=0 queue=0..30 abandoned abandoned_queue
    redial of=0 at=30 delay=30..330 queue=330..340 answered agent=0 talk=340..400 direct
    call at=0 queue=0..30 abandoned abandoned_queue
    redial of=2 at=30 delay=30..1d+10 queue=1d+10..1d+20 answered agent=0 talk=1d+20..1d+30 direct
    call at=0 closed
    call at=0 queue=0..10 answered agent=1 talk=10..20 direct
    call at=0 queue=0..
    call at=86390 queue=86390..1d+5 answered agent=2 talk=1d+5..1d+9 direct
    """,
    {
        "accessibility_r3": (3, 6),
        "accessibility_r1": (4, 6),
        "accessibility_r5": (4, 7),
        "redials_per_question": (2, 6),
        "repeats_per_question": (0, 6),
        "dialled": (8, 1),
        "closed": (1, 8),
        "citizen_hours_again": ((10 + 60 + 10 + 10) / 3600, 1),
    },
    0,
)

CHAINS = (
    "a citizen whose two redials of one day fail is one who tried; one open call leaves that unknown",
    """
    call at=0 queue=0..30 abandoned abandoned_queue
    redial of=0 at=30 delay=30..60 queue=60..90 abandoned abandoned_queue
    redial of=1 at=90 delay=90..200 menu=200..210 abandoned abandoned_menu
    call at=0 blocked
    redial of=3 at=0 delay=0..50 queue=50..
    """,
    {"accessibility_r3": (0, 1), "accessibility_r1": (0, 2), "accessibility_r5": (0, 4)},
    0,
)

FIRST_CONTACT = (
    "first contact: a repeat on the tenth working day counts, one on the eleventh does not",
    """
    call at=7d+0 queue=7d+0..7d+10 answered agent=0 talk=7d+10..7d+20 direct
    repeat of=0 at=7d+20 delay=7d+20..17d+100 queue=17d+100..17d+101 answered agent=0 talk=17d+101..17d+109 direct
    call at=7d+0 queue=7d+0..7d+10 answered agent=1 talk=7d+10..7d+20 direct
    repeat of=2 at=7d+20 delay=7d+20..18d+100 queue=18d+100..18d+101 answered agent=0 talk=18d+101..18d+109 direct
    call at=7d+0 queue=7d+0..7d+10 answered agent=2 talk=7d+10..7d+20 unresolved
    repeat of=4 at=7d+20 delay=7d+20..8d+0 queue=8d+0..8d+5 answered agent=0 talk=8d+5..8d+9 direct
    call at=7d+0 queue=7d+0..7d+30 abandoned abandoned_queue
    redial of=6 at=7d+30 delay=7d+30..7d+90 queue=7d+90..7d+99 answered agent=0 talk=7d+99..7d+120 direct
    call at=7d+0 queue=7d+0..7d+10 answered agent=1 talk=7d+20..7d+30 callback
    call at=7d+0 queue=7d+0..7d+10 answered agent=1 talk=7d+30..7d+40 direct
    repeat of=9 at=7d+40 delay=7d+40..       # has not dialled yet
    call at=7d+0 queue=7d+0..7d+10 answered agent=2 talk=7d+20..7d+30 direct
    repeat of=11 at=7d+30 delay=7d+30..8d+0 queue=8d+0..8d+5 answered agent=2 talk=8d+5..8d+9 direct
    """,
    {
        "fcr_first_line": (3, 7),
        "fcr": (3, 7),
        "fcr_declared": (6, 7),
        "direct": (8, 9),
        "redials_per_question": (1, 7),
        "repeats_per_question": (2, 7),
    },
    7,
)

IN_KCC = (
    "all external calls: a direct number and those who gave up too, not those outside opening hours",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..20 direct
    call at=0 topic=desk in=second queue=0..10 answered agent=3 talk=10..20 direct
    call at=0 queue=0..60 abandoned abandoned_queue
    call at=0 closed
    call at=0 queue=0..10 answered agent=1 talk=10..20 agent=- talk=20..30 direct
    call at=0 queue=0..
    """,
    {"share_in_kcc": (1, 4), "direct": (3, 3), "aht": (10 + 10, 2), "aht_second_line": (10, 1)},
    0,
)

WHO_ANSWERED = (
    "overflow: a group other than the route's first; a provider by its contract",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..20 direct
    call at=0 queue=0..10 answered agent=2 talk=10..20 direct
    call at=0 in=second queue=0..10 answered agent=3 talk=10..20 direct
    call at=0 queue=0..60 abandoned abandoned_queue
    """,
    {"overflow": (1, 3), "provider_share": (1, 3), "group_answered": (3, 1)},
    0,
)

BUSIEST = (
    "the busiest half hour of the week, by when a queue is joined",
    """
    call at=0 queue=1799..1800 answered agent=0 direct
    call at=0 queue=1800..1810 answered agent=0 direct
    call at=0 menu=0..1900 queue=1900..1910 answered agent=0 direct
    call at=1d+1 queue=1d+1..1d+2 answered agent=0 direct
    call at=1d+1 queue=1d+1..
    """,
    {"busiest_half_hour": (2, 1)},
    0,
)

PHONE_TIME = (
    "a citizen's time, part by part",
    """
    call at=0 menu=0..13 queue=13..33 answered agent=0 hold=33..43 talk=43..103 consult=103..123 reached second=3 handover=123..128 wrap=128..140 agent=3 second=- talk=128..188 transferred
    """,
    {
        "citizen_hours": (188 / 3600, 1),
        "citizen_hours_menu": (13 / 3600, 1),
        "citizen_hours_wait": (20 / 3600, 1),
        "citizen_hours_hold": (10 / 3600, 1),
        "citizen_hours_talk": ((60 + 5 + 60) / 3600, 1),
        "citizen_hours_transfer": (20 / 3600, 1),
        "citizen_hours_again": (0, 1),
        "citizen_cost": (15 * 188 / 3600, 1),
    },
    0,
)

TELEPHONE = [
    BLIND, ALONG, HANDS, MANY, OPEN, CITIZENS, CHAINS, FIRST_CONTACT, IN_KCC, WHO_ANSWERED, BUSIEST,
    PHONE_TIME,
]  # fmt: skip
