"""Due times in words."""

from flask import Flask

from webapp.i18n import install
from webapp.screens.studio.duetext import due_words


def in_language(language: str, *times: str) -> list[str]:
    app = Flask(__name__)
    app.secret_key = "due"
    install(app)
    with app.test_request_context(headers={"Accept-Language": language}):
        return [due_words(time) for time in times]


def test_due_times_are_counted_as_the_language_does() -> None:
    assert in_language("zh", "P1D", "P2WD", "PT1W", "") == ["1 天", "2 个工作日", "1 个工作小时", "不限"]
    assert in_language("en", "P1D", "P2WD", "PT1W", "=due") == ["1 day", "2 working days", "1 working hour", "=due"]
