"""The bench: how many calls a second simkcc and its peers simulate, measured in one run."""
