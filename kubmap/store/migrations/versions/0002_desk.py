"""The duty desk: working copies, presence, pairs that are no duplicates, undo, purge; texts known by their words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kubmap.store.identity import text_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BATCH = 1000

# History may lose the rows of an incident that the same transaction marks in `purging`; the log of that is append-only.
_SQLITE = (
    "DROP TRIGGER history_no_delete",
    """
    CREATE TRIGGER history_no_delete BEFORE DELETE ON history
    WHEN NOT EXISTS (SELECT 1 FROM purging WHERE incident_id = OLD.incident_id)
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
    """,
    """
    CREATE TRIGGER purges_no_update BEFORE UPDATE ON purges
    BEGIN SELECT RAISE(ABORT, 'the log of purges is append-only'); END
    """,
    """
    CREATE TRIGGER purges_no_delete BEFORE DELETE ON purges
    BEGIN SELECT RAISE(ABORT, 'the log of purges is append-only'); END
    """,
    """
    CREATE TRIGGER purges_no_replace BEFORE INSERT ON purges
    WHEN EXISTS (SELECT 1 FROM purges WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the log of purges is append-only'); END
    """,
    """
    CREATE TRIGGER meta_never_ends_purging BEFORE INSERT ON meta WHEN NEW.key = 'purged'
    BEGIN SELECT RAISE(ABORT, 'this key never exists'); END
    """,
)
_SQLITE_BACK = (
    "DROP TRIGGER meta_never_ends_purging",
    "DROP TRIGGER history_no_delete",
    """
    CREATE TRIGGER history_no_delete BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
    """,
)

_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION history_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM purging WHERE incident_id = OLD.incident_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'history is append-only';
    END $$
    """,
    """
    CREATE FUNCTION purges_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log of purges is append-only'; END $$
    """,
    """
    CREATE TRIGGER purges_no_change BEFORE UPDATE OR DELETE ON purges
    FOR EACH ROW EXECUTE FUNCTION purges_append_only()
    """,
    """
    CREATE TRIGGER purges_no_truncate BEFORE TRUNCATE ON purges
    FOR EACH STATEMENT EXECUTE FUNCTION purges_append_only()
    """,
    "ALTER TABLE meta ADD CONSTRAINT ck_meta_never_ends_purging CHECK (key <> 'purged')",
)
_POSTGRESQL_BACK = (
    "ALTER TABLE meta DROP CONSTRAINT ck_meta_never_ends_purging",
    """
    CREATE OR REPLACE FUNCTION history_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$
    """,
)


def upgrade() -> None:
    op.add_column("incidents", sa.Column("sources", sa.Text))
    op.add_column("incidents", sa.Column("text_key", sa.Text))
    _fill_text_keys(op.get_bind())
    op.create_index("ix_incidents_text_key", "incidents", ["text_key"])
    op.create_index("ix_incidents_duplicate_of", "incidents", ["duplicate_of"])
    op.create_index("ix_incidents_days", "incidents", ["status", "published_at", "starts_at", "ends_at", "id"])
    _tables_of_editors()
    _tables_of_purges()
    for statement in _SQLITE if _is_sqlite() else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    for statement in _SQLITE_BACK if _is_sqlite() else _POSTGRESQL_BACK:
        op.execute(statement)
    for name in ("purging", "purges", "undos", "pairs", "presence", "working"):
        op.drop_table(name)
    if not _is_sqlite():
        op.execute("DROP FUNCTION purges_append_only()")
    for name in ("ix_incidents_days", "ix_incidents_duplicate_of", "ix_incidents_text_key"):
        op.drop_index(name, "incidents")
    op.drop_column("incidents", "text_key")
    op.drop_column("incidents", "sources")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _fill_text_keys(connection: sa.Connection) -> None:
    table = sa.table("incidents", sa.column("id"), sa.column("text"), sa.column("text_key"))
    update = sa.update(table).where(table.c.id == sa.bindparam("of")).values(text_key=sa.bindparam("key"))
    after = ""
    while True:
        query = sa.select(table.c.id, table.c.text).where(table.c.id > after).order_by(table.c.id).limit(_BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        connection.execute(update, [{"of": each, "key": text_key(text)} for each, text in rows])
        after = rows[-1][0]


def _tables_of_editors() -> None:
    op.create_table(
        "working",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("base_version", sa.Integer),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("owner", "target", name="pk_working"),
    )
    op.create_table(
        "presence",
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "owner", name="pk_presence"),
    )
    op.create_table(
        "pairs",
        sa.Column("first", sa.Text, nullable=False),
        sa.Column("second", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name="pk_pairs"),
    )
    op.create_index("ix_pairs_second", "pairs", ["second"])
    op.create_table(
        "undos",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_undos"),
    )


def _tables_of_purges() -> None:
    op.create_table(
        "purges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("versions", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purges"),
    )
    op.create_table(
        "purging",
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("ends", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_purging"),
        sa.ForeignKeyConstraint(
            ["ends"], ["meta.key"], name="fk_purging_ends", deferrable=True, initially="DEFERRED"
        ),
    )  # fmt: skip
