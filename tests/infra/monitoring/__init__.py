"""What Google would see and say, from real lines of the function's log."""
