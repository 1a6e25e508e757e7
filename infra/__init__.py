"""What the services stand on: Kafka, PostgreSQL and MLflow."""
