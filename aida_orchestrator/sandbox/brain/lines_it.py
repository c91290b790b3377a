"""Le righe e le immagini in italiano: the Italian lines and pictures, in the same sections as the English ones."""
# ruff: noqa: E501

TEXT = """
[hook.calm]
Prima del rumore del giorno c'è questo: {s}.
Certe cose si vedono solo rallentando. {S}, per esempio.
Guarda ancora. {S}, come fosse la prima volta.
[hook.dynamic]
Tre. Due. Uno. {S}.
Un battito di ciglia e via: {s}.
Comincia senza avvisare. {S}. Adesso.
[hook.playful]
Ehi, tu. Sì, proprio tu. Conosci {s}?
Attenzione: dopo questo video ti verrà voglia di una cosa sola. {S}.
[build.calm]
Non è successo in una notte. Ogni giorno ha lasciato qualcosa.
La pazienza fa la parte silenziosa del lavoro.
Mani che sanno, occhi che aspettano. Qui nessuno ha fretta.
[build.dynamic]
Più veloce. Più vicino. Senza una seconda possibilità.
Un gesto chiama l'altro, e nessuno si volta indietro.
Il ritmo sale, e con il ritmo sale tutto il resto.
[build.playful]
Il piano era semplice. Poi qualcuno ha detto: e se esagerassimo?
Nessuno ha fatto le prove, e si vede. Per fortuna.
Primo passo: farlo. Secondo passo: farlo ridendo.
[detail.calm]
Avvicinati: {d}.
Il segreto è così piccolo che quasi sfugge: {d}.
Ecco quello che chi ha fretta non vede: {d}.
[detail.dynamic]
Ancora più vicino. {D}. La forza è tutta qui.
Ogni dettaglio colpisce: {d}.
Fermo immagine: {d}.
[detail.playful]
E questo? {D}. Potremmo guardarlo per ore.
Prova numero uno: {d}. La difesa non ha altro da aggiungere.
Ingrandire, prego: {d}. Grazie.
[turn.calm]
E poi, per un respiro, tutto si ferma.
Qualcosa cambia. Ciò che era noto diventa una promessa.
Poi gira la luce, e comincia un'altra storia.
[turn.dynamic]
Stop. Respira. Ancora, più forte.
Pensavi fosse tutto qui? Era solo il riscaldamento.
Poi cambia il ritmo, e cambia tutto.
[turn.playful]
Colpo di scena: si può fare anche meglio.
A questo punto un film serio si farebbe serio. Questo no.
E proprio quando pensavi di poter guardare altrove.
[climax.calm]
Era tutto per questo momento.
{S}: niente da aggiungere, niente da togliere.
Eccolo, finalmente intero, il momento che aspettavamo.
[climax.dynamic]
Tutto dentro. Niente da risparmiare. {S}.
Ci siamo: il secondo per cui è nato tutto il resto.
Più forte. Più luce. {S}, a piena potenza.
[climax.playful]
Signore e signori: {s}. L'applauso è facoltativo, ma probabile.
Dai, ammettilo. Lo vuoi anche tu.
[close.calm]
{S}. Resta ancora un poco.
{S}. Certe cose valgono il tempo che chiedono.
Da portare con sé: {s}.
[close.dynamic]
{S}. Ora tocca a te.
{S}. Prova a tenere il passo.
Non guardare. Vivi: {s}.
[close.playful]
{S}. Non dire che non ti avevamo avvisato.
{S}. Può provocare sorrisi.
[place]
{P}, nell'ora in cui la luce non ha ancora deciso.
{P} si sveglia, e la giornata prende forma.
Chi vive a {p} sa già dove guardare.
[brand]
{b}. {S}.
{S}, firmato {b}.
Questo è {b}.
[hook.food]
Prima arriva il profumo. Poi, {s}.
[detail.food]
Sale, fuoco, tempo. E un segreto: {d}.
[climax.food]
Un assaggio, e la tavola fa silenzio.
[hook.product]
Qualcuno si è chiesto che cosa si dovesse provare. La risposta: {s}.
[detail.product]
Pensato fino all'ultimo millimetro: {d}.
[climax.product]
Non si accende. Si libera.
[hook.fashion]
Prima di ogni parola c'è un gesto: {s}.
[detail.fashion]
Un tocco, una piega, una traccia sulla pelle: {d}.
[climax.fashion]
Non si indossa soltanto. Si ricorda.
[hook.travel]
Una porta, una strada, un nome sulla mappa: {s}.
[detail.travel]
Nessuna guida ne parla: {d}.
[climax.travel]
Si arriva per vedere. Si resta per sentire.
[hook.nature]
Nessuno dirige questa scena. {S}, da sempre.
[detail.nature]
Ascolta con gli occhi: {d}.
[climax.nature]
Per un momento il mondo è grande come dovrebbe essere.
[hook.people]
Ogni storia ha un volto. Questa comincia così: {s}.
[detail.people]
Uno sguardo dice quello che le parole rovinerebbero: {d}.
[climax.people]
Tra molti anni sarà questo il momento da raccontare.
[hook.sport]
Il corpo dice basta. {S} dice: ancora una volta.
[detail.sport]
Fiato, battito, e poi questo: {d}.
[climax.sport]
Il traguardo non era là fuori. Era qui dentro.
[hook.business]
Dietro ogni numero c'è qualcuno che ci ha provato. Qui si parla di questo: {s}.
[detail.business]
Le buone idee, dopo, sembrano sempre ovvie: {d}.
[climax.business]
Quello che chiedeva mesi, ora chiede una decisione.
[scene.any]
Schermo buio; un solo raggio di luce trova {s}
Si apre il mondo intorno a {s}, la luce riempie piano la scena
Vicinissimo: {d}, la materia riempie l'inquadratura
Un cambio improvviso di luce, sagome che passano davanti a {s}
{S} al centro, in piena luce, senza nient'altro intorno
{S} da lontano, calma, con spazio vuoto in alto per il titolo
[scene.food]
Vapore che sale su un fondo scuro, e nel vapore appare {s}
Mani al lavoro su un tavolo di legno infarinato, si prepara {s}
Macro: {d}, ogni briciola e ogni goccia in vista
Una fiamma si alza e illumina i volti intorno a {s}
{S} al centro della tavola imbandita, mani che si allungano da ogni lato
L'ultimo pezzo, {s}, su un tavolo rustico, luce calda della sera dalla finestra
[scene.product]
Una linea di luce disegna nel buio il contorno: {s}
{S} in lenta rotazione su fondo continuo, riflessi che scorrono sui bordi
Macro: {d}, giunture precise e superfici pulite
{S} fuori dallo studio: la stessa forma, ora in una strada viva all'ora blu
{S} nel suo momento migliore, scie di luce che passano
{S} su una superficie chiara e spoglia, spazio per il nome
[scene.fashion]
Una sagoma dietro un tessuto trasparente, si intuisce appena {s}
Una figura avanza verso la camera tra polvere e luce morbida, {s} in movimento
Macro: {d}, la luce scivola sulla trama
La testa si volta, capelli e stoffa sospesi nell'aria
{S}, ritratto frontale, sguardo forte, luce scolpita
{S} sul marmo, un'ombra lunga, spazio per il nome
[scene.travel]
Prima luce su {s}, la nebbia ancora tra le forme
Una persona con una piccola borsa entra nella vista di {s}
Da vicino: {d}, consumato dalle mani e dagli anni
Una porta si apre dall'ombra alla luce abbagliante, fuori {s}
Dall'alto {s}, figure minuscole, l'orizzonte spalancato
Crepuscolo su {s}, i primi lampioni, qualcuno guarda in silenzio
[scene.nature]
Foschia dell'alba, il primo raggio di sole tocca {s}
Il vento muove l'erba a onde, oltre l'erba {s}
Macro: {d}, una goccia di rugiada che trema
Le nuvole si aprono e una lama di luce attraversa {s}
{S} in tutta la sua maestà, dall'alto, un uccello attraversa l'aria
{S} sotto il cielo della sera, l'acqua immobile
[scene.people]
Una figura di spalle alla finestra, prima luce: {s}
Mani al lavoro di ogni giorno, oggetti familiari intorno: {s}
Da vicino: {d}, pelle e luce, fuoco corto
Uno sguardo che si alza, vento tra i capelli, tutta la storia negli occhi
{S}, faccia a faccia con la camera, un sorriso che affiora
Un sentiero solitario verso la luce della sera, e sul sentiero {s}
[scene.event]
Figure in controluce, ancora senza volto, si preparano: {s}
Mani che si incontrano, una risata nervosa, i preparativi: {s}
Primo piano: {d}, occhi lucidi, fuoco corto
Tutti si voltano verso lo stesso punto; si trattiene il respiro
{S}: un abbraccio al centro, coriandoli e luci sfocate
Due persone di spalle si allontanano nella luce calda, dietro {s}
[scene.sport]
Un campo vuoto prima dell'alba, una sola figura si allaccia le scarpe: {s}
Piedi che battono a terra, polvere e sudore, {s} a pieno ritmo
Macro: {d}, gocce di sudore nell'aria
Una caduta; una mano a terra; poi ci si rialza
{S} nell'istante decisivo, fermo a mezz'aria contro le luci
L'atleta in piedi, il respiro, dietro {s}, sole basso
[scene.business]
Una lampada si accende in un ufficio buio, appunti alla parete: {s}
Una piccola squadra intorno a un tavolo, schizzi e schermi: {s}
Da vicino: {d}, un dito traccia una linea decisa
Una sedia vuota, una porta chiusa; poi una luce sotto la porta
{S} davanti alle sue persone, la luce del giorno inonda la sala
La città al tramonto dietro il vetro, riflesso nel vetro: {s}
[say]
logline: In {n} secondi, {s}: da un primo sguardo a un momento che resta.
logline: Un film di {n} secondi, tono {tone}: {s} in {beats} inquadrature.
title: {S}
title: {S}, il film
intent: Un film di {n} secondi dal tono {tone}, il soggetto: {s}.
recall: L'utente chiede un film come l'altra volta; {title} è il suo progetto precedente più vicino, quindi ne restano stile, tono e formato.
helps: Un progetto precedente, {title}, ha un soggetto simile; se ne è tenuto conto solo per l'aspetto.
dish: il piatto del giorno
food: il buon cibo
travel: un viaggio
fashion: la moda
default_subject: una piccola storia
constraint: Modifica richiesta: {f}
answer: Un pensiero, {s}: mostrare un dettaglio vero, lasciarlo respirare, e far dire il resto alle immagini.
"""
