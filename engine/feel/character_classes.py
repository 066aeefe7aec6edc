"""Character classes of XML Schema expressions in RE2's words: blocks by name, and one class less another.

Source: XML Schema 1.1 part 2, G.4.2 (classes, subtraction) and G.4.2.3 (blocks).
"""

import re

Span = tuple[int, int]
_LAST = 0x10FFFF
_BLOCKS: dict[str, Span] = {
    "BasicLatin": (0x0, 0x7F),
    "Latin-1Supplement": (0x80, 0xFF),
    "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F),
    "IPAExtensions": (0x250, 0x2AF),
    "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F),
    "Greek": (0x370, 0x3FF),
    "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF),
    "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF),
    "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F),
    "Thai": (0xE00, 0xE7F),
    "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF),
    "EnclosedAlphanumerics": (0x2460, 0x24FF),
    "BoxDrawing": (0x2500, 0x257F),
    "BlockElements": (0x2580, 0x259F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "Dingbats": (0x2700, 0x27BF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_BLOCK = re.compile(r"\\([pP])\{Is([A-Za-z0-9-]+)\}")
_SUBTRACTION = re.compile(r"\[((?:[^\[\]\\]|\\.)*)-\[((?:[^\[\]\\]|\\.)*)\]\]", re.DOTALL)
_ITEM = re.compile(r"(\\?.)(?:-(\\?[^\]\\-]))?", re.DOTALL)
_SINGLE = frozenset("\\|.-^?*+{}()[]$")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


class Unknown(ValueError):
    """A class that cannot be said in RE2's words."""


def say(pattern: str) -> str:
    """The pattern with blocks and subtractions as plain ranges. Raises: Unknown."""
    if "\\p{Is" in pattern or "\\P{Is" in pattern:
        pattern = _BLOCK.sub(_block, pattern)
    return _SUBTRACTION.sub(lambda match: _less(match[1], match[2]), pattern) if "-[" in pattern else pattern


def _block(match: re.Match[str]) -> str:
    span = _BLOCKS.get(match[2])
    if span is None:
        raise Unknown(match[2])
    return _written([span] if match[1] == "p" else _without([(0, _LAST)], [span]))


def _less(base: str, taken: str) -> str:
    spans = _without(_spans(base), _spans(taken))
    if not spans:
        raise Unknown("an empty class")
    return _written(spans)


def _spans(text: str) -> list[Span]:
    negated = text.startswith("^")
    found: list[Span] = []
    for match in _ITEM.finditer(text[negated:]):
        low = _character(match[1])
        high = _character(match[2]) if match[2] else low
        if high < low:
            raise Unknown(text)
        found.append((low, high))
    return _without([(0, _LAST)], found) if negated else found


def _character(text: str) -> int:
    """One character; classes such as ``\\d`` have too many to be taken apart."""
    if len(text) == 1:
        return ord(text)
    if text[1] in _CONTROLS:
        return ord(_CONTROLS[text[1]])
    if text[1] not in _SINGLE:
        raise Unknown(text)
    return ord(text[1])


def _without(spans: list[Span], taken: list[Span]) -> list[Span]:
    for low, high in taken:
        left = [(start, min(end, low - 1)) for start, end in spans if start < low]
        right = [(max(start, high + 1), end) for start, end in spans if end > high]
        spans = sorted({*left, *right})
    return spans


def _written(spans: list[Span]) -> str:
    return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in spans) + "]"
