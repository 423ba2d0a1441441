"""What alembic runs: the migrations, inside the transaction that :mod:`desk.store` has begun."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["tables"],
    # SQLite changes a column only by rebuilding its table.
    render_as_batch=True,
    transactional_ddl=True,
    compare_server_default=True,
    render_item=context.config.attributes.get("render_item"),
)
with context.begin_transaction():
    context.run_migrations()
