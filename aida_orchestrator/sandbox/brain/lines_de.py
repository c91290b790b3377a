"""Die Sätze und Bilder auf Deutsch: the German lines and pictures, in the same sections as the English ones."""
# ruff: noqa: E501

TEXT = """
[hook.calm]
Vor dem Lärm des Tages ist da dies: {s}.
Manches sieht nur, wer langsamer wird. {S}, zum Beispiel.
Schau noch einmal hin. {S}, wie beim ersten Mal.
[hook.dynamic]
Drei. Zwei. Eins. {S}.
Ein Wimpernschlag, und es ist vorbei: {s}.
Es beginnt ohne Warnung. {S}. Jetzt.
[hook.playful]
Hey, du. Ja, genau du. Schon gehört? {S}!
Vorsicht: Danach willst du nur noch eines. {S}.
[build.calm]
Das geschah nicht über Nacht. Jeder Tag ließ etwas zurück.
Geduld macht den stillen Teil der Arbeit.
Hände, die wissen, Augen, die warten. Hier hat es niemand eilig.
[build.dynamic]
Schneller. Näher. Ohne zweiten Versuch.
Ein Griff ruft den nächsten, und niemand blickt zurück.
Der Takt steigt, und alles steigt mit.
[build.playful]
Der Plan war einfach. Dann fragte jemand: und wenn wir übertreiben?
Geprobt hat keiner, und das sieht man. Zum Glück.
Schritt eins: machen. Schritt zwei: mit Grinsen machen.
[detail.calm]
Komm näher: {d}.
Das Geheimnis ist so klein, dass man es übersieht: {d}.
Was die Eiligen nie sehen: {d}.
[detail.dynamic]
Noch näher. {D}. Hier sitzt die Kraft.
Jedes Detail trifft: {d}.
Standbild: {d}.
[detail.playful]
Und das hier? {D}. Wir könnten den ganzen Tag hinsehen.
Beweisstück eins: {d}. Keine weiteren Fragen.
Bitte vergrößern: {d}. Danke.
[turn.calm]
Und dann, einen Atemzug lang, steht alles still.
Etwas kippt. Das Vertraute wird zum Versprechen.
Dann dreht das Licht, und eine andere Geschichte beginnt.
[turn.dynamic]
Halt. Atmen. Noch einmal, stärker.
Das war alles? Das war das Aufwärmen.
Dann wechselt der Takt, und alles dreht sich.
[turn.playful]
Wendung: Es wird noch besser.
Ein ernster Film würde jetzt ernst. Dieser nicht.
Und gerade, als du wegsehen wolltest.
[climax.calm]
Für diesen Moment war alles andere da.
{S}: nichts fehlt, nichts ist zu viel.
Da ist er, endlich ganz, der Moment, auf den wir gewartet haben.
[climax.dynamic]
Alles geben. Nichts zurückhalten. {S}.
Jetzt: die Sekunde, für die alles gebaut wurde.
Lauter. Heller. {S} mit voller Kraft.
[climax.playful]
Meine Damen und Herren: {s}. Applaus ist freiwillig, aber wahrscheinlich.
Gib es zu. Du willst es auch.
[close.calm]
{S}. Bleib noch ein wenig.
{S}. Manches ist seine Zeit wert.
Zum Mitnehmen fürs Leben: {s}.
[close.dynamic]
{S}. Du bist dran.
{S}. Halte Schritt, wenn du kannst.
Nicht zusehen. Leben: {s}.
[close.playful]
{S}. Sag nicht, wir hätten dich nicht gewarnt.
{S}. Kann Lächeln verursachen.
[place]
{P}, zu der Stunde, in der das Licht sich noch nicht entschieden hat.
{P} erwacht, und der Tag nimmt Form an.
In {p} weiß jeder, wohin man schauen muss.
[brand]
{b}. {S}.
{S}, eine Handschrift: {b}.
Das ist {b}.
[hook.food]
Zuerst kommt der Duft. Dann: {s}.
[detail.food]
Salz, Feuer, Zeit. Und ein Geheimnis: {d}.
[climax.food]
Ein Geschmack, und der ganze Tisch wird still.
[hook.product]
Jemand fragte, wie es sich anfühlen soll. Die Antwort: {s}.
[detail.product]
Gedacht bis zum letzten Millimeter: {d}.
[climax.product]
Man schaltet es nicht ein. Man lässt es frei.
[hook.fashion]
Vor dem ersten Wort steht eine Geste: {s}.
[detail.fashion]
Eine Berührung, eine Falte, eine Spur auf der Haut: {d}.
[climax.fashion]
Man trägt es nicht nur. Man erinnert sich.
[hook.travel]
Eine Tür, eine Straße, ein Name auf der Karte: {s}.
[detail.travel]
Kein Reiseführer erwähnt es: {d}.
[climax.travel]
Man kommt, um zu sehen. Man bleibt, um zu fühlen.
[hook.nature]
Niemand führt hier Regie. {S}, seit jeher.
[detail.nature]
Hör mit den Augen zu: {d}.
[climax.nature]
Für einen Moment ist die Welt so weit, wie sie sein sollte.
[hook.people]
Jede Geschichte hat ein Gesicht. Diese beginnt so: {s}.
[detail.people]
Ein Blick sagt, was Worte verderben würden: {d}.
[climax.people]
In vielen Jahren wird man von diesem Moment erzählen.
[hook.sport]
Der Körper sagt: genug. {S} sagt: noch einmal.
[detail.sport]
Atem, Puls, und dann das: {d}.
[climax.sport]
Die Ziellinie war nie da draußen. Sie war hier drin.
[hook.business]
Hinter jeder Zahl steht jemand, der es versucht hat. Darum geht es: {s}.
[detail.business]
Gute Ideen wirken hinterher selbstverständlich: {d}.
[climax.business]
Was Monate brauchte, braucht jetzt eine Entscheidung.
[scene.any]
Dunkles Bild; ein einziger Lichtstrahl findet: {s}
Die Welt öffnet sich ringsum: {s}, Licht füllt langsam die Szene
Ganz nah: {d}, die Oberfläche füllt das Bild
Plötzlicher Lichtwechsel, Silhouetten ziehen vorbei, dahinter {s}
{S} in der Bildmitte, in vollem Licht, nichts sonst
{S} aus der Ferne, ruhig, oben Raum für den Titel
[scene.food]
Dampf steigt vor dunklem Grund auf, darin erscheint {s}
Hände arbeiten auf einem bemehlten Holztisch, hier entsteht {s}
Makro: {d}, jeder Krümel und Tropfen sichtbar
Eine Flamme schlägt hoch und erhellt die Gesichter ringsum: {s}
{S} in der Mitte des gedeckten Tisches, Hände greifen von allen Seiten zu
Das letzte Stück, {s}, auf einem rustikalen Tisch, warmes Abendlicht durchs Fenster
[scene.product]
Eine Lichtlinie zeichnet im Dunkeln den Umriss: {s}
{S} dreht sich langsam vor nahtlosem Grund, Reflexe gleiten über die Kanten
Makro: {d}, präzise Fugen und klare Flächen
{S} verlässt das Studio: dieselbe Form, nun in einer belebten Straße zur blauen Stunde
{S} im besten Moment, Lichtspuren ziehen vorbei
{S} auf heller, leerer Fläche, Raum für den Namen
[scene.fashion]
Eine Silhouette hinter durchscheinendem Stoff, kaum zu ahnen: {s}
Eine Gestalt kommt durch Staub und weiches Licht auf die Kamera zu, {s} in Bewegung
Makro: {d}, Licht gleitet über das Gewebe
Der Kopf dreht sich, Haar und Stoff schweben in der Luft
{S}, Porträt von vorn, starker Blick, modelliertes Licht
{S} auf Marmor, ein langer Schatten, Raum für den Namen
[scene.travel]
Erstes Licht über {s}, noch Nebel zwischen den Formen
Jemand mit kleiner Tasche tritt ins Bild, vor ihm {s}
Ganz nah: {d}, abgegriffen von Händen und Jahren
Eine Tür öffnet sich vom Schatten ins Licht, draußen {s}
Von oben {s}, winzige Figuren, weiter Horizont
Dämmerung über {s}, die ersten Laternen, jemand schaut schweigend
[scene.nature]
Dunst am Morgen, der erste Sonnenstrahl berührt: {s}
Wind geht in Wellen durchs Gras, dahinter {s}
Makro: {d}, ein Tautropfen zittert
Wolken reißen auf, eine Lichtbahn streift {s}
{S} in voller Größe, von oben, ein Vogel zieht vorbei
{S} unter dem Abendhimmel, das Wasser ganz still
[scene.people]
Eine Gestalt von hinten am Fenster, erstes Licht: {s}
Hände bei der täglichen Arbeit, vertraute Dinge ringsum: {s}
Ganz nah: {d}, Haut und Licht, geringe Schärfe
Ein Blick hebt sich, Wind im Haar, die ganze Geschichte in den Augen
{S}, Auge in Auge mit der Kamera, ein Lächeln bricht durch
Ein einsamer Weg ins Abendlicht, und auf ihm {s}
[scene.event]
Gestalten im Gegenlicht, noch ohne Gesicht, machen sich bereit: {s}
Hände finden sich, ein nervöses Lachen, die Vorbereitungen: {s}
Nahaufnahme: {d}, glänzende Augen, geringe Schärfe
Alle wenden sich zum selben Punkt; man hält den Atem an
{S}: eine Umarmung in der Mitte, Konfetti und unscharfe Lichter
Zwei Menschen von hinten gehen ins warme Licht, hinter ihnen {s}
[scene.sport]
Ein leerer Platz vor Tagesanbruch, jemand bindet sich die Schuhe: {s}
Füße schlagen auf, Staub und Schweiß, {s} in vollem Takt
Makro: {d}, Schweißtropfen in der Luft
Ein Sturz; eine Hand am Boden; dann das Aufstehen
{S} im entscheidenden Augenblick, in der Luft vor den Lichtern
Ein Mensch steht und atmet, hinter ihm {s}, tiefe Sonne
[scene.business]
Eine Lampe geht in einem dunklen Büro an, Notizen an der Wand: {s}
Ein kleines Team um einen Tisch, Skizzen und Bildschirme: {s}
Ganz nah: {d}, ein Finger zieht eine klare Linie
Ein leerer Stuhl, eine geschlossene Tür; dann Licht unter der Tür
{S} vor den eigenen Leuten, Tageslicht flutet den Raum
Die Stadt am Abend hinter Glas, Spiegelung im Glas: {s}
[say]
logline: In {n} Sekunden, {s}: vom ersten Blick zu einem Moment, der bleibt.
logline: Ein Film von {n} Sekunden, Ton {tone}: {s} in {beats} Einstellungen.
title: {S}
title: {S}, der Film
intent: Ein Film von {n} Sekunden, Ton {tone}, Thema: {s}.
recall: Gewünscht ist ein Film wie letztes Mal; {title} ist das nächstliegende frühere Projekt, Stil, Ton und Format bleiben deshalb gleich.
helps: Ein früheres Projekt, {title}, hat ein ähnliches Thema; nur sein Aussehen wurde berücksichtigt.
dish: das Tagesgericht
food: gutes Essen
travel: eine Reise
fashion: Mode
default_subject: eine kleine Geschichte
constraint: Gewünschte Änderung: {f}
answer: Ein Gedanke, {s}: ein wahres Detail zeigen, es atmen lassen, den Rest sagt das Bild.
"""
