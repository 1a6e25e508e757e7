"""What the services say to each other: events, topics and their JSON form. Imports nothing of ours."""
