"""The Pulumi program: what a deployment consists of."""
