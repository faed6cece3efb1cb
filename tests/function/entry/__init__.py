"""HTTP in and out, the log, and the start of a process."""
