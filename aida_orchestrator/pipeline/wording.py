"""Which shots a feedback names, read from its words alone: numbers, ordinals, "the ending", in five languages.

Money hangs on this, so a wording that is not understood names nothing, and then everything is made anew, as before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from .common_words import COMMON
from .shot_patterns import (
    AFTER_NOUN,
    BARE_RANGE,
    BEFORE_NOUN,
    BEGINNING,
    CARDINALS,
    CLAUSES,
    ENDING,
    GLUE,
    KEPT,
    NOT_A_PLACE,
    NOUN_THEN,
    NUM,
    OPENING,
    ORD,
    ORDINALS,
    RANGE_OF_ORDINALS,
    STANDING_ALONE,
    TO,
)

_READ = 2000  # characters of a feedback: whoever means some shots says so by then, and it takes no time


def named_shots(feedback: str, count: int) -> frozenset[int]:
    """Numbers (1 to `count`) of the shots that a feedback wants changed; none where it names none, or all but those kept.

    "Keep the first shot" names the others. A number that no shot has names nothing.
    """
    changed: set[int] = set()
    kept: set[int] = set()
    for clause in CLAUSES.split(plain(feedback[:_READ])):
        if not clause:
            continue
        clause = NOT_A_PLACE.sub(" ~ ", clause)
        before = {hit.end() for hit in KEPT.finditer(clause)}
        behind = {hit.start() for hit in KEPT.finditer(clause) if re.match(r"(?:is|are|va|vanno)\b", hit.group())}
        for start, end, numbers in sorted(_mentions(clause, count)):
            # "All but the last" says it before, "shots 2 and 3 are fine" behind; "keep the light in shot 2" does not.
            if any(GLUE.fullmatch(clause[place:start]) for place in before if place <= start):
                kept.update(numbers)
                before.add(end)
            elif any(not clause[end:place].strip() for place in behind if place >= end):
                kept.update(numbers)
            else:
                changed.update(numbers)
    every = set(range(1, count + 1))
    if kept and not changed:
        changed = every - kept
    return frozenset((changed - kept) & every)


def distinct_words(feedback: str) -> frozenset[str]:
    """The words of a feedback that may single a shot out: no little words, no words of the craft."""
    return frozenset(word for word in re.findall(r"[^\W\d_]{4,}", plain(feedback[:_READ])) if word not in COMMON)


def shots_with(words: Iterable[str], texts: Sequence[str]) -> frozenset[int]:
    """Places from 1 of the texts that hold one of the words, in some form of it; words that stand in all single none out."""
    found: set[int] = set()
    spoken = [set(re.findall(r"[^\W\d_]{3,}", plain(text))) for text in texts]
    for word in words:
        places = {place for place, held in enumerate(spoken, 1) if any(_same(word, other) for other in held)}
        if len(places) < len(texts):
            found |= places
    return frozenset(found) if len(found) < len(texts) else frozenset()


def plain(text: str) -> str:
    """Small letters, no accents, one kind of apostrophe and of space."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold().replace("°", "o"))
                   if not unicodedata.combining(char))
    return re.sub(r"[^\S\n]+", " ", bare.replace("\u2019", "'").replace("\u02bc", "'")).strip()


def _mentions(clause: str, count: int) -> list[tuple[int, int, list[int]]]:
    """From where to where shots are named, and which. What one pattern has read is not read again by the next."""
    found: list[tuple[int, int, list[int]]] = []
    for pattern in (RANGE_OF_ORDINALS, BEFORE_NOUN, NOUN_THEN, AFTER_NOUN, BARE_RANGE, STANDING_ALONE):
        for hit in pattern.finditer(clause):
            numbers = _read(hit, count)
            if numbers:
                found.append((hit.start(), hit.end(), sorted(numbers)))
                clause = clause[: hit.start()] + "~" * (hit.end() - hit.start()) + clause[hit.end():]
    found += [(hit.start(), hit.end(), [count]) for hit in ENDING.finditer(clause)]
    found += [(hit.start(), hit.end(), [1]) for hit in BEGINNING.finditer(clause)]
    return found


def _read(hit: re.Match[str], count: int) -> set[int]:
    groups = hit.groupdict()
    if groups.get("nums"):
        return _list(groups["nums"], NUM, count)
    numbers = _list(groups["ords"], ORD, count)
    many = groups.get("many") or groups.get("more")
    if many and len(numbers) == 1:
        number, wide = next(iter(numbers)), _value(many, count) or 1
        if number == count and not re.match(OPENING, groups["ords"]) and count > 1:
            return set(range(max(1, count - wide + 1), count + 1))
        if number == 1:
            return set(range(1, wide + 1))
    return numbers


def _list(text: str, one: str, count: int) -> set[int]:
    hits = list(re.finditer(one, text))
    values = [_value(hit.group(), count) for hit in hits]
    numbers = {value for value in values if value}
    for (first, second), (low, high) in zip(pairwise(hits), pairwise(values), strict=True):
        if low and high and low < high and re.match(TO, text[first.end(): second.start()]):
            numbers |= set(range(low, min(high, count) + 1))
    return numbers


def _value(word: str, count: int) -> int | None:
    """The number of a shot that a word says; counted from the end for "last"."""
    digits = re.match(r"\d+", word)
    if digits:
        return int(digits.group())
    if re.fullmatch(OPENING, word):
        return 1
    for table in ({-2: ORDINALS[-2]}, CARDINALS, ORDINALS):
        for number, words in table.items():
            if re.fullmatch(words, word):
                return number if number > 0 else count + 1 + number
    return None


def _same(word: str, other: str) -> bool:
    """The same word but for its ending: plural, gender, case."""
    if word[0] != other[0]:
        return False
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    stem = max(4, len(short) - 2)
    return len(short) >= 4 and len(long) - len(short) <= 3 and short[:stem] == long[:stem]
