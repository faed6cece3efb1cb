"""Where `pulumi up` begins."""

from infra.program import deploy

deploy()
