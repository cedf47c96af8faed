"""How snippets, and what depends on a name, are shown."""
