"""Settings: checked at start, every one documented."""

from pathlib import Path

import pytest

from engine.kernel.errors import SetupError
from engine.kernel.settings import SETTINGS, load_settings, secret_key


def test_defaults_need_no_environment() -> None:
    settings = load_settings({})
    assert (settings.port, settings.host, settings.database_url) == (8000, "127.0.0.1", "")


def test_database_url_gets_its_driver_and_owner() -> None:
    settings = load_settings({"DATABASE_URL": "postgres://app:secret@db/school"})
    assert settings.database_url == "postgresql+psycopg://app:secret@db/school"
    assert settings.database_owner_url == settings.database_url


def test_settings_do_not_show_secrets() -> None:
    shown = repr(load_settings({"DATABASE_URL": "postgresql://app:hush@db/s", "SCHOOLFLOW_SECRET_KEY": "quiet"}))
    assert "hush" not in shown
    assert "quiet" not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCHOOLFLOW_PORT", "80o0"),
        ("SCHOOLFLOW_PORT", "70000"),
        ("SCHOOLFLOW_THREADS", "0"),
        ("DATABASE_URL", "mysql://db/school"),
    ],
)
def test_wrong_value_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SetupError) as caught:
        load_settings({name: value})
    assert name in caught.value.message.zh
    assert name in caught.value.message.en


def test_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    settings = load_settings({"SCHOOLFLOW_HOME": str(tmp_path / "var")})
    first = secret_key(settings)
    assert secret_key(settings) == first
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_every_setting_is_in_the_operations_guide() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "operations.md").read_text(encoding="utf-8")
    assert [setting.name for setting in SETTINGS if f"`{setting.name}`" not in guide] == []
