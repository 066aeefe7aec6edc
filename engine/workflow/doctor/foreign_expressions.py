"""Expressions of other tools (`${amount > 5 && !vip}`, `x == 'a' and not y`) said in FEEL.

Only what has the same meaning is translated; calls of Java beans and the like are not.
"""

from __future__ import annotations

import json
import re

from engine.feel import FeelError, compile_expression
from engine.workflow.doctor import xpath
from engine.workflow.doctor.foreign_methods import KIE, METHODS, NEEDS_ONE, is_empty, quoted
from engine.workflow.doctor.foreign_tokens import Token, tokens_of
from engine.workflow.doctor.variable_functions import plain

MAX_LENGTH = 4000
MAX_DEPTH = 100
_BRACED = re.compile(r"[$#]\{([^{}]*)\}")
_RETURN = re.compile(r"return\s+([^;]+?)\s*;?", re.DOTALL)
_CALLBACK = re.compile(r"next\(\s*null\s*,(.+)\)\s*;?", re.DOTALL)
_VARIABLES = re.compile(r"(?<![\w.])(?:this\.)?environment\.(?:variables|output)\.(?=[^\W\d])")
_GETTER = re.compile(r"(?:get|is)(?P<name>[A-Z]\w*)")
_CAST = re.compile(
    r"\((?:java\.lang\.)?(?:String|Integer|Long|Double|Float|Boolean|Object|Number|BigDecimal)\)\s*(?=[\w(])"
)
_IS_NONE = re.compile(r"\bis\s+(?:not\s+)?None\b")
_CASTS = {"str": "string({})", "float": "number(string({}))"}
_HOLE = re.compile(r"([^{}]+)|\{([^{}:!]+)\}|[{}]")
_LITERALS = {"true": "true", "True": "true", "false": "false", "False": "false", "null": "null", "None": "null"}
_LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or"},
    {"&&": "and"},
    {"==": "=", "=": "=", "!=": "!="},
    {"<": "<", "<=": "<=", ">": ">", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
_AND, _ADD = 1, 4
_SCOPES = frozenset({"execution", "delegateExecution", "task", "kcontext"})
_NOW = frozenset({"now", "dateTime"})
_CALL = re.compile(rf"\w\s*\.\s*(?:{'|'.join(METHODS)})\s*\(")


def is_braced(text: str) -> bool:
    """There is a `${…}` or `#{…}` in it."""
    return _BRACED.search(text) is not None


def calls_methods(text: str) -> bool:
    """It calls a method of another language, or says in its words what FEEL would take for a path or a long name."""
    return xpath.reads_data(text) or any(found.search(text) is not None for found in (_CALL, _VARIABLES, _IS_NONE))


def to_feel(text: str) -> str | None:
    """The FEEL text of a foreign expression; None when it has no FEEL equivalent we know.

    >>> to_feel("${amount >= 100 && !vip}")
    'amount >= 100 and (vip != true)'
    >>> to_feel("Order ${id}")
    '"Order " + string(id)'
    """
    body = _unwrapped(text.strip())
    if not body or len(body) > MAX_LENGTH:
        return None
    found = _composed(body) if is_braced(body) else _translated(body)
    return found if found is not None and is_feel(found) else None


def _unwrapped(body: str) -> str:
    """Without `return … ;` or `next(null, …)` around it; what reads a variable x in other words is x."""
    statement = _RETURN.fullmatch(body) or _CALLBACK.fullmatch(body)
    own = _VARIABLES.sub("", statement[1].strip() if statement is not None else body)
    return plain(xpath.named_plainly(_CAST.sub("", own)))


def is_feel(text: str) -> bool:
    """It can be parsed."""
    try:
        compile_expression(text)
    except FeelError:
        return False
    return True


def _composed(body: str) -> str | None:
    """Text around and between expressions is joined to one text."""
    whole = _BRACED.fullmatch(body)
    if whole is not None:
        return _translated(whole[1])
    parts: list[str] = []
    place = 0
    for match in _BRACED.finditer(body):
        inner = _translated(match[1])
        if inner is None:
            return None
        parts += [quoted(body[place : match.start()])] if match.start() > place else []
        parts.append(f"string({inner})")
        place = match.end()
    parts += [quoted(body[place:])] if place < len(body) else []
    return " + ".join(parts)


def _translated(body: str) -> str | None:
    tokens = tokens_of(body)
    if tokens is None or len(tokens) == 1:
        return None
    try:
        reader = _Reader(tokens)
        found = reader.choice()
        return found if reader.next.kind == "end" else None
    except _Foreign:
        return None


def entries_of(text: str) -> dict[str, str] | None:
    """The entries of a map (`{"topic": x, "n": 3}`), each said in FEEL; None for anything else."""
    tokens = tokens_of(text) if len(text) <= MAX_LENGTH else None
    if tokens is None:
        return None
    try:
        reader = _Reader(tokens)
        found = reader.entries()
    except _Foreign:
        return None
    return found if reader.next.kind == "end" and all(map(is_feel, found.values())) else None


class _Foreign(Exception):
    """No FEEL for this."""


def _is_not(text: str) -> str:
    """What is missing counts as false there, so its negation holds."""
    return f"({text} != true)"


class _Reader:
    """Recursive descent over the words; every method returns FEEL text. Raises: _Foreign."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self, *texts: str) -> Token | None:
        """The next word when it is one of these signs or names."""
        token = self.next
        if token.kind not in {"sign", "name"} or token.text not in texts:
            return None
        self.place += 1
        return token

    def need(self, text: str) -> None:
        if self.take(text) is None:
            raise _Foreign

    def choice(self) -> str:
        """`a ? b : c`, and Python's `b if a else c`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Foreign
        found = self.binary(0)
        if self.take("?"):
            then = self.choice()
            self.need(":")
            found = f"if {found} then {then} else {self.choice()}"
        elif self.take("if"):
            condition = self.binary(0)
            self.need("else")
            found = f"if {condition} then {found} else {self.choice()}"
        self.depth -= 1
        return found

    def binary(self, level: int) -> str:
        if level == len(_LEVELS):
            return self.unary()
        if level == _AND + 1 and self.take("not"):
            return _is_not(self.binary(level))
        found = self.binary(level + 1)
        signs = _LEVELS[level]
        while True:
            if level == _ADD - 1 and (member := self.identity(found) or self.membership(found)):
                found = member
                continue
            sign = self.take(*signs)
            if sign is None:
                return found
            right = self.binary(level + 1)
            found = f"modulo({found}, {right})" if sign.text == "%" else f"{found} {signs[sign.text]} {right}"

    def identity(self, left: str) -> str:
        """Python's `a is None` and `a is not None`; empty when it is none."""
        if not self.take("is"):
            return ""
        sign = "!=" if self.take("not") else "="
        self.need("None")
        return f"{left} {sign} null"

    def membership(self, left: str) -> str:
        """Python's `a in b` and `a not in b`; empty when it is none."""
        negated = False
        if self.next == Token("name", "not") and self.tokens[self.place + 1].text == "in":
            self.place, negated = self.place + 1, True
        if not self.take("in"):
            return ""
        found = f"list contains({self.binary(_ADD)}, {left})"
        return _is_not(found) if negated else found

    def unary(self) -> str:
        if self.take("!"):
            return _is_not(self.unary())
        if self.take("-"):
            return f"-{self.unary()}"
        if self.take("empty"):
            return is_empty(self.unary())
        return self.postfix(self.primary())

    def primary(self) -> str:
        token = self.next
        self.place += 1
        if token.kind == "number":
            return token.text
        if token.kind == "string":
            return quoted(token.text)
        if token.kind == "template":
            return self.filled(token.text)
        if token.kind == "name":
            return self.named(token.text)
        if token.text == "(":
            found = self.choice()
            self.need(")")
            return f"({found})"
        if token.text == "{":
            self.place -= 1
            return "{" + ", ".join(f"{quoted(key)}: {value}" for key, value in self.entries().items()) + "}"
        if token.text == "[":
            return f"[{', '.join(self.items(']'))}]"
        raise _Foreign

    def named(self, name: str) -> str:
        if name in _SCOPES and self.next.text == ".":
            return self.of_execution()
        if name == "KieFunctions" and self.next.text == ".":
            return self.of_drools()
        if name in {"true", "false"} and self.take("("):
            self.need(")")
        if name in _NOW and self.take("("):
            self.need(")")
            return "now()"
        if name == "len" and self.take("("):
            return f"count({', '.join(self.items(')'))})"
        if name in _CASTS and self.take("("):
            return _CASTS[name].format(", ".join(self.items(")")))
        return _LITERALS.get(name, name)

    def filled(self, text: str) -> str:
        """Python's `f"order {id}"`."""
        parts: list[str] = []
        for said, inner in _HOLE.findall(text):
            found = _translated(inner) if inner else quoted(said) if said else None
            if found is None:
                raise _Foreign
            parts.append(f"string({found})" if inner else found)
        return f"({' + '.join(parts)})" if parts else quoted("")

    def entries(self) -> dict[str, str]:
        """What stands between the braces of a map with texts as keys."""
        self.need("{")
        found: dict[str, str] = {}
        while not self.take("}"):
            if found:
                self.need(",")
            key = self.next
            self.place += 1
            if key.kind != "string":
                raise _Foreign
            self.need(":")
            found[key.text] = self.choice()
        return found

    def of_drools(self) -> str:
        """`KieFunctions.equalsTo(x, "a")` and the like of jBPM's condition editor."""
        self.need(".")
        method = KIE.get(self.next.text)
        self.place += 1
        self.need("(")
        given = self.items(")")
        if method is None or len(given) != method.count("{"):
            raise _Foreign
        return method.format(*given)

    def of_execution(self) -> str:
        """`execution.getVariable("x")` is the variable x."""
        self.need(".")
        call = self.take("getVariable", "hasVariable", "getVariableLocal")
        if call is None:
            raise _Foreign
        self.need("(")
        name = self.next
        self.place += 1
        self.need(")")
        if name.kind != "string" or not name.text.isidentifier():
            raise _Foreign
        return f"({name.text} != null)" if call.text == "hasVariable" else name.text

    def items(self, close: str) -> list[str]:
        found: list[str] = []
        while not self.take(close):
            if found:
                self.need(",")
            found.append(self.choice())
        return found

    def postfix(self, found: str) -> str:
        while True:
            if self.take("."):
                found = self.member(found)
            elif self.take("["):
                found = self.element(found)
            elif self.next.text == "(" and self.next.kind == "sign":
                raise _Foreign
            else:
                return found

    def member(self, owner: str) -> str:
        token = self.next
        self.place += 1
        if token.kind != "name":
            raise _Foreign
        if not self.take("("):
            return f"{owner}.{token.text}"
        given = self.items(")")
        if token.text == "get" and len(given) == 1 and given[0].startswith('"'):
            return self.entry(owner, json.loads(given[0]))
        getter = _GETTER.fullmatch(token.text)
        if getter is not None and not given and token.text not in METHODS:
            return f"{owner}.{getter['name'][0].lower()}{getter['name'][1:]}"
        method = METHODS.get(token.text)
        if method is None or len(given) != (1 if token.text in NEEDS_ONE else 0):
            raise _Foreign
        return method(owner, given)

    def element(self, owner: str) -> str:
        """Positions count from 0 there and from 1 here; texts name entries."""
        token = self.next
        if self.tokens[self.place + 1].text != "]":
            raise _Foreign
        self.place += 2
        if token.kind == "string":
            return self.entry(owner, token.text)
        if token.kind == "number" and token.text.isdecimal():
            return f"{owner}[{int(token.text) + 1}]"
        raise _Foreign

    def entry(self, owner: str, name: str) -> str:
        return f"{owner}.{name}" if name.isidentifier() else f"get value({owner}, {quoted(name)})"
