"""The book of record: applications, decisions, loans' outcomes and dead letters become rows in PostgreSQL."""
