"""Reading, deciding and applying; acceptances; the sweep."""
