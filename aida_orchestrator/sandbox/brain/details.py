"""Details for the close-ups when the message names none: two or three a kind of film, in six languages.

English first, then Italian, Spanish, French, German, Portuguese, in the order of `lexicon.LANGUAGES`.
"""
# ruff: noqa: E501

from .lexicon import LANGUAGES

CATEGORIES = {
    "food": "food", "car": "product", "tech": "product", "home": "product", "beauty": "fashion", "fashion": "fashion",
    "travel": "travel", "sea": "nature", "nature": "nature", "animal": "nature", "wedding": "event",
    "music": "event", "people": "people", "folk": "people", "sport": "sport", "business": "business",
}

_TABLE = """
[any]
the one thing nobody notices | l'unica cosa che nessuno nota | lo único que nadie nota | la seule chose que personne ne remarque | das eine, das keiner bemerkt | a única coisa em que ninguém repara
a line of light along the edge | un filo di luce sul bordo | un hilo de luz en el borde | un fil de lumière sur le bord | ein Lichtfaden an der Kante | um fio de luz na borda
[food]
the first drop, the last crumb | la prima goccia, l'ultima briciola | la primera gota, la última miga | la première goutte, la dernière miette | der erste Tropfen, der letzte Krümel | a primeira gota, a última migalha
the steam that curls and is gone | il vapore che si arriccia e svanisce | el vapor que se enrosca y desaparece | la vapeur qui s'enroule et disparaît | der Dampf, der sich kräuselt und vergeht | o vapor que se enrola e desaparece
flour on the fingertips | la farina sulla punta delle dita | la harina en la punta de los dedos | la farine au bout des doigts | Mehl an den Fingerspitzen | a farinha na ponta dos dedos
[product]
a curve without a single break | una curva senza interruzioni | una curva sin interrupciones | une courbe sans rupture | eine Linie ohne Bruch | uma curva sem interrupções
the light that runs along the edge | la luce che corre sul bordo | la luz que corre por el borde | la lumière qui court sur l'arête | das Licht, das über die Kante läuft | a luz que corre pela aresta
one touch, and it answers | un tocco, e risponde | un toque, y responde | un geste, et la réponse vient | eine Berührung, und es antwortet | um toque, e responde
[fashion]
the seam nobody sees | la cucitura che nessuno vede | la costura que nadie ve | la couture que personne ne voit | die Naht, die keiner sieht | a costura que ninguém vê
skin, light, a breath between | la pelle, la luce, un respiro | la piel, la luz, un suspiro | la peau, la lumière, un souffle | Haut, Licht, ein Atemzug | a pele, a luz, um suspiro
[travel]
a stone polished by footsteps | una pietra lucidata dai passi | una piedra pulida por los pasos | une pierre polie par les pas | ein Stein, von Schritten poliert | uma pedra polida pelos passos
a half-open window | una finestra socchiusa | una ventana entreabierta | une fenêtre entrouverte | ein halb offenes Fenster | uma janela entreaberta
[nature]
a drop that has not yet decided to fall | una goccia che non ha ancora deciso di cadere | una gota que aún no ha decidido caer | une goutte qui hésite à tomber | ein Tropfen, der noch nicht fallen will | uma gota que ainda não decidiu cair
the wind drawing in the grass | il vento che disegna nell'erba | el viento que dibuja en la hierba | le vent qui dessine dans l'herbe | der Wind, der ins Gras zeichnet | o vento que desenha na erva
[people]
two hands that find each other | due mani che si trovano | dos manos que se encuentran | deux mains qui se trouvent | zwei Hände, die sich finden | duas mãos que se encontram
a smile before it knows it is one | un sorriso prima di sapere di esserlo | una sonrisa antes de saberse sonrisa | un sourire avant de se savoir sourire | ein Lächeln, bevor es eines ist | um sorriso antes de se saber sorriso
[sport]
chalk dust in the air | la polvere sospesa nell'aria | el polvo suspendido en el aire | la poussière suspendue dans l'air | Staub in der Luft | o pó suspenso no ar
a pulse under the skin | il battito sotto la pelle | el pulso bajo la piel | le pouls sous la peau | der Puls unter der Haut | o pulso sob a pele
[business]
a pencil line that becomes a plan | un segno di matita che diventa un piano | un trazo de lápiz que se vuelve plan | un trait de crayon qui devient un plan | ein Bleistiftstrich, der zum Plan wird | um traço de lápis que se torna plano
the question nobody had asked | la domanda che nessuno aveva fatto | la pregunta que nadie había hecho | la question que personne n'avait posée | die Frage, die niemand gestellt hatte | a pergunta que ninguém tinha feito
"""


def _load() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    category = ""
    for line in _TABLE.strip().splitlines():
        if line.startswith("["):
            category = line.strip("[]")
            found[category] = {language: [] for language in LANGUAGES}
            continue
        for language, cell in zip(LANGUAGES, line.split("|"), strict=True):
            found[category][language].append(cell.strip())
    return found


DETAILS = _load()
DETAILS["event"] = DETAILS["people"]


def in_english(detail: str) -> str | None:
    """The English of one of these details, or None when it is not ours."""
    wanted = detail.strip().lower()
    for languages in DETAILS.values():
        for language in LANGUAGES:
            for place, text in enumerate(languages[language]):
                if text.lower() == wanted:
                    return languages["en"][place]
    return None
