"""A small Aliyun-compatible endpoint: checks signatures, keeps a sent list, posts receipts and replies back.

`python -m connectors.sms_aliyun.simulator serve --control SOCKET --sent FILE --key ID --secret SECRET [--port N]
[--callback URL]` runs it and prints its address. `… reply --control SOCKET PHONE TEXT` posts a reply to the callback,
`… next CODE` lets the next request fail with that code.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
from datetime import UTC, datetime
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.simulators import control
from connectors.sms_aliyun.callbacks import BEIJING
from connectors.sms_aliyun.signing import signature

CLOCK_TOLERANCE_S = 900


class Service:
    """What the provider knows: keys, the nonces it has seen, what to do wrong next."""

    def __init__(self, key: str, secret: str, sent: Path, callback: str) -> None:
        self._key, self._secret, self._sent, self._callback = key, secret, sent, callback
        self._lock = threading.Lock()
        self._nonces: set[str] = set()
        self._number = 0
        self._next_code = ""

    def send_sms(self, method: str, told: dict[str, str]) -> dict[str, str]:
        """The answer to one SendSms request."""
        with self._lock:
            fault = self._fault(method, told)
            if fault:
                return {"Code": fault, "Message": fault}
            self._number += 1
            biz_id = f"{self._number:018d}^0"
            entry = {"at": datetime.now(UTC).isoformat(), "to": told["PhoneNumbers"], "sign": told["SignName"],
                     "template": told["TemplateCode"], "params": json.loads(told["TemplateParam"])}  # fmt: skip
            with self._sent.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        receipt = {"phone_number": told["PhoneNumbers"], "send_time": _now(), "report_time": _now(), "success": True,
                   "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": biz_id,
                   "out_id": told.get("OutId", "")}  # fmt: skip
        threading.Timer(0.2, self.post, ([receipt],)).start()
        return {"Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": f"{self._number:08d}"}

    def reply(self, words: list[str]) -> str:
        """A person answers."""
        self._number += 1
        entry = {"phone_number": words[0], "content": words[1], "send_time": _now(), "sequence_id": self._number}
        return self.post([entry])

    def fail_next(self, words: list[str]) -> str:
        """The next request fails with a code."""
        self._next_code = words[0]
        return "ok"

    def post(self, entries: list[dict[str, Any]]) -> str:
        """Post entries to the callback address; returns what it answered."""
        if not self._callback:
            return "ok no callback"
        parts = urlsplit(self._callback)
        link = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=10)
        try:
            body = json.dumps(entries, ensure_ascii=False).encode("utf-8")
            link.request("POST", parts.path, body, {"Content-Type": "application/json"})
            return f"ok {link.getresponse().status}"
        finally:
            link.close()

    def _fault(self, method: str, told: dict[str, str]) -> str:
        signed = {name: value for name, value in told.items() if name != "Signature"}
        expected = signature(method, signed, self._secret)
        if told.get("AccessKeyId") != self._key:
            return "InvalidAccessKeyId.NotFound"
        if not compare_digest(expected, told.get("Signature", "")):
            return "SignatureDoesNotMatch"
        at = datetime.strptime(told["Timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - at).total_seconds()) > CLOCK_TOLERANCE_S:
            return "InvalidTimeStamp.Expired"
        if told["SignatureNonce"] in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(told["SignatureNonce"])
        code, self._next_code = self._next_code, ""
        return code


def _now() -> str:
    return datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def open_server(service: Service, port: int) -> ThreadingHTTPServer:
    """An HTTP server on loopback for the service, not yet running."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._respond("POST", body.decode("utf-8"))

        def do_GET(self) -> None:
            self._respond("GET", urlsplit(self.path).query)

        def _respond(self, method: str, query: str) -> None:
            answer = service.send_sms(method, dict(parse_qsl(query, keep_blank_values=True)))
            data = json.dumps(answer, ensure_ascii=False).encode("utf-8")
            self.send_response(200 if answer["Code"] == "OK" else 400)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def serve(told: argparse.Namespace) -> None:
    """Run until SIGTERM or SIGINT."""
    control.block_stop()
    service = Service(told.key, told.secret, told.sent, told.callback)
    server = open_server(service, told.port)
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    actions: dict[str, control.Action] = {
        "reply": service.reply, "next": service.fail_next, "address": lambda words: address, "ping": lambda words: "ok",
    }  # fmt: skip
    listening = control.serve(told.control, actions)
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    control.wait_for_stop()
    listening.close()
    server.shutdown()
    told.control.unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m connectors.sms_aliyun.simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("serve")
    running.add_argument("--control", type=Path, required=True)
    running.add_argument("--sent", type=Path, required=True)
    running.add_argument("--key", required=True)
    running.add_argument("--secret", required=True)
    running.add_argument("--port", type=int, default=0)
    running.add_argument("--callback", default="")
    for name in ("reply", "next", "address"):
        one = commands.add_parser(name)
        one.add_argument("--control", type=Path, required=True)
        one.add_argument("words", nargs="*")
    told = parser.parse_args()
    if told.command == "serve":
        serve(told)
        return 0
    answer = control.tell(told.control, told.command, *told.words)
    sys.stdout.write(answer + "\n")
    return 0 if not answer.startswith("error") else 1


if __name__ == "__main__":
    sys.exit(main())
