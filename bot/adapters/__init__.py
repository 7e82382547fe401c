"""What implements the core's ports besides the front ends: Redis, Dramatiq, models, local git."""
