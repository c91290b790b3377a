"""As frases e as imagens em português: the Portuguese lines and pictures, in the same sections as the English ones."""
# ruff: noqa: E501

TEXT = """
[hook.calm]
Antes do barulho do dia, há isto: {s}.
Há coisas que só se veem devagar. {S}, por exemplo.
Olhe outra vez. {S}, como se fosse a primeira.
[hook.dynamic]
Três. Dois. Um. {S}.
Um piscar de olhos e passou: {s}.
Começa sem avisar. {S}. Agora.
[hook.playful]
Ei, você. Sim, você. Conhece {s}?
Atenção: depois disto só vai querer uma coisa. {S}.
[build.calm]
Não aconteceu numa noite. Cada dia deixou alguma coisa.
A paciência faz a parte silenciosa do trabalho.
Mãos que sabem, olhos que esperam. Aqui ninguém tem pressa.
[build.dynamic]
Mais rápido. Mais perto. Sem segunda tomada.
Um gesto chama o outro, e ninguém olha para trás.
O ritmo sobe, e tudo sobe com ele.
[build.playful]
O plano era simples. Até alguém dizer: e se exagerarmos?
Ninguém ensaiou, e nota-se. Ainda bem.
Passo um: fazer. Passo dois: fazer a sorrir.
[detail.calm]
Chegue mais perto: {d}.
O segredo é tão pequeno que quase escapa: {d}.
Isto é o que a pressa não vê: {d}.
[detail.dynamic]
Mais perto. {D}. A força está aqui.
Cada detalhe conta: {d}.
Pare a imagem: {d}.
[detail.playful]
E isto? {D}. Podíamos olhar o dia inteiro.
Prova número um: {d}. A defesa descansa.
Ampliar, por favor: {d}. Obrigado.
[turn.calm]
E então, por um suspiro, tudo para.
Alguma coisa muda. O conhecido torna-se promessa.
Depois a luz vira, e começa outra história.
[turn.dynamic]
Pare. Respire. Outra vez, mais forte.
Achava que era só isso? Era o aquecimento.
Então muda o ritmo, e muda tudo.
[turn.playful]
Reviravolta: ainda melhora.
Aqui um filme sério ficaria sério. Este não.
E justamente quando pensava que podia olhar para o lado.
[climax.calm]
Tudo era para este momento.
{S}: nada a acrescentar, nada a tirar.
Aí está, enfim inteiro, o instante que esperávamos.
[climax.dynamic]
Tudo dentro. Nada guardado. {S}.
É agora: o segundo para o qual tudo nasceu.
Mais forte. Mais luz. {S} a toda a força.
[climax.playful]
Senhoras e senhores: {s}. O aplauso é opcional, mas provável.
Vá, confesse. Você também quer.
[close.calm]
{S}. Fique mais um pouco.
{S}. Há coisas que merecem o seu tempo.
Para levar consigo: {s}.
[close.dynamic]
{S}. É a sua vez.
{S}. Acompanhe, se puder.
Não olhe. Viva: {s}.
[close.playful]
{S}. Não diga que não avisamos.
{S}. Pode provocar sorrisos.
[place]
{P}, na hora em que a luz ainda não decidiu.
{P} acorda, e o dia ganha forma.
Em {p} todos sabem para onde olhar.
[brand]
{b}. {S}.
{S}, com a assinatura de {b}.
Isto é {b}.
[hook.food]
Primeiro chega o aroma. Depois, {s}.
[detail.food]
Sal, fogo, tempo. E um segredo: {d}.
[climax.food]
Um sabor, e a mesa fica em silêncio.
[hook.product]
Alguém perguntou o que se devia sentir. A resposta: {s}.
[detail.product]
Pensado até ao último milímetro: {d}.
[climax.product]
Não se liga. Liberta-se.
[hook.fashion]
Antes da primeira palavra há um gesto: {s}.
[detail.fashion]
Um toque, uma dobra, um rasto na pele: {d}.
[climax.fashion]
Não só se veste. Fica na memória.
[hook.travel]
Uma porta, uma estrada, um nome no mapa: {s}.
[detail.travel]
Nenhum guia fala disto: {d}.
[climax.travel]
Chega-se para ver. Fica-se para sentir.
[hook.nature]
Ninguém dirige esta cena. {S}, desde sempre.
[detail.nature]
Escute com os olhos: {d}.
[climax.nature]
Por um momento o mundo é tão grande como devia ser.
[hook.people]
Cada história tem um rosto. Esta começa assim: {s}.
[detail.people]
Um olhar diz o que as palavras estragariam: {d}.
[climax.people]
Daqui a muitos anos vão contar este momento.
[hook.sport]
O corpo diz chega. {S} diz: mais uma vez.
[detail.sport]
Fôlego, pulso, e depois isto: {d}.
[climax.sport]
A meta não estava lá fora. Estava aqui dentro.
[hook.business]
Por trás de cada número há alguém que tentou. É disto que se trata: {s}.
[detail.business]
As boas ideias, depois, parecem óbvias: {d}.
[climax.business]
O que pedia meses agora pede uma decisão.
[scene.any]
Ecrã escuro; um só feixe de luz encontra {s}
Abre-se o mundo à volta: {s}, a luz enche devagar a cena
Muito perto: {d}, a matéria enche o quadro
Uma mudança súbita de luz, silhuetas que passam diante de {s}
{S} no centro, em plena luz, sem mais nada em volta
{S} ao longe, em calma, com espaço vazio em cima para o título
[scene.food]
Vapor que sobe sobre um fundo escuro, e no vapor aparece {s}
Mãos que trabalham numa mesa de madeira com farinha, prepara-se {s}
Macro: {d}, cada migalha e cada gota à vista
Uma chama ergue-se e ilumina os rostos em volta: {s}
{S} no centro da mesa posta, mãos que chegam de todos os lados
O último pedaço, {s}, numa mesa rústica, luz quente da tarde pela janela
[scene.product]
Uma linha de luz desenha o contorno no escuro: {s}
{S} a girar devagar em fundo contínuo, reflexos que correm pelas arestas
Macro: {d}, juntas precisas e superfícies limpas
{S} fora do estúdio: a mesma forma, agora numa rua viva à hora azul
{S} no seu melhor momento, rastos de luz que passam
{S} sobre uma superfície clara e nua, espaço para o nome
[scene.fashion]
Uma silhueta atrás de um tecido translúcido, mal se adivinha {s}
Uma figura avança para a câmara entre poeira e luz suave, {s} em movimento
Macro: {d}, a luz desliza sobre a trama
A cabeça vira-se, cabelo e tecido suspensos no ar
{S}, retrato frontal, olhar forte, luz esculpida
{S} sobre mármore, uma sombra longa, espaço para o nome
[scene.travel]
Primeira luz sobre {s}, a névoa ainda entre as formas
Alguém com um saco pequeno entra na vista: {s}
De perto: {d}, gasto pelas mãos e pelos anos
Uma porta abre-se da sombra para a luz, lá fora {s}
Do alto {s}, figuras minúsculas, o horizonte aberto
Crepúsculo sobre {s}, as primeiras luzes da rua, alguém olha em silêncio
[scene.nature]
Névoa da madrugada, o primeiro raio de sol toca {s}
O vento move a erva em ondas, mais além {s}
Macro: {d}, uma gota de orvalho que treme
As nuvens abrem-se e uma faixa de luz atravessa {s}
{S} em toda a majestade, do alto, um pássaro atravessa o céu
{S} sob o céu da tarde, a água imóvel
[scene.people]
Uma figura de costas à janela, primeira luz: {s}
Mãos no trabalho de cada dia, objetos familiares em volta: {s}
De perto: {d}, pele e luz, foco curto
Um olhar que se ergue, vento no cabelo, toda a história nos olhos
{S}, frente a frente com a câmara, um sorriso que aparece
Um caminho solitário para a luz da tarde, e nele {s}
[scene.event]
Figuras em contraluz, ainda sem rosto, preparam-se: {s}
Mãos que se encontram, um riso nervoso, os preparativos: {s}
Grande plano: {d}, olhos brilhantes, foco curto
Todos se viram para o mesmo ponto; prende-se a respiração
{S}: um abraço no centro, confetes e luzes desfocadas
Duas pessoas de costas afastam-se para a luz quente, atrás {s}
[scene.sport]
Um campo vazio antes da madrugada, uma só figura aperta os ténis: {s}
Pés que batem no chão, pó e suor, {s} em pleno ritmo
Macro: {d}, gotas de suor no ar
Uma queda; uma mão no chão; depois levantar-se
{S} no instante decisivo, parado no ar contra as luzes
O atleta de pé, a respiração, atrás {s}, sol baixo
[scene.business]
Uma lâmpada acende-se num escritório escuro, notas na parede: {s}
Uma equipa pequena à volta de uma mesa, esboços e ecrãs: {s}
De perto: {d}, um dedo traça uma linha decidida
Uma cadeira vazia, uma porta fechada; depois uma luz sob a porta
{S} diante da sua gente, a luz do dia inunda a sala
A cidade ao fim da tarde atrás do vidro, reflexo no vidro: {s}
[say]
logline: Em {n} segundos, {s}: de um primeiro olhar a um momento que fica.
logline: Um filme de {n} segundos, tom {tone}: {s} em {beats} planos.
title: {S}
title: {S}, o filme
intent: Um filme de {n} segundos de tom {tone}, o tema: {s}.
recall: O utilizador pede um filme como da última vez; {title} é o projeto anterior mais próximo, por isso mantêm-se o estilo, o tom e o formato.
helps: Um projeto anterior, {title}, trata um tema parecido; só o seu aspeto foi tido em conta.
dish: o prato do dia
food: a boa comida
travel: uma viagem
fashion: a moda
default_subject: uma pequena história
constraint: Alteração pedida: {f}
answer: Uma ideia, {s}: mostrar um detalhe verdadeiro, deixá-lo respirar, e a imagem diz o resto.
"""
