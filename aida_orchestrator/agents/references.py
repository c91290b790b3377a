"""Which of the client's own pictures a film's pictures go by: those that the request names, that the agent found, or that
the film which is followed went by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model import Brief, Reference, ReferenceUse, Style
from .answers import ReferenceAnswer

MOST_REFERENCES = {ReferenceUse.STYLE: 4, ReferenceUse.SUBJECT: 1}


def usable(references: Sequence[Reference]) -> tuple[Reference, ...]:
    """What one picture task takes: all for the use of the first, each file once, no more than there is room for."""
    alike = {one.file_id: one for one in references if one.use is references[0].use}
    return tuple(alike.values())[: MOST_REFERENCES[references[0].use]] if alike else ()


def answered(answers: Sequence[ReferenceAnswer], found: Mapping[str, Reference]) -> tuple[Reference, ...]:
    """The references an answer stands for. `found`: pictures that the tools have shown, by id; any other id is nobody's."""
    return usable([
        found[answer.file_id].model_copy(update={"use": ReferenceUse(answer.use)}) for answer in answers
        if answer.file_id in found and answer.use in ReferenceUse.__members__.values()])


def kept(brief: Brief, style: Style) -> tuple[Reference, ...]:
    """References of a brief that still hold in this style: a picture of another look would draw against a new one."""
    return brief.references if style == brief.style else subjects(brief)


def subjects(brief: Brief) -> tuple[Reference, ...]:
    """References of a brief that hold in any style."""
    return tuple(one for one in brief.references if one.use is not ReferenceUse.STYLE)


def followed(past: Brief, style: Style) -> tuple[Reference, ...]:
    """References of a film that is followed: its look goes on, its subject was its own."""
    return tuple(one for one in kept(past, style) if one.use is ReferenceUse.STYLE)
