"""Features to decisions, with the models that the registry's aliases name."""
