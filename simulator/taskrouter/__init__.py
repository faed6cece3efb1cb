"""TaskRouter v1: workspaces, tasks and reservations."""
