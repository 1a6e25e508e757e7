"""Bad input by the thousand: requests made of the OpenAPI documents, and mutated events."""
