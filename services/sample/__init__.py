"""A seeded sample of loan applications that look like the real table: `python -m services.sample`."""
