"""Las frases y las imágenes en español: the Spanish lines and pictures, in the same sections as the English ones."""
# ruff: noqa: E501

TEXT = """
[hook.calm]
Antes del ruido del día está esto: {s}.
Hay cosas que solo se ven despacio. {S}, por ejemplo.
Mira otra vez. {S}, como si fuera la primera.
[hook.dynamic]
Tres. Dos. Uno. {S}.
Un parpadeo y se va: {s}.
Empieza sin avisar. {S}. Ahora.
[hook.playful]
Eh, tú. Sí, tú. ¿Conoces {s}?
Aviso: después de esto solo querrás una cosa. {S}.
[build.calm]
No pasó en una noche. Cada día dejó algo.
La paciencia hace la parte callada del trabajo.
Manos que saben, ojos que esperan. Aquí nadie tiene prisa.
[build.dynamic]
Más rápido. Más cerca. Sin segunda toma.
Un gesto llama al siguiente, y nadie mira atrás.
Sube el ritmo, y con él sube todo lo demás.
[build.playful]
El plan era sencillo. Hasta que alguien dijo: ¿y si nos pasamos?
Nadie ensayó, y se nota. Menos mal.
Paso uno: hacerlo. Paso dos: hacerlo con una sonrisa.
[detail.calm]
Acércate: {d}.
El secreto es tan pequeño que casi se escapa: {d}.
Esto es lo que la prisa no ve: {d}.
[detail.dynamic]
Más cerca. {D}. Ahí está la fuerza.
Cada detalle golpea: {d}.
Congela ahí: {d}.
[detail.playful]
¿Y esto? {D}. Podríamos mirarlo todo el día.
Prueba número uno: {d}. La defensa descansa.
Ampliar, por favor: {d}. Gracias.
[turn.calm]
Y entonces, durante un suspiro, todo se detiene.
Algo cambia. Lo conocido se vuelve promesa.
Después gira la luz, y empieza otra historia.
[turn.dynamic]
Para. Respira. Otra vez, más fuerte.
¿Creías que eso era todo? Era el calentamiento.
Entonces cambia el ritmo, y cambia todo.
[turn.playful]
Giro de guion: todavía mejora.
Aquí una película seria se pondría seria. Esta no.
Y justo cuando creías que podías mirar a otro lado.
[climax.calm]
Todo era para este momento.
{S}: nada que añadir, nada que quitar.
Ahí está, por fin entero, el instante que esperábamos.
[climax.dynamic]
Todo dentro. Sin guardar nada. {S}.
Es ahora: el segundo para el que nació todo.
Más fuerte. Más luz. {S} a toda potencia.
[climax.playful]
Señoras y señores: {s}. El aplauso es opcional, pero probable.
Venga, admítelo. Tú también lo quieres.
[close.calm]
{S}. Quédate un poco más.
{S}. Hay cosas que merecen su tiempo.
Para llevar siempre: {s}.
[close.dynamic]
{S}. Te toca.
{S}. Sigue el ritmo, si puedes.
No mires. Vive: {s}.
[close.playful]
{S}. No digas que no te avisamos.
{S}. Puede provocar sonrisas.
[place]
{P}, a la hora en que la luz aún no ha decidido.
{P} despierta, y el día toma forma.
En {p} todos saben adónde mirar.
[brand]
{b}. {S}.
{S}, con la firma de {b}.
Esto es {b}.
[hook.food]
Primero llega el aroma. Luego, {s}.
[detail.food]
Sal, fuego, tiempo. Y un secreto: {d}.
[climax.food]
Un sabor, y la mesa se queda en silencio.
[hook.product]
Alguien se preguntó qué debía sentirse. La respuesta: {s}.
[detail.product]
Pensado hasta el último milímetro: {d}.
[climax.product]
No se enciende. Se libera.
[hook.fashion]
Antes de la primera palabra hay un gesto: {s}.
[detail.fashion]
Un roce, un pliegue, una huella en la piel: {d}.
[climax.fashion]
No solo se lleva. Se recuerda.
[hook.travel]
Una puerta, un camino, un nombre en el mapa: {s}.
[detail.travel]
Ninguna guía lo cuenta: {d}.
[climax.travel]
Se llega para ver. Se queda uno para sentir.
[hook.nature]
Nadie dirige esta escena. {S}, desde siempre.
[detail.nature]
Escucha con los ojos: {d}.
[climax.nature]
Por un momento el mundo es tan grande como debería.
[hook.people]
Cada historia tiene un rostro. Esta empieza así: {s}.
[detail.people]
Una mirada dice lo que las palabras estropearían: {d}.
[climax.people]
Dentro de muchos años contarán este momento.
[hook.sport]
El cuerpo dice basta. {S} dice: una vez más.
[detail.sport]
Aliento, pulso, y después esto: {d}.
[climax.sport]
La meta no estaba ahí fuera. Estaba aquí dentro.
[hook.business]
Detrás de cada número hay alguien que lo intentó. De eso va esto: {s}.
[detail.business]
Las buenas ideas, después, parecen obvias: {d}.
[climax.business]
Lo que pedía meses, ahora pide una decisión.
[scene.any]
Pantalla oscura; un solo haz de luz encuentra {s}
Se abre el mundo alrededor de {s}, la luz llena despacio la escena
Muy cerca: {d}, la materia llena el encuadre
Un cambio repentino de luz, siluetas que cruzan delante de {s}
{S} en el centro, a plena luz, sin nada más alrededor
{S} a lo lejos, en calma, con espacio vacío arriba para el título
[scene.food]
Vapor que sube sobre un fondo oscuro, y en el vapor aparece {s}
Manos que trabajan sobre una mesa de madera con harina, se prepara {s}
Macro: {d}, cada miga y cada gota a la vista
Una llama se levanta e ilumina los rostros alrededor de {s}
{S} en el centro de la mesa puesta, manos que llegan de todos lados
El último trozo, {s}, en una mesa rústica, luz cálida de la tarde por la ventana
[scene.product]
Una línea de luz dibuja el contorno en la oscuridad: {s}
{S} girando despacio sobre fondo continuo, reflejos que recorren los bordes
Macro: {d}, juntas precisas y superficies limpias
{S} fuera del estudio: la misma forma, ahora en una calle viva a la hora azul
{S} en su mejor momento, estelas de luz que pasan
{S} sobre una superficie clara y desnuda, espacio para el nombre
[scene.fashion]
Una silueta tras una tela translúcida, apenas se adivina {s}
Una figura avanza hacia la cámara entre polvo y luz suave, {s} en movimiento
Macro: {d}, la luz resbala sobre la trama
La cabeza gira, pelo y tela suspendidos en el aire
{S}, retrato frontal, mirada fuerte, luz esculpida
{S} sobre mármol, una sombra larga, espacio para el nombre
[scene.travel]
Primera luz sobre {s}, la niebla aún entre las formas
Alguien con una bolsa pequeña entra en la vista de {s}
De cerca: {d}, gastado por las manos y los años
Una puerta se abre de la sombra a la luz, fuera {s}
Desde el aire {s}, figuras diminutas, el horizonte abierto
Crepúsculo sobre {s}, las primeras farolas, alguien mira en silencio
[scene.nature]
Bruma del alba, el primer rayo de sol toca {s}
El viento mueve la hierba en olas, más allá {s}
Macro: {d}, una gota de rocío que tiembla
Las nubes se abren y una franja de luz cruza {s}
{S} en toda su majestad, desde el aire, un pájaro cruza
{S} bajo el cielo de la tarde, el agua inmóvil
[scene.people]
Una figura de espaldas en la ventana, primera luz: {s}
Manos en el trabajo de cada día, objetos familiares alrededor: {s}
De cerca: {d}, piel y luz, foco corto
Una mirada que se alza, viento en el pelo, toda la historia en los ojos
{S}, cara a cara con la cámara, una sonrisa que asoma
Un sendero solitario hacia la luz de la tarde, y en él {s}
[scene.event]
Figuras a contraluz, aún sin rostro, se preparan: {s}
Manos que se encuentran, una risa nerviosa, los preparativos: {s}
Primer plano: {d}, ojos brillantes, foco corto
Todos se vuelven hacia el mismo punto; se contiene el aliento
{S}: un abrazo en el centro, confeti y luces desenfocadas
Dos personas de espaldas se alejan hacia la luz cálida, detrás {s}
[scene.sport]
Un campo vacío antes del alba, una sola figura se ata las zapatillas: {s}
Pies que golpean el suelo, polvo y sudor, {s} a pleno ritmo
Macro: {d}, gotas de sudor en el aire
Una caída; una mano en el suelo; y luego levantarse
{S} en el instante decisivo, detenido en el aire contra las luces
El atleta de pie, la respiración, detrás {s}, sol bajo
[scene.business]
Una lámpara se enciende en una oficina oscura, notas en la pared: {s}
Un equipo pequeño alrededor de una mesa, bocetos y pantallas: {s}
De cerca: {d}, un dedo traza una línea decidida
Una silla vacía, una puerta cerrada; luego una luz bajo la puerta
{S} delante de su gente, la luz del día inunda la sala
La ciudad al atardecer tras el cristal, reflejo en el cristal: {s}
[say]
logline: En {n} segundos, {s}: de una primera mirada a un momento que se queda.
logline: Una película de {n} segundos, tono {tone}: {s} en {beats} planos.
title: {S}
title: {S}, la película
intent: Una película de {n} segundos de tono {tone}, el tema: {s}.
recall: El usuario pide una película como la última vez; {title} es su proyecto anterior más cercano, así que se mantienen su estilo, tono y formato.
helps: Un proyecto anterior, {title}, trata un tema parecido; solo se ha tenido en cuenta su aspecto.
dish: el plato del día
food: la buena comida
travel: un viaje
fashion: la moda
default_subject: una pequeña historia
constraint: Cambio pedido: {f}
answer: Una idea, {s}: mostrar un detalle verdadero, dejarlo respirar, y que la imagen diga el resto.
"""
