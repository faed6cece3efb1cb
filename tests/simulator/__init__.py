"""The simulator, held against what the platform documents."""
