"""What a CI runs on a stack: preview, drift, deploy, and the comment on a pull request. docs/ci.md explains it."""
