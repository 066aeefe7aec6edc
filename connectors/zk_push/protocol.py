"""The PUSH protocol (ADMS, `/iclock/*`): parsing what terminals send, building what they expect. Pure.

Source: 考勤PUSH通讯协议 2.4.2 (vendor), and field reports on firmware that differs from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.kernel.connector import BadInput

SERIAL = re.compile(r"[A-Za-z0-9_-]{1,32}")
PROTOCOL_VERSION = "2.2.14"
_TIME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2}):(\d{1,2})")
_EPOCH = re.compile(r"\d{9,10}")
_PERSON = re.compile(r"[0-9A-Za-z]{1,24}")
_BIOMETRIC = re.compile(rb"^\s*(FP|FACE|FVEIN|USERPIC|BIOPHOTO|BIODATA|UFACE)\b", re.IGNORECASE)
_SECRET_FIELD = re.compile(rb"(?i)\b(passwd|password|tmp|content|template|pwd)=[^\t\r\n]*")


@dataclass(frozen=True, slots=True)
class Attendance:
    """One line of ATTLOG. `status` and `verify` are the device's own codes: their meaning differs by generation."""

    person_no: str
    at: datetime
    time_raw: str
    status: str
    verify: str
    work_code: str


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a terminal says about a command it was given. Negative codes are failures."""

    command_id: str
    return_code: str
    command: str

    @property
    def is_done(self) -> bool:
        return self.return_code.isdigit()


def endpoint(path: str) -> str:
    """The endpoint a path means: some firmware calls `/iclock/cdata.aspx`.

    >>> endpoint("/iclock/CDATA.aspx"), endpoint("getrequest")
    ('cdata', 'getrequest')
    """
    name = path.rstrip("/").rpartition("/")[2].lower()
    return name.removesuffix(".aspx").removesuffix(".php")


def decode(data: bytes) -> str:
    """Text of a terminal: UTF-8 if it is, else GB 18030 (Chinese firmware sends names in GB 2312)."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def lines(body: bytes) -> Iterator[bytes]:
    """The non-empty lines of a body; CRLF or LF, the last one maybe without an end."""
    for line in body.split(b"\n"):
        stripped = line.strip(b"\r\x00 ")
        if stripped:
            yield stripped


def parse_attendance(line: bytes, zone: ZoneInfo) -> Attendance:
    """One ATTLOG line: `PIN <tab> time <tab> status <tab> verify <tab> work code …`; times are device-local.

    Raises:
        BadInput: no person, or no time.
    """
    fields = decode(line).split("\t")
    if len(fields) < 2:
        raise BadInput("attlog_fields", f"expected at least 2 fields, found {len(fields)}")
    person_no, time_raw = fields[0].strip(), fields[1].strip()
    if not _PERSON.fullmatch(person_no):
        raise BadInput("attlog_person", "expected up to 24 letters or digits")
    rest = [field.strip()[:20] for field in (*fields[2:5], "", "", "")][:3]
    return Attendance(person_no, parse_time(time_raw, zone), time_raw, *rest)


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """A device's time as UTC: local wall time, or Unix seconds from old units.

    Raises:
        BadInput: not a time.
    """
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadInput("attlog_time", f"expected YYYY-MM-DD HH:MM:SS, found {text[:30]!r}")
    try:
        local = datetime(*(int(part) for part in match.groups()), tzinfo=zone)  # type: ignore[misc,arg-type]
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise BadInput("attlog_time", str(fault)) from None


def parse_results(body: bytes) -> list[CommandResult]:
    """The results in a `devicecmd` body: `ID=…&Return=…&CMD=…` lines, or one `key=value` a line.

    What a command printed (`Content=`) is dropped: it may hold personal data.
    """
    results: list[CommandResult] = []
    record: dict[str, str] = {}
    for line in lines(body):
        for pair in decode(line).split("&"):
            key, found, value = pair.partition("=")
            if not found:
                continue
            if key.strip().upper() == "ID" and record:
                results.extend(_result(record))
                record = {}
            record[key.strip().upper()] = value.strip()
    results.extend(_result(record))
    return results


def _result(record: Mapping[str, str]) -> list[CommandResult]:
    command_id = record.get("ID", "")
    if not re.fullmatch(r"[A-Za-z0-9]{1,32}", command_id):
        return []
    return [CommandResult(command_id, record.get("RETURN", "")[:12], record.get("CMD", "")[:20])]


def scrub(line: bytes) -> bytes:
    """A line that may be kept: no fingerprint, face, photo or password; at most 300 bytes.

    >>> scrub(b"USER PIN=1" + bytes([9]) + b"Passwd=1234" + bytes([9]) + b"Card=[15CD5B07]")
    b'USER PIN=1\\tPasswd=\\tCard=[15CD5B07]'
    """
    biometric = _BIOMETRIC.match(line)
    if biometric:
        return biometric.group(1) + b" (removed)"
    return _SECRET_FIELD.sub(lambda match: match.group(1) + b"=", line)[:300]


def time_zone_value(zone: ZoneInfo, at: datetime) -> int:
    """The `TimeZone` option: whole hours, or minutes when the zone is not on the hour.

    >>> time_zone_value(ZoneInfo("Asia/Shanghai"), datetime(2026, 9, 1, tzinfo=UTC))
    8
    >>> time_zone_value(ZoneInfo("Asia/Kolkata"), datetime(2026, 9, 1, tzinfo=UTC))
    330
    """
    offset = at.astimezone(zone).utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds() // 60)
    return minutes // 60 if minutes % 60 == 0 else minutes


def init_reply(serial: str, zone: ZoneInfo, at: datetime) -> str:
    """The options a terminal gets when it introduces itself. Fingerprints and photos are not asked for."""
    return "\n".join(
        (
            f"GET OPTION FROM: {serial}",
            "ATTLOGStamp=None",
            "OPERLOGStamp=9999",
            "ATTPHOTOStamp=None",
            "ErrorDelay=30",
            "Delay=10",
            "TransTimes=00:00;14:05",
            "TransInterval=1",
            "TransFlag=TransData AttLog",
            f"TimeZone={time_zone_value(zone, at)}",
            "Realtime=1",
            "Encrypt=None",
            f"PushProtVer={PROTOCOL_VERSION}",
        )
    )
