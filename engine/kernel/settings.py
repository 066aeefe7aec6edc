"""Settings from the environment, read and checked once at start."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from engine.kernel import private_files
from engine.kernel.errors import SetupError
from engine.kernel.text import Text


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, default and meaning."""

    name: str
    default: str
    meaning: Text


SETTINGS = (
    Setting(
        "DATABASE_URL",
        "",
        Text(
            "PostgreSQL 地址；留空则自动启动内置 PostgreSQL", "PostgreSQL address; empty starts the embedded PostgreSQL"
        ),
    ),
    Setting(
        "DATABASE_OWNER_URL",
        "",
        Text(
            "执行迁移的账号地址；留空则与 DATABASE_URL 相同",
            "Address of the account that migrates; empty means DATABASE_URL",
        ),
    ),
    Setting(
        "REDIS_URL",
        "",
        Text(
            "Redis/Valkey 地址；留空则自动启动内置 Valkey", "Redis or Valkey address; empty starts the embedded Valkey"
        ),
    ),
    Setting("SCHOOLFLOW_HOME", "var", Text("数据目录", "The data folder")),
    Setting("SCHOOLFLOW_HOST", "127.0.0.1", Text("监听地址", "Address to listen on")),
    Setting("SCHOOLFLOW_PORT", "8000", Text("监听端口", "Port to listen on")),
    Setting(
        "SCHOOLFLOW_SECRET_KEY",
        "",
        Text("签名密钥；留空则在数据目录生成", "Signing key; empty makes one in the data folder"),
    ),
    Setting("SCHOOLFLOW_TRUSTED_PROXIES", "0", Text("前置代理层数", "Number of proxies in front")),
    Setting("SCHOOLFLOW_THREADS", "8", Text("网页进程的线程数", "Threads of a web process")),
    Setting("SCHOOLFLOW_MAX_NODES", "5000", Text("单个流程模型的节点上限", "Largest number of nodes in one model")),
    Setting(
        "SCHOOLFLOW_PUBLIC_URL",
        "",
        Text("对外访问地址，用于短信和邮件中的链接", "Address outsiders use, for links in messages"),
    ),
    Setting(
        "SCHOOLFLOW_ANCHOR_EMAIL",
        "",
        Text("每日收到历史链头的邮箱", "Mail address that gets the history's head every day"),
    ),
    Setting(
        "SCHOOLFLOW_METRICS_ALLOW",
        "127.0.0.0/8,::1",
        Text("可读取 /metrics 的地址或网段，逗号分隔", "Addresses or networks that may read /metrics, by comma"),
    ),
    Setting(
        "SCHOOLFLOW_METRICS_TOKEN",
        "",
        Text("读取 /metrics 的令牌；设了它，其他地址凭令牌读取", "Token that lets any other address read /metrics"),
    ),
)


@dataclass(frozen=True)
class Settings:
    """What the program was told. ``home`` is absolute; ``secret_key`` is never shown."""

    home: Path
    host: str
    port: int
    trusted_proxies: int
    threads: int
    max_nodes: int
    public_url: str
    anchor_email: str
    metrics_allow: tuple[IPv4Network | IPv6Network, ...]
    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    metrics_token: str = field(repr=False)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of this environment.

    Raises: SetupError naming the variable, what was found and what is expected.
    """
    known = {setting.name: environ.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
    home = Path(known["SCHOOLFLOW_HOME"]).expanduser().absolute()
    database_url = _postgres_url("DATABASE_URL", known["DATABASE_URL"])
    return Settings(
        home=home,
        host=known["SCHOOLFLOW_HOST"],
        port=_whole_number("SCHOOLFLOW_PORT", known["SCHOOLFLOW_PORT"], 0, 65535),
        trusted_proxies=_whole_number("SCHOOLFLOW_TRUSTED_PROXIES", known["SCHOOLFLOW_TRUSTED_PROXIES"], 0, 9),
        threads=_whole_number("SCHOOLFLOW_THREADS", known["SCHOOLFLOW_THREADS"], 1, 256),
        max_nodes=_whole_number("SCHOOLFLOW_MAX_NODES", known["SCHOOLFLOW_MAX_NODES"], 10, 1_000_000),
        public_url=known["SCHOOLFLOW_PUBLIC_URL"].rstrip("/"),
        anchor_email=known["SCHOOLFLOW_ANCHOR_EMAIL"],
        database_url=database_url,
        database_owner_url=_postgres_url("DATABASE_OWNER_URL", known["DATABASE_OWNER_URL"]) or database_url,
        redis_url=known["REDIS_URL"],
        secret_key=known["SCHOOLFLOW_SECRET_KEY"],
        metrics_allow=_networks("SCHOOLFLOW_METRICS_ALLOW", known["SCHOOLFLOW_METRICS_ALLOW"]),
        metrics_token=known["SCHOOLFLOW_METRICS_TOKEN"],
    )


def secret_key(settings: Settings) -> str:
    """The signing key: as set, or kept in the data folder with mode 0600 and made there at first."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.home / "secret-key"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        private_files.write_first(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _postgres_url(name: str, value: str) -> str:
    if not value:
        return ""
    scheme, separator, rest = value.partition("://")
    if separator and scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    raise SetupError(
        "setting_invalid",
        Text(f"{name} 应以 postgresql:// 开头", f"{name} must start with postgresql://"),
    )


def _whole_number(name: str, value: str, low: int, high: int) -> int:
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    raise SetupError(
        "setting_invalid",
        Text(
            f"{name} 应为 {low} 到 {high} 的整数，实际为 {value!r}",
            f"{name} must be a whole number from {low} to {high}, found {value!r}",
        ),
    )


def _networks(name: str, value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise SetupError(
            "setting_invalid",
            Text(
                f"{name} 应为逗号分隔的地址或网段，实际为 {value!r}",
                f"{name} must be addresses or networks by comma, found {value!r}",
            ),
        ) from error
