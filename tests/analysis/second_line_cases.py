"""Promises and second-line questions written by hand: (about, lines, figures worked out by hand).

Monday is day 0; the centre is open daily from 08:00 (28,800 s) to 18:00 (64,800 s), and what counts
lasts seven days, each a working day. Agent 3 is an expert of the second line.
"""

HOUR = 3600

PROMISES = (
    "promises: kept the same day, late by 100 s, not due yet, overdue, and made after closing",
    """
    call at=30000 queue=30000..30010 answered agent=0 talk=30010..30100 talk=30100..30200 callback
    callback of=0 at=30200 due=2d+64800 queue=30200..40000 answered agent=3 talk=40000..40300 returned
    call at=64700 queue=64700..64700 answered agent=0 talk=64700..64790 form
    form of=2 at=64790 due=2d+64800 queue=64790..1d+30000 answered agent=3 talk=1d+30000..1d+30090 delay=1d+30090..2d+30000 queue=2d+30000..2d+64790 answered agent=3 talk=2d+64790..2d+64900 returned
    call at=6d+39000 queue=6d+39000..6d+39000 answered agent=0 talk=6d+39000..6d+40000 callback
    callback of=4 at=6d+40000 due=8d+64800 queue=6d+40000..
    call at=3d+39000 queue=3d+39000..3d+39000 answered agent=0 talk=3d+39000..3d+40000 callback
    callback of=6 at=3d+40000 due=5d+64800 queue=3d+40000..
    callback at=1d+70000 due=4d+64800 queue=1d+70000..2d+29000 answered agent=3 talk=2d+29000..2d+30000 returned
    """,
    {
        "callbacks_opened": (5, 1),
        "callbacks_same_day": (2, 5),
        "callbacks_2wd": (2, 4),
        "callbacks_attempted_same_day": (2, 5),
        "callbacks_attempted_2wd": (3, 4),
        "callbacks_ever": (3, 4),
        "callbacks_returned": (2, 4),
        "backlog": (2, 1),
        "backlog_overdue": (1, 1),
        "backlog_age": ((86_400 - 40_000 + 4 * 86_400 - 40_000) / HOUR, 2),
        "backlog_age_p90": ((4 * 86_400 - 40_000) / HOUR, 1),
        "backlog_growth": (1 / 7, 1),  # 0, 1, 2, 0, 1, 1, 1, 2 open at midnight
        "second_line_direct": (0, 4),
        "second_line_2wd": (1, 3),
        "time_to_resolution": (
            (10_300 + 2 * 86_400 + 200 + 86_400 - 39_000 + 4 * 86_400 - 39_000) / HOUR,
            4,
        ),
        "first_line_extra": (100, 4),
        "dropped": (0, 1),
        "interruptions": (0, 7),
        "backoffice_handling": ((300 + 90 + 110 + 1000) / HOUR, 7),
    },
)

TRANSFERS = (
    "second line: warm, after holding the caller, forgotten, failed and never returned",
    """
    call at=30000 queue=30000..30010 answered agent=0 talk=30010..30100 second=3 consult=30100..30120 reached handover=30120..30145 wrap=30145..30175 agent=3 second=- talk=30145..30505 transferred wrap=30505..30525
    call at=40000 queue=40000..40010 answered agent=1 talk=40010..40100 consult=40100..40100 nobody_free in=second queue=40100..40140 answered agent=3 along=1 handover=40140..40165 agent=3 second=- talk=40165..40265 transferred
    call at=50000 queue=50000..50010 answered agent=0 talk=50010..50100 consult=50100..50160 taken_back talk=50160..50190 talk=50190..50310 forgotten
    call at=60000 queue=60000..60010 answered agent=0 talk=60010..60100 consult=60100..60120 taken_back wrap=60120..60200 transfer_failed
    call at=20000 queue=20000..20010 answered agent=0 talk=20010..20100 talk=20100..20220 callback
    callback of=4 at=20220 ended=1d+30000 never_returned
    call at=21000 queue=21000..21010 answered agent=0 talk=21010..21100 hold=21100..21200 direct
    call at=22000 queue=22000..22010 abandoned abandoned_queue
    there agent=3 at=28800..64800
    there agent=0 at=28800..64800
    """,
    {
        "second_line_direct": (2, 5),
        "second_line_2wd": (2, 5),
        "time_to_resolution": ((505 + 265) / HOUR, 2),
        "first_line_extra": (45 + 65 + 210 + 20 + 120, 5),
        "dropped": (3, 1),
        "interruptions": (2, 7),
        "backoffice_handling": ((25 + 360 + 20 + 25 + 100) / HOUR, 7),
        "backoffice_resumption": (2 * 300 / HOUR, 7),
        "backoffice_hours": ((530 + 600) / HOUR, 7),
        "rota_hours": (0, 7),
        "backoffice_committed": ((530 + 600) / HOUR, 7),
        # free from 28,800, busy 30,120-30,525 and 40,140-40,265: the first 1,320 s are too short
        "uninterrupted": ((40_140 - 30_525 + 64_800 - 40_265) / HOUR, 7),
    },
)

KEPT_APART = (
    "promises before what counts are open, but neither due nor opened in it",
    """
    callback at=6d+40000 due=7d+64800 queue=6d+40000..
    callback at=7d+40000 due=8d+64800 queue=7d+40000..7d+41000 answered agent=3 talk=7d+41000..7d+41500 returned
    backlog at=0 due=1d+64800 queue=0..
    """,
    {
        "callbacks_2wd": (1, 1),
        "callbacks_ever": (1, 1),
        "backlog": (2, 1),
        "backlog_overdue": (2, 1),
    },
    7,
)

SECOND_LINE = (PROMISES, TRANSFERS, KEPT_APART)
