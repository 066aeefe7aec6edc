"""The web application: pages and API over one platform."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.kernel.settings import secret_key
from webapp import assets, errors, formats, frame, hooks, i18n, modelwords, names, pages
from webapp.api import application
from webapp.composition import Platform
from webapp.request import EXTENSION
from webapp.security import csrf, headers, texts

MAX_UPLOAD_BYTES = 25 * 1024 * 1024


def create_app(platform: Platform) -> Flask:
    """The WSGI application on this platform. Raises: SetupError when the front end is not built."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_key(platform.settings),
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_NAME="schoolflow",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=platform.settings.public_url.startswith("https://"),
    )
    app.extensions[EXTENSION] = platform
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=assets.asset, has_asset=assets.has_asset, icon=assets.icon, csrf_token=csrf.token
    )
    assets.manifest()
    for part in (i18n, formats, modelwords, names, frame, headers, errors, texts):
        part.install(app)
    app.register_blueprint(assets.blueprint)
    pages.register(app)
    app.register_blueprint(hooks.blueprint)
    application.install(app)
    if platform.settings.trusted_proxies:
        count = platform.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app
