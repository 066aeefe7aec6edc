"""Data stores of processes: one value per name and branch, shared by all its cases (BPMN 2.0.2 10.4.1).

`version` counts writes; 0: somebody has looked at it, nobody has written yet. `instance_id`: the case that wrote it
last, null when a person did.
"""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Uuid
from sqlalchemy import Text as TextColumn

from engine.kernel.database import metadata

data_store = Table(
    "data_store",
    metadata,
    Column("branch_id", Uuid, primary_key=True),
    Column("name", TextColumn, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("instance_id", Uuid),
    info={"room": "workflow"},
)
