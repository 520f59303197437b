"""A rollout on its calendar: people needed, gates, who joins next, and what was measured since."""
