"""All that gk knows of secrets.

references   where a secret's value is, and how documents and files say it
values       the values, read when they are sent
known        which settings of data sources and receivers are secrets
literals     secrets that a definition has in plain text
hidden       documents and messages in which secrets are hidden
"""
