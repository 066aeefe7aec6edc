"""One tree of errors. A class's ``status`` is its HTTP status; ``code`` is stable and part of the API."""

from collections.abc import Mapping

from engine.kernel.text import Text


class SchoolflowError(Exception):
    """Something went wrong that we can explain: what was expected, what was found, what to do."""

    status = 500
    default_code = "internal"
    default_message = Text("系统内部错误", "Internal error")

    def __init__(
        self,
        code: str | None = None,
        message: Text | None = None,
        *,
        hint: Text | None = None,
        fields: Mapping[str, Text] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.message = message or self.default_message
        self.hint = hint
        self.fields = dict(fields or {})
        super().__init__(f"{self.code}: {self.message.en}")

    def as_json(self, locale: str) -> dict[str, object]:
        """``{"code", "message", "hint", "fields"?}`` in the reader's language."""
        body: dict[str, object] = {
            "code": self.code,
            "message": self.message.in_locale(locale),
            "hint": self.hint.in_locale(locale) if self.hint else "",
        }
        if self.fields:
            body["fields"] = {name: text.in_locale(locale) for name, text in self.fields.items()}
        return body


class UserError(SchoolflowError):
    """The request can't be done as asked; the person can mend it."""

    status = 422
    default_code = "invalid"
    default_message = Text("提交的内容有误", "The request is not valid")


class BadRequest(UserError):
    """The request could not be read at all."""

    status = 400
    default_code = "bad_request"
    default_message = Text("无法读取请求", "The request could not be read")


class Unauthenticated(UserError):
    """Nobody is signed in, or the token has expired."""

    status = 401
    default_code = "unauthenticated"
    default_message = Text("请先登录", "Please sign in")


class Forbidden(UserError):
    """The actor has no right to do this."""

    status = 403
    default_code = "forbidden"
    default_message = Text("您没有权限执行此操作", "You have no permission to do this")


class NotFound(UserError):
    """There is no such thing, or the actor may not know of it: the same answer for both."""

    status = 404
    default_code = "not_found"
    default_message = Text("未找到该内容，或您无权查看", "Not found, or not visible to you")


class Conflict(UserError):
    """The thing is in another state than the request needs."""

    status = 409
    default_code = "conflict"
    default_message = Text("状态已变化，请刷新后重试", "The state has changed; reload and try again")


class Replaced(Conflict):
    """What was about to be read has been replaced meanwhile; the unit of work begins anew."""

    default_code = "replaced"


class Stale(UserError):
    """Somebody changed the record since it was read."""

    status = 412
    default_code = "stale"
    default_message = Text("内容已被他人修改，请刷新后重试", "Somebody else changed this; reload and try again")


class PayloadTooLarge(UserError):
    """The upload is larger than this place accepts."""

    status = 413
    default_code = "too_large"
    default_message = Text("文件过大", "The file is too large")


class PreconditionRequired(UserError):
    """An update must say which version it is based on."""

    status = 428
    default_code = "precondition_required"
    default_message = Text("缺少版本号（If-Match）", "The version (If-Match) is missing")


class TooManyRequests(UserError):
    """The caller must slow down."""

    status = 429
    default_code = "too_many_requests"
    default_message = Text("操作过于频繁，请稍后再试", "Too many requests; try again later")


class SetupError(SchoolflowError):
    """The program can't start or go on because of its surroundings; the operator can mend it."""

    default_code = "setup"
    default_message = Text("运行环境有问题", "The environment is not usable")
