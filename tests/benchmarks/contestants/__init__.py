"""What stands beside the engine: servers and programs with environments of their own."""
