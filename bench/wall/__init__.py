"""What the wallboard must stand, measured on the whole program: `python -m bench.wall`."""
