"""The parser's place in the tokens, and how it reads names."""

from collections.abc import Iterable, Mapping
from typing import NoReturn

from engine.feel import advice
from engine.feel.errors import error_at, with_advice
from engine.feel.keywords import KEYWORDS
from engine.feel.lexer import Token, string_value, tokenize
from engine.feel.names import NameTable
from engine.feel.syntax import TypeName
from engine.kernel.text import Text

MAX_NESTING = 60
MAX_HEIGHT = 150


class Cursor:
    """Tokens of one text, the current one, the known names and the limits."""

    def __init__(self, text: str, names: Iterable[str], members: Iterable[str], types: Mapping[str, TypeName]) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.token = self.tokens[0]
        self.names = NameTable(names)
        self.names.add(members)
        self.types = types
        self.nesting = 0
        self.height = 1

    def advance(self, count: int = 1) -> Token:
        """Move on; gives the token that was current."""
        token = self.token
        self.index += count
        self.token = self.tokens[self.index]
        return token

    def peek(self, distance: int = 1) -> Token:
        """The token ``distance`` ahead, the end token beyond the end."""
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def at_word(self, word: str) -> bool:
        """Is the current token this keyword?"""
        return self.token.text == word and self.token.kind == "name"

    def at_symbol(self, symbol: str) -> bool:
        """Is the current token this symbol?"""
        return self.token.text == symbol and self.token.kind == "symbol"

    def accept(self, symbol: str) -> bool:
        """Take the symbol if it is there."""
        if self.at_symbol(symbol):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> Token:
        """Take this symbol or keyword. Raises: FeelError when something else is there."""
        if self.token.text != text or self.token.kind not in ("symbol", "name"):
            self.fail(Text(f"应为“{text}”", f"Expected '{text}'"), text)
        return self.advance()

    def fail(self, message: Text, wanted: str = "") -> NoReturn:
        """Raise ``message`` at the current token, saying what was found and what to write instead.

        ``wanted`` is the only word that could stand there.
        """
        if self.token.kind == "end":
            found = Text("结尾", "the end")
        else:
            found = Text(f"“{self.token.text}”", repr(self.token.text))
        said = Text(f"{message.zh}，却遇到{found.zh}", f"{message.en}, found {found.en}")
        raise error_at(self.text, self.token.at, with_advice(said, advice.for_token(self.tokens, self.index, wanted)))

    def grow(self, height: int) -> None:
        """Note the height of the tree just built. Raises: FeelError beyond the limit."""
        if height > MAX_HEIGHT:
            self.too_deep()
        self.height = height

    def too_deep(self) -> NoReturn:
        """The text nests too deeply."""
        raise error_at(
            self.text,
            self.token.at,
            Text("表达式嵌套过深，请拆分", "The expression nests too deeply; split it"),
            "feel_too_deep",
        )

    def read_name(self) -> str:
        """The longest known name here; otherwise all words up to the next symbol or keyword."""
        known = self.names.match(self.tokens, self.index)
        if known is not None:
            self.advance(known[1])
            return known[0]
        if self.token.kind != "name" or self.token.text in KEYWORDS:
            self.fail(Text("应为名称", "Expected a name"))
        words = [self.advance().text]
        while self.token.kind == "name" and self.token.text not in KEYWORDS and not self.at_instance_of():
            words.append(self.advance().text)
        return words[0] if len(words) == 1 else " ".join(words)

    def at_instance_of(self) -> bool:
        """Is this the operator ``instance of``?"""
        return self.at_word("instance") and self.peek().text == "of"

    def read_member(self) -> str:
        """A name after a dot, where keywords are names too."""
        if self.token.kind == "name" and self.token.text in KEYWORDS:
            return self.advance().text
        return self.read_name()

    def read_key(self) -> str:
        """A context key: a string or everything up to the colon."""
        if self.token.kind == "string":
            return string_value(self.advance().text)
        first = self.token
        while self.token.kind in ("name", "number") or self.token.text in KEY_SYMBOLS:
            last = self.advance()
            if self.at_symbol(":"):
                return " ".join(self.text[first.at : last.end].split())
        return self.fail(Text("应为上下文的键和冒号", "Expected a context key and a colon"))


KEY_SYMBOLS = frozenset(["-", "+", "*", "/", ".", "'", "’", "?", "（", "）", "，", "、", "“", "”", "**"])
