"""What a query's text says: its tree, labels, windows, types of metrics. Knows no dashboard."""
