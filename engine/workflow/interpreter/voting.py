"""Votes of a countersigned task 会签: counted as they come, decided as early as possible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from engine.workflow.bpmn.program import Loop, Vote
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.commands import CompleteTask
from engine.workflow.interpreter.run import Run, Trouble
from engine.workflow.interpreter.state import Token

_FIELDS = ("outcome", "comment", "by", "by_name", "at")


def vote_of(command: CompleteTask, at: datetime) -> dict[str, Any]:
    """What a person decided, as the variable named like the task (docs/architecture.md)."""
    return {
        "outcome": command.outcome,
        "comment": command.comment,
        "by": command.by,
        "by_name": command.by_name,
        "at": at,
    }


def _votes(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All votes, oldest first; they are kept as one packed text, so that a vote costs the same whatever came before."""
    return [dict(zip(_FIELDS, row, strict=True)) for row in codec.unpack_all(facts["votes"])]


def counters(loop: Loop) -> dict[str, Any]:
    """The empty tally of a multi-instance user task."""
    return {"yes": 0, "no": 0, "cast": 0, "votes": b""} if loop.vote is not None else {}


def cast(host: Token, loop: Loop, vote: Mapping[str, Any]) -> None:
    """Count one vote."""
    facts = host.data or {}
    if loop.vote is None:
        return
    facts["cast"] += 1
    facts["votes"] += codec.pack([vote[name] for name in _FIELDS])
    if vote["outcome"] == loop.vote.negative:
        facts["no"] += 1
    elif not loop.vote.mode or vote["outcome"] == loop.vote.positive:
        facts["yes"] += 1


def recall(host: Token, loop: Loop, by: str) -> bool:
    """Uncount the last vote of that person; False when there is none."""
    facts = host.data or {}
    votes = _votes(facts) if loop.vote is not None and "votes" in facts else []
    mine = [number for number, vote in enumerate(votes) if vote["by"] == by]
    if not mine or loop.vote is None:
        return False
    vote = votes.pop(mine[-1])
    facts["votes"] = b"".join(codec.pack([one[name] for name in _FIELDS]) for one in votes)
    facts["cast"] -= 1
    if vote["outcome"] == loop.vote.negative:
        facts["no"] -= 1
    elif not loop.vote.mode or vote["outcome"] == loop.vote.positive:
        facts["yes"] -= 1
    facts.pop("won", None)
    return True


def is_decided(run: Run, loop: Loop, host: Token, facts: Mapping[str, Any]) -> bool:
    """True as soon as further votes cannot change the result. Raises: Trouble for a wrong ratio or number."""
    vote = loop.vote
    if vote is None:
        return False
    cast_votes, total = facts["cast"], facts["n"]
    if vote.mode == "any":
        return bool(cast_votes)
    if vote.mode in {"all", "in_order"}:
        return bool(facts["no"])
    needed = _needed(run, vote, host, total)
    if host.data is not None:
        host.data["won"] = facts["yes"] >= needed
    return bool(facts["yes"] >= needed or total - cast_votes + facts["yes"] < needed)


def _needed(run: Run, vote: Vote, host: Token, total: int) -> int:
    value = vote.value.evaluate(run.context(host, host.scope), run.feel_env) if vote.value is not None else None
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Trouble(
            "countersign.value", "会签比例或人数无效", "The countersign ratio or number is not valid"
        ) from error
    if vote.mode == "ratio":
        if number > 1:
            number = number / 100
        number = (number * total).to_integral_value(rounding=ROUND_CEILING)
    return max(1, int(number))


def context(loop: Loop, facts: Mapping[str, Any], *, with_votes: bool) -> dict[str, Any]:
    """`{outcome, approved, rejected, total, votes}` (docs/architecture.md)."""
    found: dict[str, Any] = {
        "outcome": _outcome(loop, facts),
        "approved": Decimal(facts["yes"]),
        "rejected": Decimal(facts["no"]),
        "total": Decimal(facts["n"]),
    }
    if with_votes:
        found["votes"] = _votes(facts)
    return found


def _outcome(loop: Loop, facts: Mapping[str, Any]) -> str | None:
    """The common result: negative when the rule of the mode was missed."""
    vote = loop.vote
    if vote is None:
        return None
    if vote.mode == "any":
        votes = _votes(facts)
        return str(votes[-1]["outcome"]) if votes else vote.negative
    if vote.mode in {"ratio", "number"}:
        return vote.positive if facts["yes"] > 0 and facts.get("won") else vote.negative
    if vote.mode in {"all", "in_order"}:
        return vote.negative if facts["no"] or facts["yes"] < facts["cast"] else vote.positive
    return _plain(vote, facts)


def _plain(vote: Vote, facts: Mapping[str, Any]) -> str:
    if facts["no"]:
        return vote.negative
    outcomes = {str(item["outcome"]) for item in _votes(facts)}
    return outcomes.pop() if len(outcomes) == 1 else vote.positive
