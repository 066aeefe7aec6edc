"""Growth curves as SVG: lines over linear axes that start at nought, no library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from pathlib import Path
from statistics import median

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 40, 44
COLOURS = ("#206bc4", "#d6336c", "#2fb344", "#f59f00")
STYLE = "font-family:system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:12px"


@dataclass(frozen=True)
class Line:
    """One series: points (x, y), x ascending."""

    name: str
    points: Sequence[tuple[float, float]]


def condensed(values: Sequence[float], parts: int = 40) -> list[tuple[float, float]]:
    """(number of values so far, median of the part) for so many parts: what a curve over many steps shows."""
    size = max(1, len(values) // parts)
    starts = range(0, len(values) - size + 1, size)
    return [(float(start + size), median(values[start : start + size])) for start in starts]


def write(path: Path, title: str, axes: tuple[str, str], lines: Sequence[Line]) -> None:
    """The picture; `axes`: what x and y are, with units."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(title, axes, lines), "utf-8")


def svg(title: str, axes: tuple[str, str], lines: Sequence[Line]) -> str:
    """The picture's text."""
    points = [point for line in lines for point in line.points]
    x_step, y_step = _step(max(x for x, _ in points)), _step(max(y for _, y in points) * 1.05)
    x_most = x_step * -(-max(x for x, _ in points) // x_step)
    y_most = y_step * -(-max(y for _, y in points) * 1.05 // y_step)

    def place(x: float, y: float) -> str:
        across = LEFT + x / x_most * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f},{HEIGHT - BOTTOM - y / y_most * (HEIGHT - TOP - BOTTOM):.1f}"

    parts = [
        _text(LEFT, 22, title, "font-weight:600;font-size:14px"),
        *_grid(place, (x_most, x_step), (y_most, y_step)),
    ]
    parts.append(_text(LEFT, HEIGHT - 8, axes[0]))
    parts.append(_text(LEFT, TOP - 4, axes[1], "fill:#667"))
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        drawn = " ".join(place(x, y) for x, y in line.points)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT + 10, TOP + 14 + 20 * number, f"— {line.name}", f"fill:{colour}"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" style="{STYLE}">'
    back = f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    return "\n".join([head, back, *parts, "</svg>", ""])


def _grid(place: Callable[[float, float], str], across: tuple[float, float], up: tuple[float, float]) -> list[str]:
    (x_most, x_step), (y_most, y_step) = across, up
    found: list[str] = []
    for number in range(round(y_most / y_step) + 1):
        x, y = place(0, number * y_step).split(",")
        found.append(f'<path d="M{x} {y}H{WIDTH - RIGHT}" stroke="#e3e6ea"/>')
        found.append(_text(float(x) - 6, float(y) + 4, f"{number * y_step:g}", "text-anchor:end;fill:#667"))
    for number in range(round(x_most / x_step) + 1):
        x, y = place(number * x_step, 0).split(",")
        found.append(_text(float(x), float(y) + 16, f"{number * x_step:,g}", "text-anchor:middle;fill:#667"))
    return found


def _step(most: float) -> float:
    """A round step that divides the axis into at most five or six parts."""
    rough = most / 5
    unit = 10 ** floor(log10(rough))
    return float(next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough * 0.999))


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" style="{style}">{escape(text)}</text>'
