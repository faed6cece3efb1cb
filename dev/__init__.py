"""What serves this repository: it makes the environment and the locks, and writes the pages that are made from code."""
