"""Reading, deciding and carrying out; acceptances; the sweep."""
