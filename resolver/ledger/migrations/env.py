"""Alembic's entry: runs the migrations on the connection that `resolver.ledger.engine` hands over."""

from alembic import context

from resolver.ledger.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:  # `alembic upgrade --sql`: write the statements for a database administrator to run
    context.configure(
        dialect_name=context.config.get_main_option("dialect"), target_metadata=metadata, literal_binds=True
    )
else:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
