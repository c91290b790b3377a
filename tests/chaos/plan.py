"""One seed becomes one plan: settings, films, faults of the providers, blows from outside, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from .trouble import Rule, draw_empty_accounts, draw_rules

FAULTY_SECONDS = 6.0  # faults and blows fall within so much time from the first film
BLOCK = 5  # so many seeds one after another have the same settings, so that the service is seldom started anew

_SUBJECTS = ("sulle olive", "sulla neve", "sul mare", "sul pane", "su un gatto", "sul caffè", "su un castello",
             "sulle montagne", "sulla pizza", "su una bicicletta", "sul gelato", "su un bosco", "sui limoni",
             "su un faro", "sul vino", "su una lampada")
_LENGTHS = (5, 5, 10, 10, 15)
_AFTERWARDS = ("nothing", "nothing", "nothing", "cancel", "refine", "refine", "retry")
_FEEDBACK = {"style": "più caldo e dorato", "visuals": "immagini più luminose", "script": "più ironico",
             "all": "tutto più lento e calmo"}
# What is done, and for how many seconds it may last (a lease lasts three).
_BLOWS = {
    "kill worker": (0, 2), "kill worker-2": (0, 2), "kill workers": (0, 2), "kill web": (0, 2), "kill beat": (0, 3),
    "kill everything": (0, 1), "end worker": (0, 1), "end workers": (0, 1), "pause worker": (3.5, 5),
    "pause workers": (3.5, 5), "flush valkey": (0, 0), "kill valkey": (0, 2), "restart valkey": (0, 2),
    "restart postgres": (0, 2), "kill postgres": (0, 2), "crash postgres": (0, 2), "forge callbacks": (0, 0),
}
_OFTENER = ("kill worker", "kill worker-2", "kill workers", "flush valkey", "pause worker")


@dataclass(frozen=True)
class Mode:
    """What is fixed while the service runs: how results are told, by signed callbacks or by polls alone, and two beats."""

    callbacks: bool
    signed: bool
    beats: int

    @property
    def name(self) -> str:
        """For a line of the report."""
        told = ("signed callbacks" if self.signed else "callbacks") if self.callbacks else "polling"
        return f"{told}, {self.beats} beat{'s' if self.beats > 1 else ''}"


MODES = (Mode(True, False, 2), Mode(False, False, 1), Mode(True, True, 2), Mode(True, False, 1), Mode(False, False, 2))


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
    ceiling: float | None = None  # its maxCostDollars; its user raises it when the film waits

    @property
    def feedback(self) -> str:
        """What the user says with a refine."""
        return _FEEDBACK[self.aspect]


@dataclass(frozen=True)
class Blow:
    """What is killed, held or emptied, when, and for how many seconds."""

    at: float
    what: str
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Everything random of a run."""

    seed: int
    mode: Mode
    pace: dict[str, float]
    films: tuple[FilmPlan, ...]
    rules: tuple[tuple[float, Rule], ...] = field(default=())
    blows: tuple[Blow, ...] = field(default=())
    ceilings: tuple[tuple[str, float], ...] = field(default=())  # of users, in dollars, until all is well again

    def lines(self) -> Iterator[str]:
        """The plan for reading."""
        yield f"seed {self.seed}: {self.mode.name}, seconds {self.pace}"
        for film in self.films:
            yield (f"  {film.at:5.1f} s  {film.user}: {film.message}; {film.afterwards}"
                   + (f" after {film.patience:.1f} s" if film.afterwards == "cancel" else "")
                   + (f" {film.aspect}" if film.afterwards == "refine" else "")
                   + (f"; at most ${film.ceiling}" if film.ceiling else ""))
        for user, dollars in self.ceilings:
            yield f"  {user} may spend ${dollars}"
        told = [(at, f"fault {rule}") for at, rule in self.rules]
        told += [(blow.at, f"BLOW  {blow.what}, {blow.seconds:.1f} s") for blow in self.blows]
        for at, what in sorted(told):
            yield f"  {at:5.1f} s  {what}"


def make(seed: int, films: int | None = None) -> Plan:
    """The plan of a seed: always the same for the same seed and, if it is asked for, number of films."""
    chance = Random(f"{seed}/{films}")
    number_of_films = films or chance.randint(2, 4)
    subjects = chance.sample(_SUBJECTS, min(number_of_films, len(_SUBJECTS)))
    money = Random(f"{seed}/{films}/money")  # of its own, so that it changes nothing else of a seed
    return Plan(
        seed=seed, mode=MODES[seed // BLOCK % len(MODES)],
        pace={"kie": round(chance.uniform(0.2, 0.6), 2), "fal": round(chance.uniform(0.2, 0.6), 2),
              "anthropic": round(chance.uniform(0.02, 0.2), 2), "openai": 0.02},
        films=tuple(replace(_film(chance, seed, number, subjects[number % len(subjects)]), ceiling=_ceiling(money, 0.3))
                    for number in range(number_of_films)),
        rules=tuple(sorted([*draw_rules(chance, FAULTY_SECONDS), *draw_empty_accounts(money, FAULTY_SECONDS)],
                           key=lambda item: item[0])),
        blows=tuple(sorted(_blows(chance), key=lambda blow: blow.at)),
        ceilings=tuple((f"u{number}-{seed}", dollars) for number in (1, 2, 3)
                       if (dollars := _ceiling(money, 0.3)) is not None),
    )


def _ceiling(money: Random, often: float) -> float | None:
    """Less than a text, a picture or some clip would cost, or enough."""
    return money.choice((0.01, 0.1, 0.25, 0.4, 0.6, 0.9, 1.5)) if money.random() < often else None


def _film(chance: Random, seed: int, number: int, subject: str) -> FilmPlan:
    seconds = chance.choice(_LENGTHS)
    again = f", versione {number}" if number >= len(_SUBJECTS) else ""
    return FilmPlan(
        # Users of the run's own, or its films would be remembered by later runs.
        number=number, at=round(0.0 if number == 0 else chance.uniform(0, 3), 1), user=f"u{chance.randint(1, 3)}-{seed}",
        message=f"Voglio un video di {seconds} secondi {subject}{again}", afterwards=chance.choice(_AFTERWARDS),
        patience=round(chance.uniform(0.3, 6), 1), aspect=chance.choice(tuple(_FEEDBACK)))


def _blows(chance: Random) -> Iterator[Blow]:
    for _ in range(chance.randint(1, 3)):
        what = chance.choice((*_BLOWS, *_OFTENER))
        yield Blow(round(chance.uniform(0.5, FAULTY_SECONDS), 1), what, round(chance.uniform(*_BLOWS[what]), 1))
