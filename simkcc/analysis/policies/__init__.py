"""Routing policies by name, R0 to R10, each laid over any centre."""
