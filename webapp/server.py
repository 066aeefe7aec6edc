"""The web process: gunicorn with threads, configured by our settings only."""

from typing import Any

from gunicorn.app.base import BaseApplication

from engine.kernel.settings import Settings


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        values: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": settings.threads,
            "graceful_timeout": 15,
            "timeout": 120,
            "keepalive": 5,
            "limit_request_line": 8190,
            "forwarded_allow_ips": "*" if settings.trusted_proxies else "127.0.0.1",
            "accesslog": None,
            "loglevel": "warning",
            "worker_tmp_dir": None,
            "control_socket_disable": True,
        }
        for name, value in values.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        from webapp.app import create_app
        from webapp.composition import compose

        return create_app(compose(self._settings))


def serve(settings: Settings) -> None:
    """Serves until SIGTERM; open requests are finished first."""
    _Server(settings).run()
