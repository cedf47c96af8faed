"""Go's text/template, as far as it can be checked without executing it.

tokens       a text, cut into plain text and the tokens of its actions
numbers      the constants that Go's strconv accepts
parser       the structure of a template, and the functions and variables that it uses
functions    the functions of each engine

No Python library parses this language. tests/documents/test_gotemplate.py compares this parser with
promtool's, which is Go's own.
"""
