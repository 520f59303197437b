"""The contact log, folded to columns that figures are made of: one row per call, visit, question."""
