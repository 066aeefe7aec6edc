"""A contract's settling process: asked for on the contract, one at a time, withdrawn by a message."""

from uuid import UUID

from engine.kernel.errors import Conflict
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances, messages
from processes.class_hours import api as class_hours
from processes.permits import permit

HELD = Text("该合同正在办理其他异动", "Another change of this contract is being settled")


def obstacles(tx: Tx, contract_id: UUID) -> tuple[Text, ...]:
    """Why the contract cannot be settled now; empty when it can."""
    return (HELD,) if class_hours.is_held(tx, contract_id) else ()


def request(tx: Tx, process: str, contract_id: UUID, variables: dict[str, object]) -> UUID:
    """Start the process on the contract; the id of its case. Raises: Conflict when the contract is being settled."""
    permit(tx, "read", "contract", contract_id)
    if obstacles(tx, contract_id):
        raise Conflict("contract.held", HELD)
    return instances.start(
        tx, process, {"contract_id": str(contract_id), **variables}, record=("contract", contract_id)
    )


def withdraw(tx: Tx, message: str, contract_id: UUID) -> UUID | None:
    """Send the process its message of withdrawal; the id of its case. Raises: Conflict when none is running."""
    permit(tx, "read", "contract", contract_id)
    keys = {"contract_id": str(contract_id)}
    message_id = f"{message}:{contract_id}:{new_id()}"
    found = messages.correlate(tx, message, keys, keys, message_id, record=("contract", contract_id))
    if found.status != "delivered":
        raise Conflict("nothing_to_cancel", Text("没有可撤销的申请", "There is no request to withdraw"))
    return found.instance_id
