"""Deployments: files go in, versions come out; processes about money wait for a second person."""

from engine.workflow.deployments.checking import surroundings
from engine.workflow.deployments.deploying import Deployment, DeployRefused, approve, check, deploy, refuse
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
    "ProcessRow",
    "Sources",
    "VersionRow",
    "approve",
    "check",
    "deploy",
    "pause",
    "processes",
    "refuse",
    "source",
    "sources",
    "surroundings",
    "versions",
    "waiting",
]
