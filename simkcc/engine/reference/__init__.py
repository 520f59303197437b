"""The reference engine: the story of one contact, told in SimPy.

For reading, for extending in Python, and for live simulation. It shares the routing rules, the
draws and working time with the kernel, and nothing else: queues, agents and clock are its own.

A centre in action is told in chapters. Each is a class that knows the chapters before it, and
nothing of those behind:

    clock.py      time: what falls due together happens in the order the events prescribe
    people.py     a contact and an agent: all there is to know of them
    record.py     who is there, what is said (events) and what is written down (the contact log)
    luck.py       chance: the draws of a contact, a stream and a day
    staff.py      agents come, are taken, come free and go home
    matching.py   who answers whom
    waiting.py    in a queue, until an agent answers or something else ends it
    steps.py      what else a contact does on its journey, step by step
    journeys.py   a contact from birth to end, and the children it has
    arrivals.py   when contacts come
    given.py      the state a run may begin from
    centre.py     the loop, and what changes by the clock

Override a method of `Centre` to try another rule.
"""

from simkcc.engine.reference.centre import Centre, play
from simkcc.engine.reference.clock import Signal, Story
from simkcc.engine.reference.people import Agent, Contact

__all__ = ["Agent", "Centre", "Contact", "Signal", "Story", "play"]
