"""What installs and locks this project: the environment, the locks, and the Go module that builds Pulumi's CLI."""
