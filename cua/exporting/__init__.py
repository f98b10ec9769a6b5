"""Runs as data to train models with: OSWorld's trajectories, and the rows that TRL's trainers read."""
