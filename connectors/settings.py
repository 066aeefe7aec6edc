"""A connector's configuration against its kind's JSON Schema: every fault at its field, secrets split off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from connectors.registry import kinds
from engine.kernel.errors import NotFound, UserError
from engine.kernel.secrets import secret_fields, split_secrets
from engine.kernel.text import Text


def check_config(
    kind: str, config: Mapping[str, Any], *, known_secrets: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, str]]:
    """The configuration as (shown, secrets). `known_secrets`: fields that are stored already and may be left out.

    Raises:
        NotFound: no such kind.
        UserError: `fields` says what is wrong where.
    """
    if kind not in kinds():
        raise NotFound("connector_kind", Text(f"没有这种连接器：{kind}", f"There is no connector kind {kind}"))
    schema = kinds()[kind].connector.config_schema
    hidden = secret_fields(schema)
    complete = {**dict.fromkeys(known_secrets & hidden, "stored"), **_without_empty(config)}
    faults: dict[str, Text] = {}
    for error in Draft202012Validator(schema).iter_errors(complete):
        field = ".".join(str(part) for part in error.absolute_path)
        if error.validator == "required":
            missing = (name for name in error.validator_value if name not in error.instance)
            faults |= {".".join(filter(None, (field, name))): Text("必填", "Required") for name in missing}
            continue
        faults[field or "config"] = _explain(error.message, hidden, field)
    if faults:
        raise UserError(
            "connector_config", Text("连接器配置有误", "The connector's configuration is not valid"), fields=faults
        )
    return split_secrets(schema, _without_empty(config))


def _without_empty(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if value not in (None, "")}


def _explain(message: str, hidden: frozenset[str], field: str) -> Text:
    if field in hidden:
        return Text("格式不正确", "Not in the expected form")
    return Text(f"格式不正确：{message[:200]}", message[:200])
