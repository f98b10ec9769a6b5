"""Getters and metrics in the manner of OSWorld, as one closed set: what a task file may name, and nothing else.

They read a world through its seam and never change it; what cannot be read is unknown, never a failure.
"""
