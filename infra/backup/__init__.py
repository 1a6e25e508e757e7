"""Backup and restore of PostgreSQL and of the registry."""
