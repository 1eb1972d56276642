"""What the queue of drafts is sorted and counted by; `kubmap.store.drafts.renew` fills it in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COLUMNS = (("confidence", sa.Integer), ("doubts", sa.Text), ("zone", sa.Text))


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("incidents", sa.Column(name, kind))
    op.create_index("ix_incidents_confidence", "incidents", ["status", "confidence", "id"])


def downgrade() -> None:
    op.drop_index("ix_incidents_confidence", "incidents")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("incidents", name)
