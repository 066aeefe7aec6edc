"""Outgoing HTTP stays away from our own network and tells "not sent" from "maybe sent"."""

import socket
import threading
from collections.abc import Callable

import pytest

from connectors.http_client import GuardedHttp, is_public
from engine.kernel.connector import BadConfig, HttpReply, ReplyLost, Unavailable


def call(http: GuardedHttp, url: str, timeout_s: float = 2, headers: dict[str, str] | None = None) -> HttpReply:
    return http("POST", url, headers=headers or {}, body=b"x", timeout_s=timeout_s)


def serve(answer: Callable[[socket.socket], None]) -> int:
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        link, _peer = listening.accept()
        with link:
            link.recv(4096)
            answer(link)

    threading.Thread(target=run, daemon=True).start()
    return int(listening.getsockname()[1])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fc00::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "255.255.255.255",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "64:ff9b::808:808"])
def test_outer_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://2130706433:1/", "http://0x7f.1:1/",
        "file:///etc/passwd", "ftp://x/", "http://user:pass@8.8.8.8/", "http:///x",
    ],
)  # fmt: skip
def test_forbidden_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadConfig):
        call(GuardedHttp(), url)


def test_allowed_host_is_reached_and_redirects_are_not_followed() -> None:
    port = serve(
        lambda link: link.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")
    )
    assert call(GuardedHttp(frozenset({"127.0.0.1"})), f"http://127.0.0.1:{port}/").status == 302


def test_refused_connection_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(Unavailable):
        call(GuardedHttp(frozenset({"127.0.0.1"})), f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"rubbish"])
def test_lost_answer_may_have_been_sent(answer: bytes) -> None:
    port = serve(lambda link: link.sendall(answer))
    with pytest.raises(ReplyLost):
        call(GuardedHttp(frozenset({"127.0.0.1"})), f"http://127.0.0.1:{port}/")


def test_header_injection_is_refused() -> None:
    port = serve(lambda link: None)
    with pytest.raises(BadConfig):
        call(GuardedHttp(frozenset({"127.0.0.1"})), f"http://127.0.0.1:{port}/", headers={"X": "a\r\nY: b"})
