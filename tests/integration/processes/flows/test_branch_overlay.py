"""A branch of the real school changes who approves its contracts; its sister does not notice."""

from uuid import UUID

import pytest
from sqlalchemy import select

from engine.kernel.errors import Forbidden
from engine.workflow.overlays import saving
from engine.workflow.tables.task import user_task
from tests.integration.processes.flows.conftest import School
from webapp.demo import students
from webapp.demo.students import Enrolment

BY_HEADQUARTERS = {"approve_principal": {"assignees": [{"rule": "role:hq_manager", "branch": "hq"}], "due": "P1D"}}


def draft(school: School, group: str) -> UUID:
    """A contract with a discount that the principal has to approve."""
    sales = students.accept_new_lead(school, group.split("_", maxsplit=1)[0])
    return students.draft(school, sales, school.ids["lead:last"], Enrolment(group, 40, discount="480.00"))


def approver(school: School, contract_id: UUID) -> str:
    statement = select(user_task.c.assignee).where(user_task.c.id == school.task("approve_principal", contract_id))
    user_id = school.run(lambda tx: tx.execute(statement).scalar_one())
    return next(name for name, user in school.users.items() if user.id == user_id)


def test_branch_names_its_own_approver_for_its_own_contracts(school: School) -> None:
    east = school.ids["branch:east"]
    with pytest.raises(Forbidden):
        school.run(lambda tx: saving.save(tx, "contract_approval", east, BY_HEADQUARTERS, {}), "east_principal")
    before = draft(school, "east_english_1")
    saved = school.run(lambda tx: saving.save(tx, "contract_approval", east, BY_HEADQUARTERS, {}), "admin")
    assert (saved.overlay.status, [one.rule for one in saved.findings]) == ("active", [])
    assert approver(school, draft(school, "east_english_1")) == "hq_manager"
    assert approver(school, before) == "east_principal"
    school.run(lambda tx: saving.withdraw(tx, saved.overlay.id), "admin")
    assert approver(school, draft(school, "east_english_1")) == "east_principal"
