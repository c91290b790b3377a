"""What is looked for in a script or storyboard before it costs anything: pure functions that give findings.

Lengths that add up, shots within the film, clean lines without addresses and `--parameters`, and the style at the end of
each picture prompt are made so by construction (beats.py, shots.py, text.py, director.picture_prompt) and not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..model import Brief, Script, Shot, Storyboard
from .banned import banned_in, wants_lettering
from .camera import Framing, framing, same_framing, same_move
from .language import is_plainly_not
from .locks import Look, locked_looks, locked_names

SHOTS_THAT_VARY, FRAMINGS_AT_LEAST = 5, 3
RUN_OF_WORDS = 12
_EXAMPLES = re.compile(r"^# (?:An )?example.*?(?=^# |\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
# Left to code: it says another move as well as Claude would, and no new answer is paid for.
MINOR = frozenset({"same_move"})
_KINDS = {
    "gore": "graphic violence", "sexual": "nudity or sexual content", "hate": "a symbol of hatred",
    "minors": "a child in an unfit context", "politician": "a real politician",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code for the log, the place (a beat's or shot's number, 0 for the whole), and words."""

    code: str
    where: int
    words: str


def check_script(script: Script, brief: Brief, former: Script | None = None) -> list[Finding]:
    """Narration in the film's language, the client's names in it, nothing banned; beats of `former` are left alone."""
    found: list[Finding] = []
    kept = {(beat.words, beat.picture) for beat in former.beats} if former else set()
    whole = " ".join(beat.words for beat in script.beats)
    if is_plainly_not(whole, brief.language):
        found.append(Finding("language", 0, f"the narration is not in the film's language, {brief.language}"))
    else:
        found += [Finding("language", at, f"the words of beat {at} are not in the film's language, {brief.language}")
                  for at, beat in enumerate(script.beats, 1)
                  if (beat.words, beat.picture) not in kept and is_plainly_not(beat.words, brief.language)]
    said = f"{script.title} {whole}".lower()
    found += [Finding("name_missing", 0, f"the name {name} is never said; say it once, spelled so")
              for name in locked_names(brief) if name.lower() not in said]
    for at, beat in enumerate(script.beats, 1):
        kind = banned_in(beat.picture) or banned_in(beat.words, people=False)
        if kind and (beat.words, beat.picture) not in kept:
            found.append(Finding("banned", at, f"beat {at} holds {_KINDS[kind]}; show what stands beside it"))
    return found


def check_storyboard(
    board: Storyboard, brief: Brief, script: Script, *, lengths: Sequence[int] = (), former: Sequence[Shot] = ()
) -> list[Finding]:
    """Every beat covered, pictures that obey brief and providers, cameras that vary.

    `lengths`: those that clips can have; without them beats are not counted. A shot that stands unchanged in `former` is
    made and paid for: it is not looked at again.
    """
    kept, looks, names = kept_shots(board, former), locked_looks(brief), locked_names(brief)
    found = _uncovered(board, script, lengths)
    for shot in board.shots:
        if shot.number not in kept:
            picture = script.beats[shot.beat - 1].picture if shot.beat <= len(script.beats) else ""
            found += _in_shot(shot, picture, looks, names)
    found += check_words(board.style.words)
    return found + _variety(board.shots, kept)


def check_words(style_words: str) -> list[Finding]:
    """Style words: they stand in every picture prompt."""
    found = []
    if is_plainly_not(style_words, "en"):
        found.append(Finding("not_english", 0, "style_words are not English"))
    if kind := banned_in(style_words):
        found.append(Finding("banned", 0, f"style_words hold {_KINDS[kind]}"))
    if wants_lettering(style_words):
        found.append(Finding("lettering", 0, "style_words ask for words in the picture"))
    return found


def kept_shots(board: Storyboard, former: Sequence[Shot]) -> frozenset[int]:
    """The numbers of shots whose picture prompt stood at the same place before."""
    before = {(shot.number, shot.picture_prompt) for shot in former}
    return frozenset(shot.number for shot in board.shots if (shot.number, shot.picture_prompt) in before)


def missing_beats(board: Storyboard, script: Script, lengths: Sequence[int]) -> list[int]:
    """Beats without a shot, where there can be a shot of an allowed length for each."""
    if not lengths or len(script.beats) > board.seconds // min(lengths):
        return []
    return sorted(set(range(1, len(script.beats) + 1)) - {shot.beat for shot in board.shots})


def missing_names(shot: Shot, beat_picture: str, names: Sequence[str]) -> list[str]:
    """Names that the beat's picture says and the shot's prompt does not."""
    prompt = shot.picture_prompt.lower()
    return [name for name in names if name.lower() in beat_picture.lower() and name.lower() not in prompt]


def check_leak(said: str, instructions: str) -> list[Finding]:
    """Whether a document repeats the agent's instructions, a dozen words in a row; what is like an example is no secret."""
    if _runs(said) & _runs(_EXAMPLES.sub("", instructions)):
        return [Finding("leak", 0, "the answer repeats your instructions; tell the film and nothing else")]
    return []


def is_unusable(findings: Sequence[Finding], parts: int) -> bool:
    """What code cannot mend and nobody should pay for: our own instructions, most parts banned, most prompts not English.

    Narration that is in another language even after the repair is the writer's, and better than a template: it stays.
    """
    whole = any(finding.code == "leak" and finding.where == 0 for finding in findings)
    for code in ("not_english", "banned"):
        bad = {finding.where for finding in findings if finding.code == code and finding.where}
        whole = whole or 2 * len(bad) > parts
    return whole


@lru_cache(maxsize=8)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1))


def _uncovered(board: Storyboard, script: Script, lengths: Sequence[int]) -> list[Finding]:
    return [Finding("uncovered", beat, f"beat {beat} has no shot") for beat in missing_beats(board, script, lengths)]


def _in_shot(shot: Shot, beat_picture: str, looks: Sequence[Look], names: Sequence[str]) -> list[Finding]:
    at, prompt, found = shot.number, shot.picture_prompt, []
    if is_plainly_not(prompt, "en") or is_plainly_not(shot.motion_prompt, "en"):
        found.append(Finding("not_english", at, f"the prompts of shot {at} are not English"))
    if kind := banned_in(prompt) or banned_in(shot.motion_prompt):
        found.append(Finding("banned", at, f"shot {at} holds {_KINDS[kind]}; show what stands beside it"))
    if wants_lettering(prompt):
        found.append(Finding("lettering", at, f"the picture of shot {at} asks for words; pictures carry none"))
    found += [Finding("lock", at, f"shot {at} must show the {look.words}, in these words")
              for look in looks if look.shown_in(prompt) and not look.kept_in(prompt)]
    found += [Finding("lock", at, f"the picture prompt of shot {at} must keep the name {name}")
              for name in missing_names(shot, beat_picture, names)]
    return found


def _variety(shots: Sequence[Shot], kept: Collection[int]) -> list[Finding]:
    found = []
    for before, shot in pairwise(shots):
        if before.number in kept and shot.number in kept:
            continue
        pair = f"shots {before.number} and {shot.number}"
        if same_framing(before.picture_prompt, shot.picture_prompt):
            found.append(Finding("same_framing", shot.number, f"{pair} have the same distance and angle"))
        if same_move(before.motion_prompt, shot.motion_prompt):
            found.append(Finding("same_move", shot.number, f"{pair} have the same camera move"))
    kinds = {framing(shot.picture_prompt) for shot in shots}
    alike = Framing(None, None) not in kinds and len(kinds) < FRAMINGS_AT_LEAST
    if len(shots) >= SHOTS_THAT_VARY and alike and len(kept) < len(shots):
        found.append(Finding("few_framings", 0, f"the film has fewer than {FRAMINGS_AT_LEAST} kinds of framing"))
    return found
