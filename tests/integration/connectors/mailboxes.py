"""POP3 servers to fetch from: Dovecot where the machine has it, and the demonstration's own server everywhere."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.email.simulator import Post, open_servers
from tests.integration.connectors.peers import wait_until

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin")
SERVERS = ["simulated", "dovecot"] if DOVECOT else ["simulated"]


@dataclass(frozen=True)
class MailServer:
    """`put` delivers a message, `count` says how many lie there; user and password are both `school`."""

    port: int
    put: Callable[[bytes], None]
    count: Callable[[], int]


@contextmanager
def simulated(folder: Path) -> Iterator[MailServer]:
    post = Post(folder / "sent.jsonl")
    smtp, pop3 = open_servers(post, 0, 0)
    yield MailServer(pop3.server_address[1], post.deliver, lambda: len(post.mailbox()))
    smtp.shutdown()
    pop3.shutdown()


@contextmanager
def dovecot(folder: Path) -> Iterator[MailServer]:
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    for part in ("run", "state", "mail", "mail/new", "mail/cur", "mail/tmp"):
        (folder / part).mkdir(exist_ok=True)
        if part.startswith("mail"):
            os.chown(folder / part, owner.pw_uid, owner.pw_gid)
    port = free_port()
    (folder / "users").write_text("school:{PLAIN}school\n")
    config = folder / "dovecot.conf"
    config.write_text(_config(folder, owner, port))
    process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(config)])
    wait_until(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)
    numbers = iter(range(1, 1000))

    def put(raw: bytes) -> None:
        name = f"{next(numbers):04d}.test"
        path = folder / "mail" / "tmp" / name
        path.write_bytes(raw)
        os.chown(path, owner.pw_uid, owner.pw_gid)
        path.rename(folder / "mail" / "new" / name)

    yield MailServer(port, put, lambda: sum(len(list((folder / "mail" / box).iterdir())) for box in ("new", "cur")))
    process.terminate()
    process.wait(10)


def _config(folder: Path, owner: pwd.struct_passwd, port: int) -> str:
    accounts = (
        "" if os.getuid() == 0 else (f"default_internal_user = {owner.pw_name}\ndefault_login_user = {owner.pw_name}\n")
    )
    return f"""{accounts}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = {min(owner.pw_uid, 500)}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/mail
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
