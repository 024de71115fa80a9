"""C4's rules (Raffel et al. 2020, JMLR 21/140, section 2.2) and mC4's paragraph rule as numbers."""

from __future__ import annotations

from catalog.checks import Example
from curation.quality.boilerplate import POLICY
from curation.text import TextView

VERSION = 1
REPORTS = {
    "c4_sentences": "Sentences in the lines that C4 keeps.",
    "c4_kept_lines": "Share of lines that C4 keeps: they end in terminal punctuation, have three words or more, "
    "none of over 1,000 characters, and name neither JavaScript nor a policy.",
    "c4_terminal_lines": "Share of lines that end in a terminal punctuation mark (an ellipsis is none).",
    "c4_curly_brackets": "Curly brackets that open.",
    "c4_longest_word": "Characters of the longest word.",
    "c4_long_lines": "Lines of 200 characters and more (mC4 wants three).",
}
EXAMPLES = (
    Example(
        "Home\nThe harbour opens at six. It closes at nine!\nDo enable JavaScript now.\nRead the cookie policy.",
        ("c4_sentences=2", "c4_kept_lines=0.25", "c4_terminal_lines=0.75", "c4_curly_brackets=0", "c4_longest_word=10"),
    ),
    Example("if (x) { y }\nAnd so on...", ("c4_sentences=0", "c4_curly_brackets=1", "c4_terminal_lines=0")),
    Example("", ("c4_sentences=0", "c4_kept_lines=None", "c4_longest_word=None")),
)

END_MARKS = (".", "?", "!", '"', "'")
MIN_WORDS = 3
LONGEST_WORD = 1000
LONG_LINE = 200


def signals(view: TextView) -> dict[str, float | None]:
    lines = [line.strip() for line in view.written_lines]
    ending = [line for line in lines if line.endswith(END_MARKS) and not line.endswith("...")]
    kept = [line for line in ending if _keeps(line)]
    longest = int(view.word_lengths.max()) if len(view.words) else None
    return {
        # A mark before a space ends a sentence, and so does the end of a line.
        "c4_sentences": len(kept) + sum(line.count(mark) for line in kept for mark in (". ", "! ", "? ")),
        "c4_kept_lines": len(kept) / len(lines) if lines else None,
        "c4_terminal_lines": len(ending) / len(lines) if lines else None,
        "c4_curly_brackets": view.text.count("{"),
        "c4_longest_word": longest,
        "c4_long_lines": sum(len(line) >= LONG_LINE for line in view.lines),
    }


def _keeps(line: str) -> bool:
    if line.count(" ") < MIN_WORDS - 1 or len(line.split(None, MIN_WORDS - 1)) < MIN_WORDS:
        return False
    if len(line) > LONGEST_WORD and max(map(len, line.split())) > LONGEST_WORD:
        return False
    lower = line.lower()
    return "javascript" not in lower and not any(phrase in lower for phrase in POLICY)
