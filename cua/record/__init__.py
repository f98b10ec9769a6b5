"""How a recording becomes a workflow, and the file that a workflow is kept in."""
