"""The orchestrator's mind: ask memory once, then turn message and memory into a brief."""

import json
import re
from dataclasses import replace
from typing import Any

from . import bank, wishes
from .english import looks
from .language import primary
from .lexicon import subjects, words
from .reading import Reading, read
from .tones import Tone, find_tones

SEARCH = "search_similar_projects"
# What the catalogue's descriptions are likely to say about each kind of film.
_FLAVOUR = {
    "food": "warm rustic food kitchen appetizing natural golden",
    "product": "studio clean product minimal light reflections",
    "fashion": "editorial fashion elegant portrait beauty", "travel": "landscape travel cinematic wide documentary",
    "nature": "nature landscape documentary natural aerial", "people": "portrait natural documentary film warm",
    "event": "documentary film warm soft pastel romantic", "sport": "energy sport contrast motion bold",
    "business": "clean modern minimal corporate bright", "any": "cinematic",
}


def search_query(text: str) -> dict[str, Any]:
    """What to look for in memory: the subject's words, without the words that only ask for a film."""
    message = wishes.message_of(text)
    reading = read(message)
    found = " ".join(part for part in (reading.subject, *reading.extra[:1]) if part)
    return {"query": found or message, "limit": 3}


def brief(text: str, system: str, projects: list[dict[str, Any]], properties: dict[str, Any]) -> dict[str, Any]:
    """The brief as the schema wants it: from the message, from last time when asked, or from the former brief."""
    message, feedback = wishes.message_of(text), wishes.part(text, "feedback")
    reading = read(message)
    catalogue = wishes.catalogue(system)
    handed = wishes.document(text, "recalled").get("projects")
    projects = _best([*projects, *(handed if isinstance(handed, list) else [])])
    recalled = projects[0] if projects and reading.like_last_time else None
    if recalled and not reading.subject:
        reading = _same_subject(reading, recalled)
    made = _fresh(reading, message, catalogue, properties)
    if recalled:
        _pin(made, reading, recalled, catalogue)
    elif projects and _similar(projects[0]) >= 0.7:
        made["recall_reason"] = _say(reading, "helps", title=_title_of(projects[0]))
    former = wishes.document(text, "former_brief")
    if former or feedback:
        made = _revise({**made, **{key: former[key] for key in made if key in former}}, feedback,
                       wishes.attribute(text, "feedback", "aspect"), catalogue, properties)
    return made


def other_style(text: str, system: str) -> dict[str, Any]:
    """Another look for a film that is drawn already: words and a reference, neither of them the former ones."""
    former, brief = wishes.document(text, "former_storyboard"), wishes.document(text, "brief")
    feedback = wishes.part(text, "feedback")
    made = {key: str(former.get(key) or brief.get(key) or "") for key in ("style_words", "style_reference")}
    wish = read(feedback, primary(str(brief.get("language"))))
    _restyle(made, wish, feedback, wishes.catalogue(system), must_change=True)
    return made


def _fresh(reading: Reading, message: str, catalogue: dict[str, str], properties: dict[str, Any]) -> dict[str, Any]:
    tone = reading.tone
    seconds = wishes.nearest(reading.seconds or 30, properties.get("duration_seconds", {}).get("enum", []))
    subject = reading.subject or bank.choose(bank.sections(reading.language)["say.default_subject"], message)
    shown = tone.shown[reading.language]
    return {
        "title": _say(reading, "title", message, s=subject),
        "language": reading.language,
        "intent": _say(reading, "intent", s=subject, n=seconds, tone=shown),
        "tone": ", ".join(dict.fromkeys(each.shown[reading.language] for each in reading.tones[:2] or (tone,))),
        "style_words": ", ".join(dict.fromkeys([tone.style, tone.light])),
        "style_reference": _pick_style(catalogue, f"{message} {tone.style} {' '.join(looks(message))}", reading),
        "duration_seconds": seconds,
        "aspect_ratio": reading.aspect or "16:9",
        "constraints": list(reading.without),
        "recalled_project_id": "",
        "recall_reason": "",
    }


def _pin(made: dict[str, Any], reading: Reading, project: dict[str, Any], catalogue: dict[str, str]) -> None:
    """Keep last time's look and format, except where the message itself says otherwise."""
    past = project.get("brief") or {}
    if not reading.tones:
        made.update({key: past[key] for key in ("tone", "style_words") if past.get(key)})
        reference = past.get("style_reference")
        if reference and (reference in catalogue or not catalogue):
            made["style_reference"] = reference
    if reading.seconds is None and past.get("duration_seconds"):
        made["duration_seconds"] = past["duration_seconds"]
    if reading.aspect is None and past.get("aspect_ratio"):
        made["aspect_ratio"] = past["aspect_ratio"]
    made["intent"] = _say(reading, "intent", s=reading.subject, n=made["duration_seconds"], tone=made["tone"])
    made["recalled_project_id"] = str(project.get("projectId") or "")
    made["recall_reason"] = _say(reading, "recall", title=_title_of(project))


def _same_subject(reading: Reading, project: dict[str, Any]) -> Reading:
    past = read(bank.untitled(_title_of(project), primary(str((project.get("brief") or {}).get("language")))),
                reading.language)
    return replace(reading, subject=past.subject, groups=past.groups or reading.groups)


def _revise(
    made: dict[str, Any], feedback: str, aspect: str, catalogue: dict[str, str], properties: dict[str, Any]
) -> dict[str, Any]:
    """The former brief with the feedback worked in where the aspect allows it."""
    wish = read(feedback, primary(str(made["language"])))
    if wish.tones:
        made["tone"] = ", ".join(tone.shown[wish.language] for tone in wish.tones[:2])
    if wish.seconds:
        made["duration_seconds"] = wishes.nearest(wish.seconds, properties.get("duration_seconds", {}).get("enum", []))
    if wish.aspect:
        made["aspect_ratio"] = wish.aspect
    if aspect != "script":
        _restyle(made, wish, feedback, catalogue, must_change=aspect == "style")
    if feedback:
        note = _say(wish, "constraint", f=feedback)
        made["constraints"] = [*[line for line in made["constraints"] if line != note], note]
    return made


def _restyle(
    made: dict[str, Any], wish: Reading, feedback: str, catalogue: dict[str, str], must_change: bool
) -> None:
    known = set(words(feedback))
    named = next((key for key in catalogue if key.lower() in feedback.lower() or set(words(key)) <= known), "")
    others = {key: text for key, text in catalogue.items() if key != made["style_reference"]}
    tone: Tone | None = wish.tones[0] if wish.tones else None
    asked = _in_english(feedback, wish.language)
    picked = named or _overlap(others, f"{feedback} {asked} {asked}", wish)
    picked = picked or _overlap(others, tone.style if tone else "", wish)
    if not picked and must_change and others:
        picked = bank.choose(sorted(others), "restyle", feedback, made["style_reference"])
    if picked:
        made["style_reference"] = picked
    fresh = tone.style if tone else _summary(catalogue.get(picked, ""))
    if must_change or tone or named:
        made["style_words"] = ", ".join(part for part in (asked, fresh) if part) or made["style_words"]


def _summary(description: str) -> str:
    """The first sentence of a catalogue line, short enough for style words."""
    return " ".join(re.split(r"[.;]\s", description)[0].rstrip(".").split()[:16])


def _pick_style(catalogue: dict[str, str], wanted: str, reading: Reading) -> str:
    return _overlap(catalogue, f"{wanted} {wanted} {_FLAVOUR[reading.category]}", reading)


def _overlap(catalogue: dict[str, str], wanted: str, reading: Reading) -> str:
    """The key whose line shares most words with what is wanted, read in English too; "" when none does."""
    idle = {"and", "the", "with", "of", "a", "in", "style", "light", "film", "soft", "high", "colours", "shadows", "di",
            "e", "un", "una"}
    sought = [*words(wanted), *(english for english, _, _, _ in subjects(wanted, reading.language))]
    scores = {
        key: sum(
            # The key names the look itself; a word somewhere in the description counts less.
            3 if word in words(key) else 1
            for word in set(words(f"{key} {text}")) - idle for each in sought if _akin(word, each)
        )
        for key, text in catalogue.items()
    }
    best = max(scores.values(), default=0)
    return next((key for key, score in scores.items() if score == best), "") if best else ""


def _akin(word: str, other: str) -> bool:
    return word == other or (len(word) > 5 and len(other) > 5 and word[:6] == other[:6])


def _in_english(feedback: str, language: str) -> str:
    tones = [tone.name for tone in find_tones(feedback)]
    known = [english for english, _, _, _ in subjects(feedback, language)]
    plain = [] if language != "en" else [" ".join(feedback.split()[:12])]
    return ", ".join(dict.fromkeys([*plain, *looks(feedback), *tones, *known]))


def _say(reading: Reading, key: str, *seed: object, **slots: object) -> str:
    return bank.fill(bank.choose(bank.sections(reading.language)[f"say.{key}"], key, *seed), **slots)


def _title_of(project: dict[str, Any]) -> str:
    return str(project.get("title") or (project.get("brief") or {}).get("title") or project.get("projectId") or "")


def _similar(project: dict[str, Any]) -> float:
    value = project.get("similarity")
    return float(value) if isinstance(value, (int, float)) else 0.0


def projects_in(contents: list[str]) -> list[dict[str, Any]]:
    """Projects a search gave back, most similar first; anything unreadable counts as nothing found."""
    found: list[dict[str, Any]] = []
    for content in contents:
        try:
            answer = json.loads(content)
        except ValueError:
            continue
        listed = answer.get("projects") if isinstance(answer, dict) else None
        found.extend(listed or [])
    return _best(found)


def _best(projects: list[Any]) -> list[dict[str, Any]]:
    return sorted((each for each in projects if isinstance(each, dict)), key=_similar, reverse=True)
