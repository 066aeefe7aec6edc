"""What an examination yields, as data."""

from __future__ import annotations

from dataclasses import dataclass

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding


@dataclass(frozen=True, slots=True)
class Fix:
    """A change the doctor offers: it alters the meaning, so a person accepts it. `text`: what it would do.

    `id` is `<rule>:<element id>` and stays the same for the same document.
    """

    id: str
    element_id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Examination:
    """`xml`: the document after the rewrites that keep its meaning (the very text given when there were none).

    `findings`: `info` for each rewrite and each foreign extension that is understood, `warning` for what is ignored,
    `error` for what has to be settled before deploying. `fixes`: changes to be accepted one by one with `apply`.
    """

    xml: str
    findings: tuple[Finding, ...]
    fixes: tuple[Fix, ...]
