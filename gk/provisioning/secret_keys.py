"""Keys of Kubernetes Secrets that Grafana reads from environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gk.documents.secrets.references import references
from gk.errors import Problem
from gk.resource import Kind, Resource

__all__ = ["same_variables", "variables"]


def variables(resources: Sequence[Resource], kind: Kind) -> dict[str, dict[str, Any]]:
    """The value of an environment variable, by its name, for each key that a resource of `kind`
    needs: what a container has as `valueFrom`."""
    keys = {
        secret["env"]: {"name": secret["name"], "key": secret["key"]}
        for resource in resources
        if resource.kind is kind
        for _, secret in references(resource.body)
        if "name" in secret
    }
    return {name: {"secretKeyRef": key} for name, key in sorted(keys.items())}


def same_variables(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Problems of Secret keys that would share one environment variable: `a-b`, `c` and `a`,
    `b-c`."""
    seen: dict[str, Mapping[str, str]] = {}
    for resource in resources:
        if resource.kind.facts.has_secrets:
            for _, secret in references(resource.body):
                first = seen.setdefault(secret.get("env", ""), secret)
                if "name" in secret and first != secret:
                    both = " and ".join(
                        f"'{one.get('name')}', '{one.get('key')}'" for one in (first, secret)
                    )
                    yield Problem(
                        resource.source,
                        f"{resource.kind.value} '{resource.title}': the Secret keys {both} would "
                        f"both be the environment variable {secret['env']}; rename one of them",
                    )
