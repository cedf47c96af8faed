"""gk's own processes: workers that do a share of the work, and signals that wait."""
