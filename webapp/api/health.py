"""Is this process alive, can it serve, and its figures for Prometheus."""

from flask import Blueprint, Response, make_response
from prometheus_client import CONTENT_TYPE_LATEST
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.api import figures
from webapp.request import platform
from webapp.security import scrapers

blueprint = Blueprint("health", __name__)


@blueprint.get("/health/live")
def live() -> Response:
    """200 while the process answers at all."""
    return make_response({"status": "live"})


@blueprint.get("/health/ready")
def ready() -> Response:
    """200 when the database answers, 503 otherwise. The queue is told too, but the school works on without it."""
    found = {"database": _database_answers(), "queue": _queue_answers()}
    status = 200 if found["database"] else 503
    return make_response({name: "ok" if good else "down" for name, good in found.items()}, status)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text; figures of the tables are read now. Only for allowed addresses and holders of the token."""
    refused = scrapers.refusal(platform().settings)
    if refused is not None:
        return refused
    return Response(figures.scraped(platform()), content_type=CONTENT_TYPE_LATEST)


def _database_answers() -> bool:
    try:
        with platform().engine.connect() as connection:
            return bool(connection.execute(text("SELECT true")).scalar_one())
    except SQLAlchemyError:
        return False


def _queue_answers() -> bool:
    try:
        return bool(platform().redis.ping())
    except RedisError:
        return False
