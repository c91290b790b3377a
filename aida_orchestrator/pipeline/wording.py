"""Which shots a feedback names, read from its words alone: numbers, ordinals, "the ending", in six languages.

Money hangs on this, so a wording that is not understood names nothing, and then everything is made anew, as before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .common_words import COMMON
from .shot_patterns import (
    AFTER_NOUN,
    ARTICLE_THEN,
    BARE_RANGE,
    BEFORE_NOUN,
    BEGINNING,
    CARDINALS,
    ENDING,
    NOT_A_PLACE,
    NOUN_THEN,
    NUM,
    NUMBERED,
    OPENING,
    ORD,
    ORDINALS,
    RANGE_OF_ORDINALS,
    STANDING_ALONE,
    TO,
    WITHOUT_ARTICLE,
)
from .shot_verdicts import BREAK, CLAUSES, JOINT, REST, TAKEN_BACK, Verdict, states, verdict

_NAMING = (RANGE_OF_ORDINALS, BEFORE_NOUN, NOUN_THEN, AFTER_NOUN, BARE_RANGE, NUMBERED, ARTICLE_THEN, STANDING_ALONE,
           WITHOUT_ARTICLE)
_READ = 2000  # characters of a feedback: whoever means some shots says so by then, and it takes no time


def named_shots(feedback: str, count: int) -> frozenset[int]:
    """Numbers (1 to `count`) of the shots that a feedback wants changed; none where it names none, or all but those kept.

    "Keep the first shot" names the others, and so does praise; "the rest" is all that is neither kept nor spoken of. A shot
    that another is to be like is not changed for that. A number that no shot has names nothing.
    """
    said: list[_Said] = []
    for clause, but in _clauses(NOT_A_PLACE.sub(" ~ ", plain(feedback[:_READ]))):
        found = _judged(clause, count, said[-1].verdict if said else None)
        praised = said and said[-1].verdict is Verdict.PRAISED and said[-1].numbers
        if not found and praised and (but or TAKEN_BACK.match(clause)):
            found = [_Said(said.pop().numbers, Verdict.CHANGED)]
        said += found
    return _wanted(said, frozenset(range(1, count + 1)))


@dataclass(frozen=True, slots=True)
class _Mention:
    """Where shots are named, and which; no numbers: the rest."""

    start: int
    end: int
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of some shots; no numbers: of the rest."""

    numbers: frozenset[int]
    verdict: Verdict


def _wanted(said: Sequence[_Said], every: frozenset[int]) -> frozenset[int]:
    of = {one: {number for each in said if each.verdict is one for number in each.numbers} for one in Verdict}
    rest = {each.verdict for each in said if not each.numbers}
    changed, kept = of[Verdict.CHANGED], of[Verdict.KEPT] | (of[Verdict.PRAISED] - of[Verdict.CHANGED])
    if Verdict.CHANGED in rest or (not changed and not rest and (kept or of[Verdict.MODEL])):
        changed = changed | (every - kept - of[Verdict.MODEL])
    return frozenset((changed - kept) & every)


def _clauses(text: str) -> list[tuple[str, bool]]:
    """The clauses of a text, and whether a "but" comes before."""
    found, start, but = [], 0, False
    for cut in CLAUSES.finditer(text):
        found.append((text[start:cut.start()], but))
        start, but = cut.end(), cut["but"] is not None
    return [(clause, led) for clause, led in [*found, (text[start:], but)] if clause.strip()]


def _judged(clause: str, count: int, last: Verdict | None) -> list[_Said]:
    """What a clause says of the shots that it names, in order."""
    found: list[_Said] = []
    groups = _groups(clause, count)
    for place, group in enumerate(groups):
        start, end = group[0].start, group[-1].end
        here = clause[groups[place - 1][-1].end if place else 0:start]
        before = here[max((cut.end() for cut in BREAK.finditer(here)), default=0):]
        there = clause[end:groups[place + 1][0].start if place + 1 < len(groups) else None].lstrip(" :-")
        cut = BREAK.search(there)
        behind = there[:cut.start()] if cut else there
        around = clause[:start], clause[end:]
        told, first = verdict(before, behind, around, last), verdict(before, "", around, last)
        if len(group) > 1 and first in (Verdict.KEPT, Verdict.PRAISED) and (
                states(behind) or (behind.strip() and "," in clause[group[-2].end:group[-1].start])):
            # "I love shot 2 and shot 3 is too dark", "keep shot 2, the rest at night": that is said of the last alone.
            found += [_Said(one.numbers, first) for one in group[:-1]]
            group, told = group[-1:], verdict("", behind, ("", ""), first)
        # The last piece before other shots is about them.
        pieces = re.split("[,.:]", there)[1:None if place + 1 == len(groups) else -1]
        if told is Verdict.PRAISED and any(TAKEN_BACK.match(piece) for piece in pieces):
            told = Verdict.CHANGED
        found += [_Said(one.numbers, told) for one in group]
        last = told
    return found


def _groups(clause: str, count: int) -> list[list[_Mention]]:
    """Mentions in order; those that only "and" or a comma joins are one group."""
    groups: list[list[_Mention]] = []
    for one in sorted(_mentions(clause, count), key=lambda one: one.start):
        if groups and JOINT.fullmatch(clause[groups[-1][-1].end:one.start]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


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


def _mentions(clause: str, count: int) -> list[_Mention]:
    """From where to where shots are named, and which. What one pattern has read is not read again by the next."""
    found: list[_Mention] = []
    for pattern in _NAMING:
        for hit in pattern.finditer(clause):
            numbers = _read(hit, count)
            if numbers:
                found.append(_Mention(hit.start(), hit.end(), frozenset(numbers)))
                clause = clause[: hit.start()] + "~" * (hit.end() - hit.start()) + clause[hit.end():]
    for pattern, numbers in ((ENDING, {count}), (BEGINNING, {1}), (REST, set())):
        found += [_Mention(hit.start(), hit.end(), frozenset(numbers)) for hit in pattern.finditer(clause)]
    return found


def _read(hit: re.Match[str], count: int) -> set[int]:
    groups = hit.groupdict()
    if "guard" in groups and groups["guard"] is None and not hit.group().startswith("#"):
        return set()
    if groups.get("nums") or groups.get("number"):
        return _list(groups.get("nums") or groups["number"], NUM, count)
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
