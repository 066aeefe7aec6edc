"""How much memory the embedded PostgreSQL takes: a share of the machine's, since other programs live there too."""

import os

_MB = 1024 * 1024
_LEAST, _MOST = 128, 4096


def memory_settings(machine_mb: int | None = None) -> dict[str, str]:
    """Server options for a machine with that much memory (by default this one).

    >>> memory_settings(16_384)["shared_buffers"], memory_settings(1_000)["shared_buffers"]
    ('2048MB', '128MB')
    """
    total = machine_mb or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MB
    return {
        "shared_buffers": f"{_within(total // 8)}MB",
        "effective_cache_size": f"{_within(total // 2, most=65_536)}MB",
        "maintenance_work_mem": f"{_within(total // 32, least=64, most=512)}MB",
        "work_mem": f"{_within(total // 1024, least=4, most=32)}MB",
        "random_page_cost": "1.1",
        "wal_compression": "on",
    }


def _within(value: int, *, least: int = _LEAST, most: int = _MOST) -> int:
    return max(least, min(value, most))
