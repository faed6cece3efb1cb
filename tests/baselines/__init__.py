"""What the product does, recorded as files, so that one command says whether a change has changed it."""
