"""E-mail as it really arrives: Chinese charsets, quotes, bounces, automatic answers, hostile headers."""

from email import message_from_bytes
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.bounces import read_bounce
from connectors.email.compose import Identity, compose
from connectors.email.parse import Nature, parse_mail
from connectors.email.quotes import new_text
from engine.kernel.connector import BadInput, Outbound
from tests.unit.connectors.lent import NOW

TOKEN = "abcdefghij234567"
SCHOOL = Identity("school@qiming.example", "启明教育", plus_addresses=True, subject_tag=False)
PLAIN = Identity("school@qiming.example", "启明教育", plus_addresses=False, subject_tag=True)


def out(**payload: str) -> Outbound:
    values = {"to": "parent@example.com", "subject": "课时提醒", "text": "剩余 3 课时", **payload}
    return Outbound(UUID(int=7), values, 1, NOW, TOKEN)


def mail(headers: str, body: bytes = b"ok", charset: str = "utf-8") -> bytes:
    head = f"From: parent@example.com\r\n{headers}Content-Type: text/plain; charset={charset}\r\n\r\n"
    return head.encode("utf-8") + body


def test_message_carries_its_token_in_three_places() -> None:
    message = compose(SCHOOL, out())
    assert message["Message-ID"] == f"<{TOKEN}.sf@qiming.example>"
    assert message["Reply-To"] == f"school+r-{TOKEN}@qiming.example"
    assert SCHOOL.tagged("b", TOKEN) == f"school+b-{TOKEN}@qiming.example"
    assert message["Auto-Submitted"] == "auto-generated"


def test_mailbox_without_plus_addresses_tags_the_subject() -> None:
    message = compose(PLAIN, out())
    assert message["Reply-To"] == "school@qiming.example"
    assert message["Subject"] == f"课时提醒 [#{TOKEN}]"


def test_repeated_message_is_the_same_message() -> None:
    assert compose(SCHOOL, out())["Message-ID"] == compose(SCHOOL, out())["Message-ID"]


@pytest.mark.parametrize(
    "payload",
    [
        {"to": "a@b.c\r\nBcc: all@example.com"}, {"to": "a@b.c>\r\nDATA"}, {"to": "no address"}, {"to": ""},
        {"subject": "x\r\nBcc: all@example.com"}, {"to": "李雷@例子.公司"},
    ],
)  # fmt: skip
def test_header_injection_is_refused(payload: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        compose(SCHOOL, out(**payload))


def test_emoji_and_lone_surrogates_can_be_sent() -> None:
    data = compose(SCHOOL, out(text="好😀\ud83d", html="<b>好</b>")).as_bytes(policy=SMTP)
    assert message_from_bytes(data).get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "headers",
    [
        f"To: school+r-{TOKEN.upper()}@qiming.example\r\n",
        f"Delivered-To: school+b-{TOKEN}@qiming.example\r\n",
        f"In-Reply-To: <{TOKEN}.sf@qiming.example>\r\n",
        f"References: <zzzzzzzzzzzzzzzz.sf@qiming.example>\r\n <{TOKEN}.sf@qiming.example>\r\n",
        f"Subject: =?utf-8?b?5Zue5aSN?= [#{TOKEN}]\r\n",
    ],
)
def test_answer_finds_its_message(headers: str) -> None:
    assert parse_mail(mail(headers)).token == TOKEN


def test_address_is_trusted_before_reference_and_subject() -> None:
    other = "zzzzzzzzzzzzzzzz"
    headers = f"To: school+r-{TOKEN}@q.example\r\nIn-Reply-To: <{other}.sf@q.example>\r\nSubject: [#{other}]\r\n"
    assert parse_mail(mail(headers)).token == TOKEN


def test_sender_alone_answers_nothing() -> None:
    assert parse_mail(mail("Subject: hello\r\n")).token == ""


@pytest.mark.parametrize(
    ("label", "codec"), [("gb2312", "gb18030"), ("GBK", "gbk"), ("utf-8", "utf-8"), ("x-none", "utf-8")]
)
def test_chinese_text_in_any_label(label: str, codec: str) -> None:
    text = "好的，周六去。镕" if codec != "utf-8" else "好的，周六去。镕😀"
    assert parse_mail(mail("", text.encode(codec), label)).text == text


def test_encoded_words_are_joined_across_a_split_character() -> None:
    raw = b"From: a@b.c\r\nSubject: =?gb2312?B?1tDO?=\r\n =?gb2312?B?xA==?=\r\n\r\nx"  # D6 D0 CE | C4
    assert parse_mail(raw).subject == "中文"


def test_html_only_mail_gives_its_words() -> None:
    raw = "From: a@b.c\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<style>p{}</style><p>好的<br>明天见</p>"
    assert parse_mail(raw.encode()).text == "好的\n明天见"


@pytest.mark.parametrize(
    "quote",
    [
        "------------------ 原始邮件 ------------------\n发件人: 启明",
        "发件人： 启明教育 <school@qiming.example>\n发送时间： 2026年9月1日",
        "在 2026-09-01 09:00:00，启明教育 <school@qiming.example> 写道：\n> 剩余 3 课时",
        "On Tue, Sep 1, 2026 at 9:00 AM 启明 <school@qiming.example> wrote:\n> x",
        "2026年9月1日 09:00，启明教育 写道：\n> x",
        "-----Original Message-----\nFrom: x",
        "发自我的iPhone",
        "> 剩余 3 课时",
    ],
)
def test_quotes_of_common_programs_are_cut(quote: str) -> None:
    assert new_text(f"好的，周六去\n谢谢\n\n{quote}") == "好的，周六去\n谢谢"


def test_words_like_markers_stay() -> None:
    assert new_text("在学校门口见\n我说的是真的") == "在学校门口见\n我说的是真的"


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ("Subject: hello\r\n", Nature.PERSONAL),
        ("Auto-Submitted: no\r\n", Nature.PERSONAL),
        ("Auto-Submitted: auto-replied\r\n", Nature.AUTOMATIC),
        ("Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n", Nature.AUTOMATIC),
        ("Precedence: bulk\r\n", Nature.AUTOMATIC),
        ("List-Id: <x.example>\r\n", Nature.AUTOMATIC),
        ("Subject: =?utf-8?b?6Ieq5Yqo5Zue5aSNOiDlpb0=?=\r\n", Nature.AUTOMATIC),
        ("Return-Path: <>\r\n", Nature.BOUNCE),
    ],
)
def test_automatic_answers_are_not_the_awaited_reply(headers: str, nature: Nature) -> None:
    assert parse_mail(mail(headers)).nature is nature


def dsn(action: str, status: str, to: str = f"school+b-{TOKEN}@qiming.example") -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nReturn-Path: <>\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; parent@example.com\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{TOKEN}.sf@qiming.example>\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(("action", "status", "permanent"), [("failed", "5.1.1", True), ("delayed", "4.4.1", False)])
def test_bounce_names_recipient_and_message(action: str, status: str, permanent: bool) -> None:
    parsed = parse_mail(dsn(action, status))
    assert parsed.nature is Nature.BOUNCE
    bounce = read_bounce(parsed.message, parsed.token)
    assert (bounce.recipients, bounce.is_permanent, bounce.status) == (("parent@example.com",), permanent, status)
    assert bounce.token == TOKEN


def test_bounce_without_plus_address_is_matched_by_the_returned_message() -> None:
    parsed = parse_mail(dsn("failed", "5.1.1", "school@qiming.example"))
    assert parsed.token == ""
    assert read_bounce(parsed.message, parsed.token).token == TOKEN


def test_qmail_bounce_is_read_by_its_words() -> None:
    raw = (
        "From: MAILER-DAEMON@mx.example\r\nTo: school@qiming.example\r\nSubject: failure notice\r\n\r\n"
        "Hi. This is the qmail-send program at mx.example.\r\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        "<parent@example.com>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\nMessage-ID: <{TOKEN}.sf@qiming.example>\r\n"
    )
    parsed = parse_mail(raw.encode())
    bounce = read_bounce(parsed.message, parsed.token)
    assert (bounce.recipients, bounce.is_permanent, bounce.token) == (("parent@example.com",), True, TOKEN)


def test_deeply_nested_mail_is_refused() -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    try:
        parse_mail(raw)
    except BadInput as fault:
        assert fault.code in ("mail_nesting", "mail_parts", "mail")


@given(st.binary(max_size=500))
def test_any_bytes_are_a_mail_or_refused(body: bytes) -> None:
    for raw in (
        body,
        mail("Subject: x\r\n", body),
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n" + body,
    ):
        try:
            parsed = parse_mail(raw)
            read_bounce(parsed.message, parsed.token)
        except BadInput:
            continue
