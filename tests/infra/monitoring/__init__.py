"""What Google would show and alert about, from real lines of the function's log."""
