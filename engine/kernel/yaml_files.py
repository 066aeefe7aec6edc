"""YAML of the shipped files, read by libyaml where the wheel has it: every start reads them all, and it is quicker."""

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """The value of one document: plain data only, no tags that build objects. Raises: yaml.YAMLError.

    >>> read_yaml("{key: lead, label: {zh: 线索}}")
    {'key': 'lead', 'label': {'zh': '线索'}}
    """
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - one of the two safe loaders
