"""Octroi: an event-driven credit decision engine."""
