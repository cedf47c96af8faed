"""The snippets that come with gk, a module for each exporter: `from gk.library import node`."""
