"""Les phrases et les images en français: the French lines and pictures, in the same sections as the English ones."""
# ruff: noqa: E501

TEXT = """
[hook.calm]
Avant le bruit du jour, il y a ceci : {s}.
Certaines choses ne se voient qu'en ralentissant. {S}, par exemple.
Regarde encore. {S}, comme la première fois.
[hook.dynamic]
Trois. Deux. Un. {S}.
Un battement de cils et c'est passé : {s}.
Cela commence sans prévenir. {S}. Maintenant.
[hook.playful]
Hé, toi. Oui, toi. Tu connais {s} ?
Attention : après ce film, une seule envie. {S}.
[build.calm]
Rien n'est arrivé en une nuit. Chaque jour a laissé sa trace.
La patience fait la part silencieuse du travail.
Des mains qui savent, des yeux qui attendent. Ici, rien ne presse.
[build.dynamic]
Plus vite. Plus près. Sans deuxième prise.
Un geste appelle le suivant, et personne ne se retourne.
Le rythme monte, et tout monte avec lui.
[build.playful]
Le plan était simple. Puis quelqu'un a dit : et si on exagérait ?
Personne n'a répété, et cela se voit. Tant mieux.
Étape un : le faire. Étape deux : le faire en souriant.
[detail.calm]
Approche : {d}.
Le secret est si petit qu'on le manque : {d}.
Voici ce que les pressés ne voient pas : {d}.
[detail.dynamic]
Plus près. {D}. Toute la force est là.
Chaque détail frappe : {d}.
Arrêt sur image : {d}.
[detail.playful]
Et ça ? {D}. On pourrait le regarder toute la journée.
Pièce à conviction : {d}. La défense se repose.
Agrandir, s'il vous plaît : {d}. Merci.
[turn.calm]
Et puis, le temps d'un souffle, tout s'arrête.
Quelque chose bascule. Le familier devient promesse.
Puis la lumière tourne, et une autre histoire commence.
[turn.dynamic]
Stop. Respire. Encore, plus fort.
Tu croyais que c'était tout ? C'était l'échauffement.
Puis le rythme change, et tout change.
[turn.playful]
Rebondissement : il y a encore mieux.
Ici, un film sérieux deviendrait sérieux. Pas celui-ci.
Et juste au moment où tu pensais pouvoir regarder ailleurs.
[climax.calm]
Tout était pour cet instant.
{S} : rien à ajouter, rien à retirer.
Le voici enfin, entier, le moment attendu.
[climax.dynamic]
Tout donner. Ne rien garder. {S}.
Nous y sommes : la seconde pour laquelle tout est né.
Plus fort. Plus de lumière. {S} à pleine puissance.
[climax.playful]
Mesdames et messieurs : {s}. Applaudir est facultatif, mais probable.
Allez, avoue. Toi aussi, tu le veux.
[close.calm]
{S}. Reste encore un peu.
{S}. Certaines choses méritent leur temps.
À garder en soi : {s}.
[close.dynamic]
{S}. À toi de jouer.
{S}. Suis le rythme, si tu peux.
Ne regarde pas. Vis : {s}.
[close.playful]
{S}. On t'avait prévenu.
{S}. Peut provoquer des sourires.
[place]
{P}, à l'heure où la lumière hésite encore.
{P} s'éveille, et la journée prend forme.
À {p}, chacun sait où regarder.
[brand]
{b}. {S}.
{S}, signé {b}.
Voici {b}.
[hook.food]
D'abord arrive l'odeur. Ensuite, {s}.
[detail.food]
Le sel, le feu, le temps. Et un secret : {d}.
[climax.food]
Un goût, et toute la table se tait.
[hook.product]
Quelqu'un s'est demandé ce qu'il fallait ressentir. La réponse : {s}.
[detail.product]
Pensé au dernier millimètre : {d}.
[climax.product]
Cela ne s'allume pas. Cela se libère.
[hook.fashion]
Avant le premier mot, il y a un geste : {s}.
[detail.fashion]
Un toucher, un pli, une trace sur la peau : {d}.
[climax.fashion]
On ne le porte pas seulement. On s'en souvient.
[hook.travel]
Une porte, une route, un nom sur la carte : {s}.
[detail.travel]
Aucun guide n'en parle : {d}.
[climax.travel]
On vient pour voir. On reste pour sentir.
[hook.nature]
Personne ne dirige cette scène. {S}, depuis toujours.
[detail.nature]
Écoute avec les yeux : {d}.
[climax.nature]
Un instant, le monde est aussi vaste qu'il devrait l'être.
[hook.people]
Chaque histoire a un visage. Celle-ci commence ainsi : {s}.
[detail.people]
Un regard dit ce que les mots gâcheraient : {d}.
[climax.people]
Dans bien des années, c'est ce moment qu'on racontera.
[hook.sport]
Le corps dit assez. {S} dit : encore une fois.
[detail.sport]
Le souffle, le pouls, et puis ceci : {d}.
[climax.sport]
La ligne d'arrivée n'était pas là-bas. Elle était en nous.
[hook.business]
Derrière chaque chiffre, quelqu'un a essayé. Voici de quoi il s'agit : {s}.
[detail.business]
Les bonnes idées paraissent évidentes, après : {d}.
[climax.business]
Ce qui demandait des mois demande une décision.
[scene.any]
Écran noir ; un seul rayon de lumière trouve {s}
Le monde s'ouvre autour : {s}, la lumière emplit lentement la scène
De tout près : {d}, la matière emplit le cadre
Un changement soudain de lumière, des silhouettes passent devant {s}
{S} au centre, en pleine lumière, sans rien d'autre autour
{S} au loin, dans le calme, un espace vide en haut pour le titre
[scene.food]
De la vapeur monte sur un fond sombre, et dans la vapeur apparaît {s}
Des mains à l'œuvre sur une table en bois farinée, on prépare {s}
Macro : {d}, chaque miette et chaque goutte visibles
Une flamme s'élève et éclaire les visages autour : {s}
{S} au centre de la table dressée, des mains venues de partout
Le dernier morceau, {s}, sur une table rustique, lumière chaude du soir par la fenêtre
[scene.product]
Une ligne de lumière dessine le contour dans le noir : {s}
{S} en lente rotation sur fond continu, des reflets glissent sur les bords
Macro : {d}, jointures précises et surfaces nettes
{S} hors du studio : la même forme, dans une rue animée à l'heure bleue
{S} à son meilleur moment, des traînées de lumière passent
{S} sur une surface claire et nue, de la place pour le nom
[scene.fashion]
Une silhouette derrière un tissu translucide, on devine {s}
Une figure avance vers la caméra dans la poussière et la lumière douce, {s} en mouvement
Macro : {d}, la lumière glisse sur la trame
La tête se tourne, cheveux et tissu suspendus dans l'air
{S}, portrait de face, regard fort, lumière sculptée
{S} sur du marbre, une ombre longue, de la place pour le nom
[scene.travel]
Première lumière sur {s}, la brume encore entre les formes
Quelqu'un avec un petit sac entre dans la vue : {s}
De près : {d}, usé par les mains et les années
Une porte s'ouvre de l'ombre vers la lumière, dehors {s}
Vue du ciel : {s}, des figures minuscules, l'horizon ouvert
Crépuscule sur {s}, les premiers réverbères, quelqu'un regarde en silence
[scene.nature]
Brume de l'aube, le premier rayon de soleil touche {s}
Le vent couche l'herbe en vagues, au-delà {s}
Macro : {d}, une goutte de rosée tremble
Les nuages s'ouvrent et une lame de lumière traverse {s}
{S} dans toute sa majesté, vu du ciel, un oiseau passe
{S} sous le ciel du soir, l'eau immobile
[scene.people]
Une silhouette de dos à la fenêtre, première lumière : {s}
Des mains à leur travail de chaque jour, des objets familiers autour : {s}
De près : {d}, peau et lumière, faible profondeur
Un regard qui se lève, le vent dans les cheveux, toute l'histoire dans les yeux
{S}, face à la caméra, un sourire qui affleure
Un sentier solitaire vers la lumière du soir, et sur ce sentier {s}
[scene.event]
Des figures à contre-jour, encore sans visage, se préparent : {s}
Des mains se rencontrent, un rire nerveux, les préparatifs : {s}
Gros plan : {d}, les yeux brillants, faible profondeur
Tous se tournent vers le même point ; le souffle se retient
{S} : une étreinte au centre, confettis et lumières floues
Deux personnes de dos s'éloignent dans la lumière chaude, derrière {s}
[scene.sport]
Un terrain vide avant l'aube, une seule figure lace ses chaussures : {s}
Des pieds frappent le sol, poussière et sueur, {s} en plein rythme
Macro : {d}, des gouttes de sueur dans l'air
Une chute ; une main au sol ; puis se relever
{S} à l'instant décisif, suspendu dans l'air contre les lumières
L'athlète debout, le souffle, derrière {s}, soleil bas
[scene.business]
Une lampe s'allume dans un bureau sombre, des notes au mur : {s}
Une petite équipe autour d'une table, croquis et écrans : {s}
De près : {d}, un doigt trace une ligne décidée
Une chaise vide, une porte fermée ; puis une lumière sous la porte
{S} devant son équipe, la lumière du jour inonde la salle
La ville au crépuscule derrière la vitre, reflet dans la vitre : {s}
[say]
logline: En {n} secondes, {s} : d'un premier regard à un moment qui reste.
logline: Un film de {n} secondes, ton {tone} : {s} en {beats} plans.
title: {S}
title: {S}, le film
intent: Un film de {n} secondes au ton {tone}, le sujet : {s}.
recall: L'utilisateur demande un film comme la dernière fois ; {title} est son projet précédent le plus proche, son style, son ton et son format sont donc conservés.
helps: Un projet précédent, {title}, porte sur un sujet proche ; seul son aspect a été pris en compte.
dish: le plat du jour
food: la bonne cuisine
travel: un voyage
fashion: la mode
default_subject: une petite histoire
constraint: Modification demandée : {f}
answer: Une idée, {s} : montrer un détail vrai, le laisser respirer, et laisser l'image dire le reste.
"""
