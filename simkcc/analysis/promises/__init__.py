"""Promises to call back: when they can be kept, and what interruptions may cost."""
