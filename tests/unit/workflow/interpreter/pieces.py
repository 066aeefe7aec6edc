"""Pieces of models that several tests put together: definitions, boundary events, handlers, compensation."""

from datetime import timedelta

from engine.workflow.embed.instance import Instance

ROOTS = (
    '<message id="m" name="go"/><message id="m2" name="stop"/><signal id="sig" name="alarm"/>'
    '<error id="err" errorCode="bad"/><escalation id="esc" escalationCode="slow"/>'
)
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'
STOP = '<messageEventDefinition messageRef="m2"/>'
CANCEL = "<cancelEventDefinition/>"
UNDO = "<compensateEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
HOURS = timedelta(hours=1)


def boundary(identity: str, host: str, event: str, stays: bool = False) -> str:
    """An event on the border of an activity. ``stays``: it does not interrupt."""
    more = ' cancelActivity="false"' if stays else ""
    return f'<boundaryEvent id="{identity}" attachedToRef="{host}"{more}>{event}</boundaryEvent>'


def timer(kind: str, text: str) -> str:
    """The definition of a timer event; ``kind``: timeDate, timeDuration, timeCycle."""
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def handler(identity: str, event: str, body: str, stays: bool = False) -> str:
    """An event sub-process."""
    more = ' isInterrupting="false"' if stays else ""
    start = f'<startEvent id="{identity}_s"{more}>{event}</startEvent>'
    return f'<subProcess id="{identity}" triggeredByEvent="true">{start}{body}</subProcess>'


def undoes(activity: str) -> str:
    """A compensation task `u_<activity>` for the activity."""
    return (
        boundary(f"c_{activity}", activity, UNDO)
        + f'<task id="u_{activity}" isForCompensation="true"/>'
        + f'<association id="l_{activity}" sourceRef="c_{activity}" targetRef="u_{activity}"/>'
    )


def order(instance: Instance, *wanted: str) -> list[str]:
    """The wanted elements as the trace has them."""
    return [one for one in instance.trace() if one in wanted]
