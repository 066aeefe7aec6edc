"""Let a deployment keep the models that its decision files import from elsewhere."""

from alembic import op

revision = "workflow_0004"
down_revision = "workflow_0003"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    name = op.f("ck_deployment_resource_kind")
    op.drop_constraint(name, "deployment_resource", type_="check")
    op.create_check_constraint(name, "deployment_resource", "kind in ('bpmn', 'dmn', 'form', 'import')")
