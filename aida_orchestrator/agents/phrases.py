"""The few sentences we say ourselves when Claude says nothing, in the languages we know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """`lines` are narration for up to six beats: `{subject}` comes from the message, `{title}` from the brief."""

    no_subject: str
    tone: str
    recalled: str
    logline: str
    lines: tuple[str, str, str, str, str, str]


PHRASES = {
    "en": Phrases(
        "A morning that begins", "warm and clear", "Follows your film “{title}”.",
        "A short film: {subject}.",
        ("{subject}.", "It begins quietly, with almost nothing.", "Then you look closer.",
         "Every detail tells its part.", "And at last it all comes together.", "{title}."),
    ),
    "it": Phrases(
        "Un mattino che comincia", "caldo e chiaro", "Riprende il tuo video «{title}».",
        "Un breve film: {subject}.",
        ("{subject}.", "Comincia piano, da quasi niente.", "Poi ci si avvicina.",
         "Ogni dettaglio racconta la sua parte.", "E alla fine tutto si tiene.", "{title}."),
    ),
    "es": Phrases(
        "Una mañana que empieza", "cálido y claro", "Sigue tu vídeo «{title}».",
        "Una película breve: {subject}.",
        ("{subject}.", "Empieza despacio, casi de la nada.", "Luego nos acercamos.",
         "Cada detalle cuenta su parte.", "Y al final todo encaja.", "{title}."),
    ),
    "fr": Phrases(
        "Un matin qui commence", "chaleureux et clair", "Reprend votre film « {title} ».",
        "Un court film : {subject}.",
        ("{subject}.", "Cela commence doucement, presque de rien.", "Puis on s'approche.",
         "Chaque détail raconte sa part.", "Et tout finit par se rejoindre.", "{title}."),
    ),
    "de": Phrases(
        "Ein Morgen, der beginnt", "warm und klar", "Folgt deinem Film „{title}“.",
        "Ein kurzer Film: {subject}.",
        ("{subject}.", "Es beginnt leise, mit fast nichts.", "Dann kommt man näher.",
         "Jede Einzelheit erzählt ihren Teil.", "Und am Ende fügt sich alles.", "{title}."),
    ),
    "pt": Phrases(
        "Uma manhã que começa", "caloroso e claro", "Segue o seu vídeo “{title}”.",
        "Um filme breve: {subject}.",
        ("{subject}.", "Começa devagar, quase do nada.", "Depois chegamos mais perto.",
         "Cada detalhe conta a sua parte.", "E no fim tudo se encontra.", "{title}."),
    ),
}


def phrases_for(language: str) -> Phrases:
    """The phrases of a language tag, English for languages we do not know."""
    return PHRASES.get(language.split("-")[0].lower(), PHRASES["en"])
