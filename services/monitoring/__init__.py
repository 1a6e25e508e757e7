"""Watches the engine: rolling drift, model health, alerts, and the operators' page."""
