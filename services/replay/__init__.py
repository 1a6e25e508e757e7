"""A front office for trying things: sends a file's applications and follows their decisions."""
