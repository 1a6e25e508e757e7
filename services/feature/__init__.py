"""Applications to features: each batch decoded once and computed in one pass."""
