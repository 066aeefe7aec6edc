"""Short ways to declare what handlers take and give."""

from engine.workflow.handlers import Parameter


def optional(*names: str) -> dict[str, Parameter]:
    """Inputs that may be left out or null, of any type."""
    return {name: Parameter("any", required=False) for name in names}


def results(*names: str) -> dict[str, str]:
    """Outputs of any type."""
    return dict.fromkeys(names, "any")
