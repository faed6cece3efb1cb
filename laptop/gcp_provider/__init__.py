"""A Pulumi provider named gcp that keeps Google's side of the program on this machine and runs its functions here."""
