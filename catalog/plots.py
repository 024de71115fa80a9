"""The drawings of the HTML card: plain SVG, coloured by its style sheet, each with words for who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

_WIDTH, _HEIGHT, _FOOT, _HEAD = 320, 150, 18, 14


def short(count: int) -> str:
    """A number in as few signs as fit over a column: 950, 12k, 3.4M."""
    for size, sign in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            value = count / size
            return f"{value:.1f}".rstrip("0").rstrip(".") + sign if value < 10 else f"{value:.0f}{sign}"
    return str(count)


def histogram(columns: Sequence[tuple[int, int]], unit: str) -> Markup:
    """Columns over the starts of their classes, such as lengths of texts."""
    top = max((count for _, count in columns), default=0)
    said = "; ".join(f"from {start:,}: {count:,}" for start, count in columns)
    step = _WIDTH / max(len(columns), 1)
    drawn = []
    for place, (start, count) in enumerate(columns):
        height = (_HEIGHT - _FOOT - _HEAD) * count / top if top else 0
        x, y = place * step, _HEIGHT - _FOOT - height
        middle = x + step / 2
        drawn.append(f'<rect x="{x + step * 0.08:.1f}" y="{y:.1f}" width="{step * 0.84:.1f}" height="{height:.1f}"/>')
        if count:
            drawn.append(f'<text x="{middle:.1f}" y="{y - 3:.1f}">{short(count)}</text>')
        drawn.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 4}">{short(start)}</text>')
    line = f'<line x1="0" x2="{_WIDTH}" y1="{_HEIGHT - _FOOT}" y2="{_HEIGHT - _FOOT}"/>'
    return _drawing("histogram", f"{unit} by class: {said}", _WIDTH, _HEIGHT, "".join(drawn) + line)


def pair(whole: int, part: int, top: int, words: str) -> Markup:
    """A bar and, inside it, the part of it that is told apart."""
    # What is there is seen, be it ever so little.
    wide, inside = (max(100 * count / top, 0.6) if count else 0 for count in (whole, part))
    drawn = f'<rect class="pale" width="{wide:.2f}" height="10"/><rect width="{inside:.2f}" height="10"/>'
    return _drawing("bar", words, 100, 10, drawn, stretched=True)


def interval(value: float, low: float | None, high: float | None, top: float) -> Markup:
    """A figure on a line from 0 to `top`, with the interval it lies in."""
    scale = 100 / top if top > 0 else 0
    ends = [min(max(end * scale, 0), 100) for end in (low if low is not None else value, high or value)]
    place = min(max(value * scale, 0), 100)
    words = f"{value:.4g}" + (f", between {low:.4g} and {high:.4g}" if None not in (low, high) else "")
    drawn = (
        '<line x1="0" x2="100" y1="5" y2="5"/>'
        f'<rect class="pale" x="{ends[0]:.2f}" width="{max(ends[1] - ends[0], 0):.2f}" y="2.5" height="5"/>'
        f'<rect x="{min(max(place - 0.6, 0), 98.8):.2f}" width="1.2" height="10"/>'
    )
    return _drawing("interval", words, 100, 10, drawn, stretched=True)


def _drawing(kind: str, words: str, width: int, height: int, drawn: str, *, stretched: bool = False) -> Markup:
    head = f'role="img" aria-label="{escape(words)}" viewBox="0 0 {width} {height}"'
    ratio = ' preserveAspectRatio="none"' if stretched else ""
    return Markup(f'<svg class="{kind}" {head}{ratio}>{drawn}</svg>')  # noqa: S704 - words are escaped, the rest is ours
