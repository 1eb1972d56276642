"""Feeds that are polled, what came from them, and who may poll now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("tried_at", sa.Text),
        sa.Column("succeeded_at", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Text),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.UniqueConstraint("url", name="uq_sources_url"),
    )
    op.create_table(
        "source_items",
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("import_key", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "item", name="pk_source_items"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_source_items_source_id"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("until_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def downgrade() -> None:
    for name in ("leases", "source_items", "sources"):
        op.drop_table(name)
