"""What a CI runs: the script on the real engine, the comment, and the workflows."""
