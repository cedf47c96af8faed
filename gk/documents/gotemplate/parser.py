"""Parses templates as Go's text/template/parse does: the same templates are right, and the messages
are our own.

A parsed template is what its engine has to know: the functions that it uses, and the variables and
the fields of its data. Whether these exist is up to the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gk.documents.gotemplate.numbers import is_character, is_number, is_string, unquoted
from gk.documents.gotemplate.tokens import Kind, TemplateError, Token, tokens

__all__ = ["Template", "Use", "parse"]


@dataclass(frozen=True, slots=True)
class Use:
    """A variable or a field that a template uses and does not declare itself. In a definition
    (`{{ define }}`) the engine's variables are unknown."""

    token: Token
    in_definition: bool = False


@dataclass(slots=True)
class Template:
    """What a template uses."""

    functions: list[Token] = field(default_factory=list)
    variables: list[Use] = field(default_factory=list)
    fields: list[Token] = field(default_factory=list)
    """Fields of the engine's own data: `.Value`, and `.Value` of `$.Value`."""


def parse(text: str) -> Template:
    """Parse a template. Raises TemplateError."""
    parser = _Parser(text)
    parser.run()
    return parser.template


_SHOWN = 60
"""Characters of an action in a message."""


@dataclass(slots=True)
class _Block:
    """An open if, range, with, define or block; the template itself is the outermost one."""

    keyword: str
    opened: int
    """The position of its action."""
    at_root: bool = True
    """Whether `.` is the engine's data."""
    in_loop: bool = False
    """Whether break and continue are allowed."""
    in_definition: bool = False
    variables: int = 0
    """How many variables were declared where it starts."""
    has_else: bool = False
    is_else_if: bool = False
    """Whether the block that contains it ends together with it."""
    name: str = ""
    has_content: bool = False

    @property
    def is_definition(self) -> bool:
        return self.keyword in ("define", "block")


class _Scope:
    """The variables that are declared."""

    def __init__(self) -> None:
        self._names = ["$"]
        self._counts = Counter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        return self._counts[name] > 0

    def add(self, name: str) -> None:
        self._names.append(name)
        self._counts[name] += 1

    def keep(self, number: int) -> None:
        """Forget all but the first `number`."""
        self._counts.subtract(self._names[number:])
        del self._names[number:]


class _Parser:
    def __init__(self, text: str) -> None:
        self.template = Template()
        self._text = text
        self._tokens = list(tokens(text))
        self._next = 0
        self._opened = 0
        self._blocks = [_Block("", 0)]
        self._scopes = [_Scope()]
        """Of the text, and of an open define and blocks inside of it."""
        self._defined: dict[str, bool] = {}

    def run(self) -> None:
        while self._next < len(self._tokens):
            token = self._take()
            if token.kind is Kind.OPEN:
                self._opened = token.start
                self._action()
            elif token.kind is Kind.TEXT and token.value.strip(" \t\n\v\f\r\x85\xa0"):
                self._blocks[-1].has_content = True
        block = self._blocks[-1]
        if block.keyword:
            raise TemplateError(f"'{self._shown(block.opened)}' has no '{{{{ end }}}}'")

    # Tokens

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _skip_space(self) -> Token:
        """Skip white space, and return the token after it."""
        while self._peek().kind is Kind.SPACE:
            self._next += 1
        return self._peek()

    def _end_action(self, keyword: str) -> None:
        if self._skip_space().kind is not Kind.CLOSE:
            raise self._unexpected(self._peek(), f"after '{keyword}'")
        self._next += 1

    def _shown(self, opened: int) -> str:
        """An action, as a message shows it."""
        end = next(
            token.end
            for token in self._tokens
            if token.kind is Kind.CLOSE and token.start >= opened
        )
        shown = " ".join(self._text[opened:end].split())
        return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."

    def _wrong(self, what: str) -> TemplateError:
        return TemplateError(f"'{self._shown(self._opened)}' {what}")

    def _unexpected(self, token: Token, where: str = "") -> TemplateError:
        if token.kind is Kind.CLOSE:
            return self._wrong(f"ends too early{f' {where}' if where else ''}")
        return self._wrong(f"has an unexpected '{token.value}'{f' {where}' if where else ''}")

    # Actions

    def _action(self) -> None:
        token = self._skip_space()
        if token.kind is not Kind.KEYWORD:
            self._blocks[-1].has_content = True
            self._pipeline("command")
            return
        self._next += 1
        keyword = token.value
        if keyword in ("if", "with", "range"):
            self._blocks[-1].has_content = True
            self._open(keyword)
        elif keyword == "else":
            self._else()
        elif keyword == "end":
            self._end_action("end")
            self._end()
        elif keyword in ("break", "continue"):
            self._loop(keyword)
        else:
            self._named(keyword)

    def _open(self, keyword: str, *, is_else_if: bool = False) -> None:
        around, before = self._blocks[-1], len(self._scopes[-1])
        self._pipeline(keyword)
        block = _Block(
            keyword,
            self._opened,
            at_root=around.at_root and keyword == "if",
            in_loop=around.in_loop or keyword == "range",
            in_definition=around.in_definition,
            variables=before,
            is_else_if=is_else_if,
        )
        self._blocks.append(block)

    def _else(self) -> None:
        block, token = self._blocks[-1], self._skip_space()
        if not block.keyword or block.is_definition:
            raise self._wrong("belongs to no if, with or range")
        if block.has_else:
            raise self._wrong(f"is the second else of '{self._shown(block.opened)}'")
        block.has_else = True
        block.at_root, block.in_loop = self._blocks[-2].at_root, self._blocks[-2].in_loop
        # `else if` belongs to an if, `else with` (from Go 1.23) to a with.
        if token.value == block.keyword != "range" and token.kind is Kind.KEYWORD:
            self._next += 1
            self._open(block.keyword, is_else_if=True)
        else:
            self._end_action("else")

    def _end(self) -> None:
        block = self._blocks[-1]
        if not block.keyword:
            raise self._wrong("ends no if, with, range, define or block")
        self._blocks.pop()
        if block.is_definition:
            self._scopes.pop()
            self._define(block)
            return
        while block.is_else_if:
            block = self._blocks.pop()
        self._scopes[-1].keep(block.variables)

    def _define(self, block: _Block) -> None:
        # The first of two definitions may be empty.
        if block.has_content and self._defined.get(block.name):
            shown = self._shown(block.opened)
            raise TemplateError(f"'{shown}' defines '{block.name}' a second time")
        self._defined[block.name] = block.has_content or self._defined.get(block.name, False)

    def _loop(self, keyword: str) -> None:
        self._blocks[-1].has_content = True
        self._end_action(keyword)
        if not self._blocks[-1].in_loop:
            raise self._wrong("is outside of a range")

    def _named(self, keyword: str) -> None:
        """define, block and template: a name follows."""
        is_nested = keyword == "define" and len(self._blocks) > 1
        if is_nested:
            raise self._wrong("is inside another block; define at the top level")
        name = self._skip_space()
        if name.kind is not Kind.STRING:
            raise self._unexpected(name, f"after '{keyword}', in place of a name in quotes")
        self._check_constant(name)
        self._next += 1
        if keyword == "define":
            self._end_action("define")
        else:
            self._blocks[-1].has_content = True
            is_bare = keyword == "template" and self._skip_space().kind is Kind.CLOSE
            if is_bare:
                self._next += 1
            else:
                self._pipeline(keyword)
        if keyword != "template":
            block = _Block(keyword, self._opened, at_root=False, in_definition=True)
            block.name = unquoted(name.value)
            self._scopes.append(_Scope())
            self._blocks.append(block)

    # Pipelines

    def _pipeline(self, context: str, end: Kind = Kind.CLOSE) -> None:
        """Parse a pipeline and the token that ends it."""
        self._declarations(context)
        commands = 0
        while (token := self._skip_space()).kind is not end:
            if token.kind not in _OPERANDS:
                raise self._unexpected(token)
            if commands and token.kind in _CONSTANTS:
                raise self._wrong(f"passes a value on to '{token.value}', which is not a function")
            self._command()
            commands += 1
        self._next += 1
        if not commands:
            raise self._wrong("has no value")

    def _declarations(self, context: str) -> None:
        """Parse `$x :=`, `$x =` and, in a range, `$i, $x :=`."""
        count = 0
        while (variable := self._skip_space()).kind is Kind.VARIABLE:
            start = self._next
            self._next += 1
            token = self._skip_space()
            if token.kind in (Kind.DECLARE, Kind.ASSIGN):
                self._next += 1
                self._scopes[-1].add(variable.value)
                return
            if token.value != "," or token.kind is not Kind.OTHER:
                self._next = start
                return
            self._next += 1
            count += 1
            self._scopes[-1].add(variable.value)
            if context != "range" or count > 1:
                raise self._wrong("declares too many variables")
            if self._skip_space().kind not in (Kind.VARIABLE, Kind.CLOSE, Kind.RIGHT):
                raise self._wrong("can declare variables only")

    def _command(self) -> None:
        """Parse operands with spaces between them, and the `|` after them if there is one."""
        while True:
            if self._skip_space().kind in _OPERANDS:
                self._operand()
            token = self._peek()
            if token.kind is Kind.SPACE:
                continue
            if token.kind is Kind.PIPE:
                self._next += 1
            elif token.kind not in (Kind.CLOSE, Kind.RIGHT):
                raise self._unexpected(token)
            return

    def _operand(self) -> None:
        """Parse a term and the fields after it."""
        term = self._take()
        if term.kind is Kind.LEFT:
            self._pipeline("parentheses", Kind.RIGHT)
        elif term.kind is Kind.WORD:
            self.template.functions.append(term)
        elif term.kind is Kind.VARIABLE:
            self._variable(term)
        elif term.kind is Kind.FIELD and self._blocks[-1].at_root:
            self.template.fields.append(term)
        self._check_constant(term)
        while self._peek().kind is Kind.FIELD:
            if term.kind in _CONSTANTS:
                raise self._unexpected(self._peek(), f"after '{term.value}'")
            self._next += 1

    def _variable(self, variable: Token) -> None:
        in_definition = self._blocks[-1].in_definition
        if variable.value not in self._scopes[-1]:
            self.template.variables.append(Use(variable, in_definition))
        # `$` is the engine's data, except in a definition.
        elif variable.value == "$" and not in_definition and self._peek().kind is Kind.FIELD:
            self.template.fields.append(self._peek())

    def _check_constant(self, token: Token) -> None:
        if token.kind is Kind.NUMBER and not is_number(token.value):
            raise self._wrong(f"has '{token.value}', which is not a number")
        if token.kind is Kind.STRING and not is_string(token.value):
            raise self._wrong(f"has an unknown escape in {token.value}")
        if token.kind is Kind.CHARACTER and not is_character(token.value):
            raise self._wrong(f'has {token.value}, which is not one character; quote text with "')


_CONSTANTS = frozenset((Kind.BOOL, Kind.DOT, Kind.NIL, Kind.NUMBER, Kind.CHARACTER, Kind.STRING))
_OPERANDS: Sequence[Kind] | frozenset[Kind] = _CONSTANTS | {
    *(Kind.WORD, Kind.FIELD, Kind.VARIABLE, Kind.LEFT),
}
