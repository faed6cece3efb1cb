"""Short versions of the campaigns: each promise on a sample of its plan."""
