"""One seed becomes one plan: which films, which faults of the providers, which blows from outside, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

FAULTY_SECONDS = 25.0  # faults and blows fall within so much time from the first film

_SUBJECTS = ("sulle olive", "sulla neve", "sul mare", "sul pane", "su un gatto", "sul caffè", "su un castello",
             "sulle montagne", "sulla pizza", "su una bicicletta", "sul gelato", "su un bosco", "sui limoni",
             "su un faro", "sul vino", "su una lampada")
_AFTERWARDS = ("nothing", "nothing", "cancel", "refine", "refine", "refine", "retry")
_FEEDBACK = {"style": "più caldo e dorato", "visuals": "immagini più luminose", "script": "più ironico",
             "all": "tutto più lento e calmo"}
_BLOWS = ("kill worker", "kill worker", "kill worker-2", "kill workers", "kill web", "kill beat", "end worker",
          "flush valkey", "kill valkey", "restart postgres", "kill postgres")

Rule = dict[str, Any]


@dataclass(frozen=True)
class FilmPlan:
    """What one user does: asks for a film, and perhaps cancels it after some seconds, refines it or tries it again."""

    number: int
    at: float
    user: str
    message: str
    afterwards: str
    patience: float
    aspect: str

    @property
    def feedback(self) -> str:
        """What the user says with a refine."""
        return _FEEDBACK[self.aspect]


@dataclass(frozen=True)
class Blow:
    """What is killed or emptied, when, and for how many seconds it stays away."""

    at: float
    what: str
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Everything random of a run."""

    seed: int
    callbacks: bool
    pace: dict[str, float]
    films: tuple[FilmPlan, ...]
    rules: tuple[tuple[float, Rule], ...]
    blows: tuple[Blow, ...]

    def lines(self) -> Iterator[str]:
        """The plan for reading."""
        yield f"seed {self.seed}: callbacks {'on' if self.callbacks else 'off'}, seconds {self.pace}"
        for film in self.films:
            yield (f"  {film.at:5.1f} s  {film.user}: {film.message}; {film.afterwards}"
                   + (f" after {film.patience:.1f} s" if film.afterwards == "cancel" else "")
                   + (f" {film.aspect}" if film.afterwards == "refine" else ""))
        told = [(at, f"fault {rule}") for at, rule in self.rules]
        told += [(blow.at, f"BLOW  {blow.what}, away {blow.seconds:.1f} s") for blow in self.blows]
        for at, what in sorted(told):
            yield f"  {at:5.1f} s  {what}"


def make(seed: int, films: int) -> Plan:
    """The plan of a seed: always the same for the same seed and number of films."""
    chance = Random(f"{seed}/{films}")
    subjects = chance.sample(_SUBJECTS, min(films, len(_SUBJECTS)))
    return Plan(
        seed=seed, callbacks=chance.random() < 0.8,
        pace={"kie": round(chance.uniform(0.3, 3), 1), "fal": round(chance.uniform(0.3, 3), 1),
              "anthropic": round(chance.uniform(0.05, 1), 2), "openai": 0.05},
        films=tuple(_film(chance, number, subjects[number % len(subjects)]) for number in range(films)),
        rules=tuple(sorted(_rules(chance), key=lambda item: item[0])),
        blows=tuple(sorted(_blows(chance), key=lambda blow: blow.at)),
    )


def _film(chance: Random, number: int, subject: str) -> FilmPlan:
    seconds = chance.choice((5, 10))
    again = f", versione {number}" if number >= len(_SUBJECTS) else ""
    return FilmPlan(
        number=number, at=round(0.0 if number == 0 else chance.uniform(0, 15), 1), user=f"u{chance.randint(1, 3)}",
        message=f"Voglio un video di {seconds} secondi {subject}{again}", afterwards=chance.choice(_AFTERWARDS),
        patience=round(chance.uniform(0.2, 15), 1), aspect=chance.choice(tuple(_FEEDBACK)))


def _blows(chance: Random) -> Iterator[Blow]:
    for _ in range(chance.randint(3, 6)):
        yield Blow(round(chance.uniform(1, FAULTY_SECONDS), 1), chance.choice(_BLOWS), round(chance.uniform(0, 4), 1))


def _rules(chance: Random) -> Iterator[tuple[float, Rule]]:
    for _ in range(chance.randint(6, 14)):
        kind = chance.choice((_passing, _passing, _submitting, _submitting, _jobs, _results, _callbacks, _claude))
        rule = kind(chance, chance.choice(("kie", "fal")))
        # What stands from the beginning meets a request for certain; what comes later meets whatever is under way.
        yield round(max(0.0, chance.uniform(-10, FAULTY_SECONDS)), 1), rule


def _passing(chance: Random, provider: str) -> Rule:
    rule: Rule = {"provider": provider, "operation": chance.choice(("submit", "poll", "result" if provider == "fal" else
                                                                      "poll", "media")),
                  "times": chance.randint(1, 3)}
    return {**rule, **chance.choice((
        {"fault": "status", "status": 429, "retryAfter": chance.randint(1, 3)}, {"fault": "status", "status": 500},
        {"fault": "status", "status": 503}, {"fault": "reset"}, {"fault": "slow", "seconds": chance.randint(1, 3)}))}


def _submitting(chance: Random, provider: str) -> Rule:
    """Around the purchase, where money is lost: before and after the provider took it."""
    rule: Rule = {"provider": provider, "operation": "submit", "times": 1, "after": chance.randint(0, 2)}
    return {**rule, **chance.choice((
        {"fault": "reset_after"}, {"fault": "hang_after", "seconds": chance.choice((2, 7))},
        {"fault": "hang", "seconds": chance.choice((2, 7))}, {"fault": "reset"}, {"fault": "malformed"},
        {"fault": "status", "status": 502, "body": "<html><h1>502 Bad Gateway</h1></html>"}))}


def _jobs(chance: Random, provider: str) -> Rule:
    """The provider takes it, and nothing comes of it."""
    return {"provider": provider, "operation": "submit", "fault": chance.choice(("fail_job", "fail_job", "never_ends")),
            "times": 1, "after": chance.randint(0, 2)}


def _results(chance: Random, provider: str) -> Rule:
    """The result is there and cannot be had, or is spoilt."""
    if provider == "fal" and chance.random() < 0.4:
        return {"provider": "fal", "operation": "result", "fault": "status", "status": 504, "times": 3}
    if chance.random() < 0.3:
        return {"provider": provider, "operation": "poll", "times": 2,
                "fault": chance.choice(("unknown_state", "malformed", "reset_after"))}
    return {"provider": provider, "operation": "media", "times": chance.choice((1, 2, 4)),
            "fault": chance.choice(("expired", "cut_short", "malformed", "reset_after"))}


def _callbacks(chance: Random, provider: str) -> Rule:
    return {"provider": provider, "operation": "callback", "fault": chance.choice(("drop", "double", "forge")),
            "times": chance.randint(1, 3)}


def _claude(chance: Random, _: str) -> Rule:
    return {"provider": "anthropic", "operation": "messages", "times": chance.randint(1, 2), "after": chance.randint(0, 4),
            **chance.choice(({"fault": "status", "status": 429, "retryAfter": 1}, {"fault": "status", "status": 529},
                             {"fault": "reset"}, {"fault": "reset_after"}, {"fault": "slow", "seconds": 3},
                             {"fault": "max_tokens"}, {"fault": "malformed"}))}
