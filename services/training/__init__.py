"""Data to experiments to the registry: trains the models that scoring serves."""
