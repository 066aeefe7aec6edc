"""The one error of this room."""

from engine.kernel.errors import UserError
from engine.kernel.text import Text


class FeelError(UserError):
    """An expression cannot be read, asks for too much work, or is outside what its place accepts.

    ``line`` and ``column`` count from 1 and are 0 when the error has no place in the text.
    """

    default_code = "feel_invalid"
    default_message = Text("表达式有误", "The expression is not valid")

    def __init__(self, message: Text, *, line: int = 0, column: int = 0, code: str | None = None) -> None:
        self.line = line
        self.column = column
        self.detail = message
        if line:
            message = Text(
                f"第 {line} 行第 {column} 列：{message.zh}",
                f"Line {line}, column {column}: {message.en}",
            )
        super().__init__(code, message)


def error_at(text: str, offset: int, message: Text, code: str | None = None) -> FeelError:
    """A ``FeelError`` that points at ``offset`` (0-based) of ``text``."""
    before = text[:offset]
    line = before.count("\n") + 1
    column = offset - (before.rfind("\n") + 1) + 1
    return FeelError(message, line=line, column=column, code=code)


def with_advice(message: Text, advice: Text | None) -> Text:
    """The message, and what to do about it."""
    return message if advice is None else Text(f"{message.zh}。{advice.zh}", f"{message.en}. {advice.en}")
