"""Measures the engine on this machine: `make bench`."""
