"""Alembic's entry: runs inside the transaction that `kubmap.store.migrate` (or a test) has begun."""

from __future__ import annotations

from alembic import context

from kubmap.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True)
context.run_migrations()
