"""What Kafka needs: broker settings for one machine, and the topics."""
