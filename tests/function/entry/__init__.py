"""HTTP in and out, the log, and how a process starts."""
