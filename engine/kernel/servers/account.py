"""Which operating-system account the embedded servers run as, and where it can reach files.

PostgreSQL refuses to run as root. When the program is started by root, the servers run as the account ``schoolflow``
(made when missing). No folder of the operator's changes its mode for that: what the account can't reach is copied or
kept under ``/var/lib/schoolflow`` instead.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.kernel.errors import SetupError
from engine.kernel.text import Text

NAME = "schoolflow"
_REACHABLE_ROOT = Path("/var/lib/schoolflow")


@dataclass(frozen=True)
class Account:
    """A system account: its name and numbers."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account to drop to, or None when the program already runs as an ordinary user."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _create_account()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_folder(home: Path, name: str, account: Account | None) -> Path:
    """A private folder for one server's data: below ``home`` if the account can get there."""
    folder = home / name
    if account and not _can_traverse(home, account):
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        folder = _REACHABLE_ROOT / digest / name
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    own(folder, account)
    return folder


def reachable_package(package: Path, version: str, account: Account | None) -> Path:
    """The installed package's folder itself, or a copy of it, with its bundled libraries, where the account can read.

    Several programs may start at once: each copies aside, and the first rename wins.
    """
    if account is None or _can_traverse(package, account):
        return package
    copy = _REACHABLE_ROOT / f"{package.name}-{version}"
    if not copy.exists():
        _REACHABLE_ROOT.mkdir(parents=True, exist_ok=True, mode=0o755)
        aside = Path(tempfile.mkdtemp(prefix="copying-", dir=_REACHABLE_ROOT))
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, aside / part.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        aside.chmod(0o755)
        try:
            aside.rename(copy)
        except OSError:
            shutil.rmtree(aside)
    return copy / package.name


def own(path: Path, account: Account | None) -> None:
    """Gives one path to the account."""
    if account:
        os.chown(path, account.uid, account.gid)


def _create_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        raise SetupError(
            "account_missing",
            Text(
                f"无法创建系统账号 {NAME}：{result.stderr.strip()}。请用普通用户启动",
                f"The system account {NAME} could not be made: {result.stderr.strip()}. Start as an ordinary user",
            ),
        ) from None


def _can_traverse(path: Path, account: Account) -> bool:
    existing = path
    while not existing.exists():
        existing = existing.parent
    return all(_may_enter(folder, account) for folder in [existing, *existing.resolve().parents])


def _may_enter(folder: Path, account: Account) -> bool:
    if not folder.is_dir():
        return True
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)
