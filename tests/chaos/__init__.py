"""Faults injected into a running engine under load: what is lost, what is doubled, how soon it is back."""
