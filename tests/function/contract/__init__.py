"""What infra and the function agree on."""
