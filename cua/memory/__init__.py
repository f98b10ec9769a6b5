"""What is remembered: runs, screens, maps and skills, in one SQLite file."""
