"""Somebody at the pages without a browser: signs in once, reads, and sends forms with their token."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.webapp.conftest import sign_in


class Visitor:
    """One person's session."""

    def __init__(self, app: Flask, username: str, password: str) -> None:
        self.client: FlaskClient = app.test_client()
        assert sign_in(self.client, username, password) == 303
        self._token = ""

    def get(self, path: str, *, status: int = 200) -> str:
        """The page's text."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:1500]}"
        return answer.text

    @property
    def token(self) -> str:
        """What every form of the session carries."""
        if not self._token:
            found = re.search(r'name="_csrf" value="([^"]+)"', self.get("/account"))
            assert found is not None
            self._token = found[1]
        return self._token

    def post(self, path: str, status: int = 303, **form: Any) -> TestResponse:
        """The answer to a sent form."""
        answer = self.client.post(path, data={"_csrf": self.token, **form})
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:3000]}"
        return answer
