"""Every figure that cua claims is a command: python -m tests.bench NAME."""
