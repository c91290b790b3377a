"""What a picture prompt asks to see: its setting, its subjects, its framing, and the words worth setting in type."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .vocabulary import COMPOUNDS, DULL, GENERIC, HANGING, NIGHT, PREPOSITIONS, SETTINGS, STEAM, SUBJECTS, TITLE_LETTERS

PARAMETERS = re.compile(r"(?:^|\s)(?:--|\u2014)[a-zA-Z]+(?:\s+(?!--|\u2014)\S+)*")
REFERENCE = re.compile(r"(?:--|\u2014)sref\s+(\S+)")
LEAD = re.compile(r"^[^:.]{0,40}\b(?:shot|frame|close-?up|detail|view)\b[^:.]{0,20}:\s*", re.IGNORECASE)
# Talk of lenses and light whose words mean something else elsewhere.
CRAFT = re.compile(
    r"(?:shallow |deep )?depth of field|negative space|golden hour|motion blur|copy space|dark background|"
    r"wood(?:en)? textures?|through a window|glass reflections?|water ?colou?rs?|film (?:grain|stock)|time-?lapse",
    re.IGNORECASE)
FRAMINGS = (("macro", r"\bmacro\b|extreme close"), ("close-up", r"close-?up|detail shot"),
            ("wide shot", r"\bwide\b|establishing|aerial|panorama|landscape shot"), ("medium shot", r"\bmedium\b"))


@dataclass(frozen=True)
class Reading:
    """A prompt understood. `words` are folded to plain lower case; `style` is its tail, which a film's shots share."""

    words: list[str]
    title: str
    subjects: list[str]
    setting: str
    framing: str
    steam: bool
    night: bool
    reference: str
    style: str


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def read(prompt: str) -> Reading:
    """Understand a prompt; its `--parameters` are dropped, except that a style reference is remembered."""
    reference = REFERENCE.search(prompt)
    plain = re.sub(r"\s+", " ", PARAMETERS.sub(" ", prompt)).strip()
    shown = LEAD.sub("", plain)
    words = re.findall(r"[a-z0-9][a-z0-9-]*", _compounded(fold(CRAFT.sub(" ", shown))))
    subjects = _by_place(words, SUBJECTS) or _by_place(words, GENERIC)
    if "chef" in subjects and "person" in subjects:
        subjects.remove("person")  # one and the same
    settings = _by_place(words, SETTINGS)
    framing = next((name for name, pattern in FRAMINGS if re.search(pattern, plain, re.IGNORECASE)), "")
    clauses = [clause.strip() for clause in re.split(r"[,.;]", fold(plain)) if clause.strip()]
    return Reading(
        words, _title(shown), subjects[:2], settings[0] if settings else "studio", framing, bool(STEAM & set(words)),
        bool(NIGHT & set(words)), reference.group(1) if reference else "",
        " ".join(clauses[-2:]) if len(clauses) > 3 else "")


def _compounded(text: str) -> str:
    for pair, word in COMPOUNDS.items():
        text = re.sub(rf"\b{pair}\b", word, text)
    return text


def _by_place(words: list[str], table: dict[str, str]) -> list[str]:
    """Names of the table in the order in which the prompt calls them."""
    calls = {word: name for name, line in table.items() for word in line.split()}
    found: list[str] = []
    for word in words:
        name = calls.get(word)
        if name is not None and name not in found:
            found.append(name)
    return found


def _title(plain: str) -> str:
    """The prompt's first phrase without its camera talk, as it was written; at most some forty letters."""
    chosen: list[str] = []
    cut = False
    for word in re.findall(r"[^\W_][\w'\u2019&-]*|[,.;:!?()]", plain):
        if not word[0].isalnum():
            if len(chosen) >= 2:
                break
            continue
        if not chosen and fold(word) in DULL:
            continue
        if len(" ".join([*chosen, word])) > TITLE_LETTERS:
            cut = fold(word) not in PREPOSITIONS
            break
        chosen.append(word)
    last = max((at for at, word in enumerate(chosen) if fold(word) in PREPOSITIONS), default=0)
    if cut and last >= 2:  # the phrase after the last preposition is not whole
        chosen = chosen[:last]
    while len(chosen) > 1 and fold(chosen[-1]) in DULL | HANGING:
        chosen.pop()
    text = " ".join(chosen) or plain[:TITLE_LETTERS].strip() or "Untitled"
    return text[0].upper() + text[1:]
