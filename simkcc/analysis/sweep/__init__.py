"""Sweeps: figures as one number of a scenario moves over a range, on the same callers."""
