"""Values of style, length, format, tone and language as callers send them: those that a film can be made with."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, model_validator

from ..agents.formats import RATIOS
from ..agents.language import language_tag
from ..agents.lengths import LENGTHS
from ..agents.prompts.styles import find_look
from ..model import Style
from .schemas import Body


def _length(value: int) -> int:
    if value not in LENGTHS:
        raise ValueError(f"we make films of {', '.join(str(length) for length in sorted(LENGTHS))} seconds")
    return value


def _ratio(value: str) -> str:
    if value not in RATIOS:
        raise ValueError(f"we make films in {', '.join(RATIOS)}")
    return value


def _language(value: str) -> str:
    tag = language_tag(value)
    if not tag:
        raise ValueError("name a language by its BCP 47 tag, such as it or pt-BR")
    return tag


Seconds = Annotated[int, AfterValidator(_length)]
Ratio = Annotated[str, AfterValidator(_ratio)]
Language = Annotated[str, AfterValidator(_language)]
Tone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400, pattern=r"^[^\x00]*$")]
_Reference = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x20\x7f]*$")]


class StyleBody(Body):
    """A look: words, a style reference, or both; a reference of the catalogue brings its own words.

    A text alone is its words, a look of the catalogue where it is the name of one, and may end as Midjourney's users write
    it, with `--sref` and the reference.
    """

    words: _Words = ""
    sref: _Reference = ""

    @model_validator(mode="before")
    @classmethod
    def _text_alone(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        words, _, reference = given.partition("--sref ")
        if find_look(words):
            return {"sref": words.strip()}
        return {"words": words, "sref": reference.strip()}

    @model_validator(mode="after")
    def _says_something(self) -> StyleBody:
        if not self.words and find_look(self.sref) is None:
            raise ValueError("say the style in words, or name a look of the catalogue as sref")
        return self

    @property
    def style(self) -> Style:
        """The Style that is meant."""
        look = find_look(self.sref)
        return Style(words=self.words or (look.words if look else ""), sref=look.key if look else self.sref)


def style_body(style: Style | None) -> dict[str, Any] | None:
    """A style as callers read it."""
    return {"words": style.words, "sref": style.sref} if style else None
