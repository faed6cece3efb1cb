"""Facts, authorship, the decision table and what is said: without any I/O."""
