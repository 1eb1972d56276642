"""Incidents, their append-only history and the numbers of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_FORBID_SQLITE = (
    """
    CREATE TRIGGER history_no_update BEFORE UPDATE ON history
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
    """,
    """
    CREATE TRIGGER history_no_delete BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
    """,
    # INSERT OR REPLACE would delete the old row without firing the trigger above.
    """
    CREATE TRIGGER history_no_replace BEFORE INSERT ON history
    WHEN EXISTS (
        SELECT 1 FROM history
        WHERE id = NEW.id OR (incident_id = NEW.incident_id AND version = NEW.version)
    )
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
    """,
)

_FORBID_POSTGRESQL = (
    """
    CREATE FUNCTION history_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$
    """,
    """
    CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION history_append_only()
    """,
    """
    CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION history_append_only()
    """,
)


def upgrade() -> None:
    _incidents()
    _history()
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _FORBID_SQLITE if sqlite else _FORBID_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("meta")
    op.drop_table("history")
    op.drop_table("incidents")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION history_append_only()")


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("source_name", sa.Text),
        sa.Column("source_url", sa.Text),
        sa.Column("published_at", sa.Text),
        sa.Column("starts_at", sa.Text),
        sa.Column("ends_at", sa.Text),
        sa.Column("is_scheduled", sa.Boolean),
        sa.Column("casualties", sa.Text),
        sa.Column("location", sa.Text),
        sa.Column("alternatives", sa.Text),
        sa.Column("reasons", sa.Text),
        sa.Column("outage", sa.Text),
        sa.Column("location_verified", sa.Boolean, nullable=False),
        sa.Column("duplicate_of", sa.Text),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("import_key", sa.Text),
        sa.Column("import_marks", sa.Text),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.ForeignKeyConstraint(["duplicate_of"], ["incidents.id"], name="fk_incidents_duplicate_of"),
        sa.UniqueConstraint("import_key", name="uq_incidents_import_key"),
        sa.CheckConstraint("version >= 1", name=op.f("ck_incidents_version")),
        sa.CheckConstraint(
            "status <> 'published' OR category <> 'none'", name=op.f("ck_incidents_none_is_never_published")
        ),
    )
    op.create_index("ix_incidents_status", "incidents", ["status", "id"])
    op.create_index("ix_incidents_revision", "incidents", ["revision"])


def _history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("diff", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_history_incident_id"),
        sa.UniqueConstraint("incident_id", "version", name="uq_history_incident_id"),
    )
