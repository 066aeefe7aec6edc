"""Texts of outside messages, from the `messages.yaml` of process folders."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from engine.kernel.text import Text
from engine.kernel.yaml_files import read_yaml


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One message. ``sms``: its text; ``subject`` and ``body``: the e-mail's. Places look like ``{student_name}``."""

    key: str
    sms: Text | None = None
    subject: Text | None = None
    body: Text | None = None

    def places(self) -> frozenset[str]:
        """The names that have to be given."""
        texts = [text for pair in (self.sms, self.subject, self.body) if pair for text in pair]
        return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)

    def payload(self, channel: str, recipient: str, inputs: Mapping[str, Any], locale: str = "zh") -> dict[str, Any]:
        """The outbox payload of the message; a name that was not given shows as nothing.

        Raises: ValueError when the template has no text for the channel.
        """
        given = _Given(inputs)
        if channel == "email" and self.subject and self.body:
            subject, body = self.subject.in_locale(locale), self.body.in_locale(locale)
            return {"to": recipient, "subject": subject.format_map(given), "text": body.format_map(given)}
        if channel != "email" and self.sms:
            text = self.sms.in_locale(locale).format_map(given)
            return {"to": recipient, "text": text, "template": self.key, "params": dict(inputs)}
        raise ValueError(f"expected template {self.key} to have a text for {channel}")


class _Given(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return "" if value is None else value


def load_templates(path: Path) -> dict[str, MessageTemplate]:
    """The templates of one ``messages.yaml`` by key; none when there is no such file."""
    if not path.exists():
        return {}
    source: dict[str, Any] = read_yaml(path.read_text("utf-8")) or {}
    return {key: _template(key, entry) for key, entry in source.items()}


@cache
def load_templates_beside(module_file: str) -> dict[str, MessageTemplate]:
    """The templates of the folder a module lies in."""
    return load_templates(Path(module_file).with_name("messages.yaml"))


def _template(key: str, entry: Mapping[str, Any]) -> MessageTemplate:
    mail = entry.get("email", {})
    return MessageTemplate(key, _text(entry.get("sms")), _text(mail.get("subject")), _text(mail.get("text")))


def _text(entry: Mapping[str, str] | None) -> Text | None:
    return Text(entry["zh"], entry["en"]) if entry else None
