"""Everything that gk knows of secrets.

references   the place of a secret's value, in documents and in files
values       the values, read when they are sent
known        which settings of data sources and receivers are secrets
literals     secrets that a definition has in plain text
hidden       documents and messages with their secrets hidden
"""
