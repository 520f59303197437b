"""The workloads as users of other tools would write them; nothing here imports simkcc."""
