"""The engine in one process, for a single small instance without Kafka."""
