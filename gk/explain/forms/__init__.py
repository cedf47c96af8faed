"""How gk shows snippets, and the dependents of a name."""
