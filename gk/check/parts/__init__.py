"""What several checks know of the same part: panels, links, variables, rules, routes."""
