"""Who decides: the built-in planner, replay, and the words they understand."""
