"""Kubernetes: a CronJob for each location, or one for all, with what they need told above them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import yaml

from alleaves_sync.config import Location, Settings
from alleaves_sync.flows.health.status import STALE_INTERVALS
from alleaves_sync.flows.schedule.cron import ORDERS_EVERY_MINUTES, Flow, expression

_NAME = "alleaves-sync"
_CONFIG_FOLDER = "/etc/alleaves-sync"
_STATE_FOLDER = "/var/lib/alleaves-sync"
_LONGEST_NAME = 52  # a CronJob's: Kubernetes adds 11 signs for each of its jobs
_USER = 10001  # nobody of the host

HEAD = f"""\
# These need, in the same namespace:
#   ConfigMap {_NAME}: the configuration as config.yaml, with
#     state: {_STATE_FOLDER}/{{location}}.db   (feeds belong in that folder too)
#   Secret {_NAME}: the variables that the configuration names, such as ALLEAVES_PASSWORD
#   PersistentVolumeClaim {_NAME}: the state; one node at a time may use it
"""


def cron_jobs(settings: Settings, locations: Sequence[Location], image: str, *, together: bool) -> str:
    """The CronJobs as YAML: one for each location and flow, or with `together` one for each flow.

    One for all that are enabled names none of them: a location that is added later is in it too.
    """
    jobs: list[Mapping[str, object]] = []
    enabled = [place for place in locations if place.settings.enabled]
    groups = [("all", enabled)] if together else [(place.name, [place]) for place in enabled]
    taken: set[str] = set()
    all_of_them = together and len(enabled) == sum(place.settings.enabled for place in settings.locations)
    for title, places in groups:
        label = _label(title, taken)
        chosen = [] if all_of_them else [part for place in places for part in ("--location", place.name)]
        menu = ["sync-inventory", *chosen]
        jobs.append(_job(f"menu-{label}", "menu", menu, settings.interval_minutes, image))
        selling = [place for place in places if place.settings.orders.sync]
        if selling:
            to_push = [] if all_of_them else [part for one in selling for part in ("--location", one.name)]
            orders = ["push-order", "--confirmed", *to_push]
            jobs.append(_job(f"orders-{label}", "orders", orders, Decimal(ORDERS_EVERY_MINUTES), image))
    return HEAD + yaml.safe_dump_all(jobs, sort_keys=False, explicit_start=True)


def _label(title: str, taken: set[str]) -> str:
    """`title` as part of a Kubernetes name, unlike all that are `taken`."""
    longest = _LONGEST_NAME - len(f"{_NAME}-orders--99")
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower())[:longest].strip("-") or "location"
    label = next(name for name in _numbered(plain) if name not in taken)
    taken.add(label)
    return label


def _numbered(plain: str) -> Iterator[str]:
    yield plain
    number = 2
    while True:
        yield f"{plain}-{number}"
        number += 1


def _job(
    name: str, flow: Flow, command: Sequence[str], interval: Decimal, image: str
) -> Mapping[str, object]:
    schedule, minutes = expression(interval)
    labels = {"app.kubernetes.io/name": _NAME, "app.kubernetes.io/component": flow}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": f"{_NAME}-{name}", "labels": labels},
        "spec": {
            "schedule": schedule,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 60,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 0,  # the next run is the next try
                    "activeDeadlineSeconds": minutes * 60 * STALE_INTERVALS,
                    "template": {"metadata": {"labels": dict(labels)}, "spec": _pod(command, image)},
                }
            },
        },
    }


def _pod(command: Sequence[str], image: str) -> Mapping[str, object]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": _NAME,
                "image": image,
                "command": [_NAME, "--config", f"{_CONFIG_FOLDER}/config.yaml", "--quiet", *command],
                "envFrom": [{"secretRef": {"name": _NAME}}],
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": "config", "mountPath": _CONFIG_FOLDER, "readOnly": True},
                    {"name": "state", "mountPath": _STATE_FOLDER},
                    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the container's own
                ],
            }
        ],
        "volumes": [
            {"name": "config", "configMap": {"name": _NAME}},
            {"name": "state", "persistentVolumeClaim": {"claimName": _NAME}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
