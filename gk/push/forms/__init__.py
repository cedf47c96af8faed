"""How a push, and what a project owns, are shown."""
