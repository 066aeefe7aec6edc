"""Texts of outside messages: a template's places filled in, in the language of the branch."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.runtime import plain_payload
from processes.registry import Registry


class Messages:
    """Composes from the templates of all process folders."""

    def __init__(self, registry: Registry) -> None:
        self._templates = registry.templates

    def __call__(
        self, tx: Tx, channel: str, template: str, recipient: str, inputs: Mapping[str, Any], branch_id: UUID | None
    ) -> Mapping[str, Any]:
        """The outbox payload. Raises: UserError when there is no such template for the channel."""
        found = self._templates.get(template)
        if found is None:
            return plain_payload(tx, channel, template, recipient, dict(inputs), branch_id)
        try:
            return found.payload(channel, recipient, inputs)
        except ValueError as error:
            message = Text(
                f"消息模板 {template} 没有 {channel} 的内容", f"The template {template} has no text for {channel}"
            )
            raise UserError("template_channel", message) from error
