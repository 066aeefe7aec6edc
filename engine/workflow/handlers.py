"""Local handlers: named Python functions that service tasks call inside the step's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.kernel.text import Text

if TYPE_CHECKING:
    from engine.kernel.uow import Tx

HandlerFunction = Callable[["Tx", Mapping[str, Any]], Mapping[str, Any]]


class BpmnError(Exception):
    """A business error a handler raises on purpose; boundary events of the process may catch it by its code."""

    def __init__(self, code: str, message: str = "", data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message or code
        self.data = dict(data or {})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input or output: its FEEL type name (`text`, `number`, `record:lead` …) and whether it must be given."""

    type: str
    required: bool = True
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """A function a model names in `school:handler`. It writes only through the transaction it is given.

    inputs, outputs: name -> Parameter, or name -> type name for short; the deploy gate checks models against them.
    """

    name: str
    label: Text
    function: HandlerFunction
    inputs: Mapping[str, Parameter | str] = field(default_factory=dict)
    outputs: Mapping[str, Parameter | str] = field(default_factory=dict)


class HandlerRegistry:
    """All handlers of one platform, by name; built by the composition root, read by the gate and the runner."""

    def __init__(self, handlers: Iterable[Handler] = ()) -> None:
        self._handlers: dict[str, Handler] = {}
        for handler in handlers:
            self.add(handler)

    def add(self, handler: Handler) -> None:
        """Register one handler. Raises: ValueError when the name is taken by another function."""
        known = self._handlers.get(handler.name)
        if known is not None and known.function is not handler.function:
            raise ValueError(f"Expected one handler named {handler.name!r}, but two were registered; rename one.")
        self._handlers[handler.name] = handler

    def get(self, name: str) -> Handler | None:
        """The handler of that name, or None."""
        return self._handlers.get(name)

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._handlers))

    def all(self) -> tuple[Handler, ...]:
        """All handlers, sorted by name."""
        return tuple(self._handlers[name] for name in self.names())
