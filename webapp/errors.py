"""Every failure becomes a page with plain words: what happened, what to do, and an id where we are at fault."""

import logging
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from engine.kernel.errors import SchoolflowError, Unauthenticated
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from webapp.i18n import locale, translated
from webapp.render import go, layout

log = logging.getLogger(__name__)

_PLAIN = {
    400: Text("无法读取请求", "The request could not be read"),
    404: Text("页面不存在", "There is no such page"),
    405: Text("此处不支持该操作", "This can't be done here"),
    413: Text("上传的文件过大", "The upload is too large"),
}
_INTERNAL = Text("系统出错了，我们已记录", "Something went wrong on our side; it has been recorded")
_HINT = Text(
    "请稍后重试；若仍不行，请把下面的编号发给管理员",
    "Try again later; if it stays, give the id below to your administrator",
)


def install(app: Flask) -> None:
    """Handles every exception of pages; the API answers JSON by its own handler."""
    app.register_error_handler(SchoolflowError, _explained)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _explained(error: SchoolflowError) -> Response:
    if isinstance(error, Unauthenticated) and not _wants_json():
        return _to_sign_in()
    if error.code == "must_change_password" and not _wants_json():
        return go(url_for("account.new_password"))
    if error.status >= 500:
        return _unexpected(error)
    if _wants_json():
        return make_response(error.as_json(locale()), error.status)
    message, hint = translated(error.message), translated(error.hint)
    details = [text for text in map(translated, error.fields.values()) if text != message]
    return _page(error.status, message, hint, details)


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    message = translated(_PLAIN.get(error.code, _PLAIN[400]))
    return _page(error.code, message, "", [])


def _unexpected(error: Exception) -> Response:
    error_id = str(new_id())
    log.error("unexpected failure %s at %s %s", error_id, request.method, request.path, exc_info=error)
    status = error.status if isinstance(error, SchoolflowError) else 500
    message = translated(error.message if isinstance(error, SchoolflowError) else _INTERNAL)
    if _wants_json():
        body = {"code": "internal", "message": message, "hint": translated(_HINT), "id": error_id}
        return make_response(body, status)
    return _page(status, message, translated(_HINT), [], error_id)


def _page(status: int, message: str, hint: str, details: list[str], error_id: str = "") -> Response:
    body = render_template(
        "errors/error.html",
        layout=_frame_for(status),
        status=status,
        message=message,
        hint=hint,
        details=details,
        id=error_id,
        back_url=_place() if request.method == "POST" and getattr(g, "actor", None) else "",
    )
    return make_response(body, status)


def _frame_for(status: int) -> str:
    """Our own failures stand alone: the shell may be what failed."""
    wanted = layout()
    alone = status >= 500 or getattr(g, "actor", None) is None
    return "layouts/plain.html" if alone and wanted == "layouts/page.html" else wanted


def _to_sign_in() -> Response:
    url = url_for("account.sign_in", next=_place())
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": url})
    if request.path != "/":
        flash(translated(Unauthenticated.default_message), "info")
    return make_response(redirect(url, 303))


def _place() -> str:
    """The page the person is on: back there after signing in; what was typed into it is kept in the browser."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.full_path.rstrip("?")
    shown = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    is_ours = shown.path and shown.netloc == request.host
    return urlunsplit(("", "", shown.path, shown.query, "")) if is_ours else url_for("home.show")


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"
