"""Tasks from files: read, set up on a machine, tried by a policy, judged by the world."""
