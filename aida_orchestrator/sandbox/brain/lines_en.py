"""The English lines and pictures; each section is a part of the arc, {s} is the subject, {d} a detail of it."""
# ruff: noqa: E501

TEXT = """
[hook.calm]
Before the noise of the day, there is this: {s}.
Some things you notice only when you slow down. {S}, for one.
Look once more. {S}, as if for the first time.
[hook.dynamic]
Three. Two. One. {S}.
Blink and it is gone: {s}.
It starts without warning. {S}. Now.
[hook.playful]
Psst. Yes, you. Have you met {s}?
Warning: after this you will want {s} too.
[build.calm]
It did not happen overnight. Every day left something behind.
Patience does the quiet part of the work.
Hands that know, eyes that wait. Nothing here is in a hurry.
[build.dynamic]
Faster. Closer. No second take.
One move leads to the next, and nobody looks back.
The rhythm climbs, and {s} climbs with it.
[build.playful]
The plan was simple. Then somebody said: why not more?
Nobody asked for a rehearsal, and it shows. Beautifully.
Step one: do it. Step two: do it with a grin.
[detail.calm]
Come closer: {d}.
The secret is small enough to miss: {d}.
Here is what the hurried never see: {d}.
[detail.dynamic]
Zoom in. {D}. That is where the power sits.
Every detail hits: {d}.
Freeze it right there: {d}.
[detail.playful]
And this? {D}. We could look at it all day.
Exhibit A: {d}. The defence rests.
Magnify, please: {d}. Thank you.
[turn.calm]
And then, for one breath, everything stands still.
Something shifts. What was familiar becomes a promise.
Then the light changes, and {s} tells another story.
[turn.dynamic]
Stop. Breathe. Again, harder.
You thought that was all? That was the warm-up.
Then the beat drops, and everything turns.
[turn.playful]
Plot twist: it gets even better.
At this point a serious film would get serious. Not this one.
And just when you thought you could look away.
[climax.calm]
This is the moment all of it was for.
{S}: nothing to add, nothing to take away.
And there it is, whole at last.
[climax.dynamic]
All in. Nothing held back. {S}.
This is it: the second that everything was built for.
Louder. Brighter. {S} at full power.
[climax.playful]
Ladies and gentlemen: {s}. Applause is optional, but likely.
Go on, admit it. You want it now.
[close.calm]
{S}. Stay a little longer.
{S}. Some things are worth the time they take.
Carry it with you: {s}.
[close.dynamic]
{S}. Your move.
{S}. Catch up if you can.
Do not watch. Live it: {s}.
[close.playful]
{S}. Do not say we did not warn you.
{S}. Side effects include smiling.
[place]
{P}, at the hour when the light is still undecided.
{P} wakes up, and with it the story of {s}.
In {p} everybody knows where to look.
[brand]
{b}. {S}.
{S}, signed {b}.
This is {b}.
[hook.food]
The scent arrives first. Then {s}.
[detail.food]
Salt, fire, time, and one secret: {d}.
[climax.food]
One taste, and the whole table falls silent.
[hook.product]
Someone asked how it should feel. The answer is {s}.
[detail.product]
Designed to the last millimetre: {d}.
[climax.product]
You do not switch it on. You set it free.
[hook.fashion]
Before the first word, there is a gesture: {s}.
[detail.fashion]
A touch, a fold, a trace on the skin: {d}.
[climax.fashion]
It is not worn. It is remembered.
[hook.travel]
A door, a road, a name on the map: {s}.
[detail.travel]
No guidebook mentions this: {d}.
[climax.travel]
You came to see. You stay to feel.
[hook.nature]
Nobody directs this scene. {S}, as it has always been.
[detail.nature]
Listen with your eyes: {d}.
[climax.nature]
For a moment the world is as wide as it should be.
[hook.people]
Every story has a face. This one begins with {s}.
[detail.people]
A look says what words would spoil: {d}.
[climax.people]
Years from now, this is the moment they will tell.
[hook.sport]
The body says enough. {S} says once more.
[detail.sport]
Breath, pulse, and then this: {d}.
[climax.sport]
The finish line was never out there. It was in here.
[hook.business]
Behind every number there is someone who tried. This is {s}.
[detail.business]
Good ideas have a habit of looking obvious: {d}.
[climax.business]
What used to take a department now takes a decision.
[scene.any]
{S}, found by a single beam of light in a dark frame
The wider world around {s} comes into view as light slowly fills the scene
Very close on {d}, textures filling the frame
A sudden change of light, silhouettes crossing in front of {s}
{S} at the centre of the frame in full light, nothing else competing
{S} seen from afar, calm, with empty space above for the title
[scene.food]
Steam rising against a dark background, {s} appearing through it
Hands at work on a floured wooden table, preparing {s}
Macro of {d}, glistening, every crumb and drop visible
A flame leaps up and lights the faces around {s}
{S} served at the centre of a laid table, hands reaching in from all sides
The last piece of {s} on a rustic table, warm evening light through the window
[scene.product]
A line of light traces the outline of {s} in the dark
{S} turning slowly on a seamless background, reflections gliding along the edges
Macro of {d}, precise joints and clean surfaces
{S} leaves the studio: the same shape, now in a busy street at blue hour
{S} in use at its best moment, light streaking past
{S} alone on a bright plain surface, space left for the name
[scene.fashion]
A silhouette behind translucent fabric, {s} barely guessed
A figure walks towards the camera through soft dust and light, {s} in motion
Macro of {d}, light sliding over the texture
A turn of the head, hair and fabric caught mid-air
{S} in a frontal portrait, strong gaze, sculpted light
{S} resting on marble, a long shadow, space for the name
[scene.travel]
First light over {s}, mist still lying between the shapes
A traveller with a small bag walks into the view of {s}
Close on {d}, worn by the hands and years that passed over it
A door opens from shade into dazzling light, with {s} outside
Aerial view of {s}, tiny figures, the horizon wide open
Dusk over {s}, the first lamps lit, a lone figure watching
[scene.nature]
Dawn haze, and the first ray of sun touching {s}
Wind moves through the grass in waves, {s} beyond it
Macro of {d}, a dewdrop trembling
Clouds tear open and a shaft of light sweeps across {s}
{S} in full majesty, seen from above, a single bird crossing
{S} under the evening sky, the water perfectly still
[scene.people]
A figure seen from behind at a window, first light: {s}
Hands at their daily work, familiar things around: {s}
Close on {d}, skin and light, shallow focus
A sudden look up, wind in the hair, the whole story in the eyes
{S}, face to face with the camera, a quiet smile breaking through
A lone path towards the evening light, and on it {s}
[scene.event]
Backlit figures, still faceless, getting ready for {s}
Hands meeting, a nervous laugh, the preparations for {s}
Close-up of {d}, eyes bright, shallow focus
Everyone turns towards the same point; a breath is held
{S}: an embrace at the centre, confetti and lights out of focus
Two people from behind, walking away from {s} into warm light
[scene.sport]
An empty arena before dawn, a single figure tying a shoelace for {s}
Feet hitting the ground, dust and sweat, {s} at full rhythm
Macro of {d}, drops of sweat flying off
A fall; one hand pressed on the ground; then the rise
{S} at the decisive instant, frozen mid-air against the lights
The athlete alone, breathing, {s} behind, sun low
[scene.business]
A desk lamp switched on in a dark office, notes about {s} on the wall
A small team around a table, sketches and screens showing {s}
Close on {d}, a finger drawing one decisive line
An empty chair, a closed door; then a light under it
{S} in front of its people, daylight flooding a wide room
The city at dusk through glass, {s} reflected in it
[say]
logline: In {n} seconds, {s} goes from a first glimpse to a moment that stays.
logline: A {tone} {n}-second film about {s}, told in {beats} shots.
title: {S}
title: {S}: the film
intent: A {tone} film of {n} seconds about {s}.
recall: The user asks for a film like last time; {title} is their closest earlier project, so its style, tone and format are kept.
helps: An earlier project, {title}, is about a similar subject; only its look was taken into account.
dish: the dish of the day
food: good food
travel: a journey
fashion: fashion
default_subject: a small story
constraint: Refinement asked: {f}
answer: Here is a thought about {s}: show one true detail, let it breathe, and let the picture say the rest.
"""
