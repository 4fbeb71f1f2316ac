"""Knock-knock jokes with made-up names, and those of ours told by either side in many ways of writing."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpora.exercises.names import Side, name
from corpora.exercises.writing import written

Random = random.Random
Dialogue = list[str]
Talk = Callable[[Random], Dialogue]  # draws a few turns of small talk

OPENINGS = (
    "Knock, knock!", "Knock, knock.", "Knock knock!", "Knock knock.", "knock knock", "Knock knock", "knock, knock",
    "knock knock!", "KNOCK KNOCK", "KNOCK KNOCK!", "Knock-knock.", "knock-knock", "Knock-knock!", "Knock! Knock!",
    "knock... knock...", "Knock, knock", "knock knock!!", "Knock Knock", "*knock knock*", "knock knock :)",
    "Knock Knock!",
    "knock knock...", "knock, knock!", "Knock, Knock!", "KNOCK, KNOCK!", "knock. knock.", "Knock knock?", "knockknock",
    "hey, knock knock", "ok, knock knock", "Knock knock, my friend!", "so... knock knock", "Hi! Knock, knock!",
    "knock knock who's there", "Knock knock, who's there?", "knock knock whos there", "Knock, knock! Who's there?",
    "Here is a joke. Knock, knock!", "I have one: knock knock", "another one! knock knock", "My turn. Knock, knock.",
    "nock nock", "knok knok", "kock knock", "knock knokc", "Knock knock knock!", "knock  knock", "(knock knock)",
    "Toc toc",
    "knock knock lol", "well, knock knock!", "Knock, knock, anybody home?", "hello? knock knock", "\"Knock, knock!\"",
    "Knock, knock, rnnchat!", "knock knock rnnchat", "Okay, knock knock.", "Listen: knock, knock!", "KNOCK knock",
    "kNoCk KnOcK", "Knock;knock", "knock/knock", "Knock, knock!!!", "knock kncok", "Knock knock, it's me",
)  # fmt: skip
WHO_IS_THERE = (
    "Who's there?", "who's there?", "who's there", "whos there", "Whos there?", "Who is there?", "who is there",
    "Who's there", "WHO'S THERE?", "who there", "Who's there?!", "who's that?", "who's there then?", "Who is it?",
    "who is it", "whos there?", "Who's There?", "who's there!", "whose there?", "ok, who's there?", "hmm, who's there?",
    "Oh! Who's there?", "yes? who's there?", "Who goes there?",
)  # fmt: skip
ASKED = (
    "tell me a joke", "Tell me a joke.", "Tell me a joke!", "do you know a joke?", "Do you know any jokes?",
    "joke please",
    "Can you tell me a joke?", "can u tell a joke", "a joke please", "make me laugh", "Make me laugh!", "another joke",
    "Another one!", "one more joke", "tell another one", "tell me a knock knock joke", "Tell me a knock-knock joke.",
    "Do you know a knock knock joke?", "got any jokes?", "know any good jokes", "say something funny", "I want a joke",
    "Your turn, tell me one.", "now you", "now you tell one", "Your turn!", "joke!", "Joke?", "I could use a joke",
    "cheer me up with a joke", "I'd like to hear a joke", "more jokes!", "give me a joke", "Give me your best joke.",
    "please tell a joke", "do you have a joke for me?", "any jokes", "hit me with a joke", "tell me something funny",
    "knock knock joke please", "Could you tell me a joke?", "let's hear a joke", "tell us a joke", "Entertain me",
    "tell me one more", "tell me a different joke", "I love jokes, tell me one", "another knock knock joke please",
)  # fmt: skip
LAUGHS = (
    "haha", "Haha!", "lol", "Very funny.", "good one", "Good one!", "ha ha ha", "That's terrible!", "groan", "LOL",
    "hahaha",
    "that was bad", "I don't get it", "funny", "Ha!", "nice one", ":D", "oh no", "That was awful, I love it.",
    "not bad",
)  # fmt: skip
AFTER_OWN = (
    "Thank you, I am here all day!", "I learned that one at the door.", "Glad you liked it, or at least heard it.",
    "I have more where that came from.", "My best work, I believe.", "Shall I tell another?", "It is funnier at night.",
    "You are a kind audience.", "I laughed too, very quietly.", "That one never gets old, only me.", "Your turn now!",
    "I will bow, if you do not mind.", "Old, but it still knocks.", "Groans count as laughs here.", "I try my best.",
)  # fmt: skip
AFTER_THEIRS = (
    "Ha! That was a good one.", "Haha, you got me!", "Oh dear, I walked right into that.", "Hee hee! Tell me another.",
    "Very good! I did not see that coming.", "That one made me giggle.", "Groan! But a happy groan.",
    "Ha ha, well played!",
    "I should have kept that door shut!", "Lovely. I will remember the door.", "You are funny!",
    "Oh, that is silly. I like it.",
    "Ha! My door will never be the same.", "Good one! Do you have more?", "I laughed in three letters: hee.",
    "That is so bad that it is good.", "Clever! I am still smiling.", "What a knock that was!",
    "Haha! Where did you hear it?",
)  # fmt: skip
PUNCHLINES = (
    "{name} you glad I came?", "{name} the door and find out!", "It's {name}, silly!", "{name} be here in a minute!",
    "{name} your neighbour, of course!", "Open up, it's cold out here!", "{name} gonna let me in?",
    "{name} is my name!",
    "Just {name}. That is all.", "I forgot the rest", "{name} see you later!", "{name} me a sandwich!",
    "You forgot me already?",
    "{name} a nice day outside, come and see!", "{name} kidding?", "never mind, wrong door", "{name} there, done that!",
)  # fmt: skip
# A joke left unfinished: what is said instead of a name, and a sensible answer.
INSTEAD = (
    ("never mind", "All right, never mind. What shall we talk about?"), ("Never mind.", "No problem, some other time."),
    ("actually, how are you?", "I am fine, thank you. How are you?"), ("forget it", "Forgotten! What else is new?"),
    ("I forgot the joke", "That happens. The door stays open."), ("stop", "All right, I stop. No more knocking."),
    ("I don't want to joke anymore", "That is fine. We can just talk."),
     ("let's talk about something else", "Gladly. What is on your mind?"),
    ("what's my name?", "You have not told me your name yet."),
     ("do you like pizza?", "I like the sound of it. Which one is your favourite?"),
    ("What is the weather like?", "I cannot see outside from here. Is it nice?"),
     ("I have to go now", "Goodbye then! Knock again soon."),
    ("bye", "Bye! The joke can wait."), ("are you a robot?", "I am a small program, so nearly."),
    ("I'm bored of jokes", "Then let us leave the door alone. What did you do today?"),
     ("Who are you?", "I am rnnchat, a small chatbot in your terminal."),
    ("let me think", "Take your time, I will wait by the door."), ("wait a moment", "I will wait right here."),
)  # fmt: skip
ALONE = (
    "{name}? Tell me more about that.", "Who or what is {name}?", "Is {name} a friend of yours?",
    "{name}! I have never heard that word before.",
    "That sounds nice. What does it mean?", "Hello to you too! Is that a name?",
    "I do not know that one. Please explain.",
    "Hmm, what about {name}?", "Interesting! What is it?", "A new word for me. Where is it from?",
    "Do you mean somebody called {name}?",
    "I am not sure what you mean, but I like the sound.", "Oh? Go on.", "What should I know about {name}?",
    "You made me curious. Tell me more.",
)  # fmt: skip


@dataclass(frozen=True)
class Joke:
    """One of ours: who knocks, and what follows when asked."""

    name: str
    punchline: str


def heard(chance: Random, side: Side, known: tuple[str, ...], talk: Talk) -> Dialogue:
    """The user knocks, once or several times; the chatbot asks for each name as it was written."""
    turns = talk(chance) if chance.random() < 0.35 else []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        who = name(chance, side, known)
        said = who + chance.choice([".", ".", ".", "", "", "", "!", "!", "...", ".."])
        turns += [f"U: {chance.choice(OPENINGS)}", "A: Who's there?"]
        if chance.random() < 0.06:
            question, answer = chance.choice(INSTEAD)
            return [*turns, f"U: {written(chance, question)}", f"A: {answer}"]
        turns += [f"U: {said}", f"A: {who} who?"]
        if chance.random() < 0.6:
            turns += [f"U: {chance.choice(PUNCHLINES).format(name=who)}", f"A: {chance.choice(AFTER_THEIRS)}"]
        if chance.random() < 0.25:
            turns += talk(chance)
    return turns


def alone(chance: Random, side: Side, known: tuple[str, ...], talk: Talk) -> Dialogue:
    """A name by itself, with no knock before it, is no joke."""
    turns = talk(chance) if chance.random() < 0.3 else []
    who = name(chance, side, known)
    end = chance.choice([".", "", "!", "..."])
    return [*turns, f"U: {who}{end}", f"A: {chance.choice(ALONE).format(name=who)}"]


def told(chance: Random, jokes: Sequence[Joke], talk: Talk) -> Dialogue:
    """The chatbot knocks, waits to be asked twice, and gives the punchline that belongs."""
    turns = talk(chance) if chance.random() < 0.3 else []
    for joke in chance.sample(jokes, chance.choice([1, 2, 2, 3])):
        turns += [f"U: {chance.choice(ASKED)}", "A: Knock, knock!"]
        if chance.random() < 0.04:
            question, answer = chance.choice(INSTEAD)
            return [*turns, f"U: {written(chance, question)}", f"A: {answer}"]
        turns += [f"U: {chance.choice(WHO_IS_THERE)}", f"A: {joke.name}."]
        who = joke.name
        ways = (f"{who} who?", f"{who} who?", f"{who} who", f"{who.lower()} who?", f"{who.lower()} who",
                f"{who.upper()} WHO?", f"{who} who?!")  # fmt: skip
        turns += [f"U: {chance.choice(ways)}", f"A: {joke.punchline}"]
        if chance.random() < 0.5:
            turns += [f"U: {chance.choice(LAUGHS)}", f"A: {chance.choice(AFTER_OWN)}"]
    return turns + (talk(chance) if chance.random() < 0.2 else [])


def replayed(chance: Random, jokes: Sequence[Joke]) -> Dialogue:
    """The user tells one of ours."""
    joke = chance.choice(jokes)
    who = chance.choice([joke.name, joke.name, joke.name.lower()])
    end = chance.choice([".", ".", "", "!"])
    return [
        f"U: {chance.choice(OPENINGS)}", "A: Who's there?", f"U: {who}{end}", f"A: {who} who?",
        f"U: {written(chance, joke.punchline)}", f"A: {chance.choice(AFTER_THEIRS)}",
    ]  # fmt: skip
