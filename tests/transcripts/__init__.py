"""What people see of a deployment, as docs/transcripts.md shows it: made by running, and compared with the page."""
