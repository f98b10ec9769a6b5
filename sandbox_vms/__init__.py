"""Machines of their own to practise in, and what the world looks like inside them."""
