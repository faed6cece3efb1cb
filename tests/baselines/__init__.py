"""What the product does, recorded as files, so that one command shows whether a change has changed it."""
