"""The resources of the Kubernetes base as tests read them, with the patches that Kustomize lays on them."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml

from infra.local.settings import REPOSITORY

FOLDER = REPOSITORY / "infra/kubernetes"
BASE = FOLDER / "base"
EXAMPLE = FOLDER / "overlays/example"
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
Resource = dict[str, Any]


def customization() -> Resource:
    told: Resource = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))
    return told


def resources(*kinds: str) -> Iterator[Resource]:
    """Yield the resources of some kinds, patched."""
    told = customization()
    patches = [(each["target"], _read(each["path"])[0]) for each in told["patches"]]
    for resource in (each for name in told["resources"] for each in _read(name)):
        if resource["kind"] in kinds:
            for target, operations in patches:
                if _is_meant(resource, target):
                    _patch(resource, operations)
            yield resource


def pods() -> dict[str, Resource]:
    """Return the description of each workload's pods, by the workload's name."""
    return {each["metadata"]["name"]: pod_of(each) for each in resources(*WORKLOADS)}


def pod_of(workload: Resource) -> Resource:
    spec = workload["spec"]
    pod: Resource = spec.get("jobTemplate", workload)["spec"]["template"]["spec"]
    return pod


def settings_of(pod: Resource) -> dict[str, Resource]:
    """Return the variables that a pod's container is told one by one."""
    return {each["name"]: each for each in pod["containers"][0].get("env", ())}


def groups_of(pod: Resource) -> set[str]:
    """Return the groups of variables that it is told."""
    return {each["configMapRef"]["name"] for each in pod["containers"][0].get("envFrom", ())}


def _read(name: str) -> list[Any]:
    return list(yaml.safe_load_all((BASE / name).read_text(encoding="utf-8")))


def _is_meant(resource: Resource, target: dict[str, str]) -> bool:
    wanted = (f"{target['group']}/{target['version']}", target.get("kind", resource["kind"]))
    label, _, value = target["labelSelector"].partition("=")
    labels: dict[str, str] = resource["metadata"].get("labels", {})
    return wanted == (resource["apiVersion"], resource["kind"]) and labels.get(label) == value


def _patch(resource: Resource, operations: list[dict[str, Any]]) -> None:
    for operation in operations:
        assert operation["op"] == "add", "the patches only add"
        *path, last = operation["path"].strip("/").split("/")
        holder: Any = resource
        for step in path:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        value = deepcopy(operation["value"])
        if last == "-":
            holder.append(value)
        else:
            holder[last] = value
