"""REST in, decisions out: applications become events, and decisions come back to who waits for them."""
