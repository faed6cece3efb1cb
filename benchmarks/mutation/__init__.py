"""Mutation testing: would the tests notice if a line of the function said something else?

`python -m benchmarks.mutation` changes one thing of a module at a time, in a copy of the repository, and runs the tests
that are about the module. A mutant that no test notices is a survivor: a test is missing, or nobody could see the
change.
"""
