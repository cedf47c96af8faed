"""What a project is made of: its snippets, and what depends on them."""
