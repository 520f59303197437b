"""Small centres as files, for tests of whole commands."""

SMALL = """
name = "small"
replications = 4
[horizon]
start = 2024-01-01
days = 2
[hours.open]
daily = ["08:00-12:00"]
[topics.calls]
per_hour = 60
hours = "open"
[menu]
length = 20
hang_up = 0.001
complete.wrong = 0.0
[handling]
aht = 180
wrap_up = 30
[patience]
kind = "exponential"
mean = 300
[queues.kcc]
routes = [{ group = "team" }]
[groups.team]
agents = 3
hours = "open"
per_hour = 50
[probes.research]
topic = "calls"
per_hour = 20

[variants.same]
title.en = "only another label"
[variants.more]
groups.team.agents = 5
[variants.short]
menu.length = 5
"""
