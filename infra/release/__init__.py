"""A release: a tag, and what it says about itself."""
