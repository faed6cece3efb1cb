"""Facts, authorship, the decision table and the wording, all without I/O."""
