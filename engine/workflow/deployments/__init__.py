"""Deployments: files go in, versions come out; processes about money wait for a second person."""

from engine.workflow.deployments.checking import Examined, surroundings
from engine.workflow.deployments.deploying import Deployment, DeployRefused, approve, check, deploy, examine, refuse
from engine.workflow.deployments.reading import (
    ProcessRow,
    Sources,
    VersionRow,
    pause,
    processes,
    source,
    sources,
    versions,
    waiting,
)

__all__ = [
    "DeployRefused",
    "Deployment",
    "Examined",
    "ProcessRow",
    "Sources",
    "VersionRow",
    "approve",
    "check",
    "deploy",
    "examine",
    "pause",
    "processes",
    "refuse",
    "source",
    "sources",
    "surroundings",
    "versions",
    "waiting",
]
