"""Twenty kinds of fact: how each is told, taken in, asked and answered, and what its value may be."""

from __future__ import annotations

from dataclasses import dataclass

COLOURS = tuple(
    "red orange yellow green blue purple pink brown black white grey gray turquoise teal navy violet lilac crimson "
    "scarlet maroon beige cream gold silver copper bronze olive mint lime emerald jade amber coral salmon peach ivory "
    "magenta cyan indigo lavender mauve plum rust ruby sapphire tan khaki charcoal ochre burgundy aqua cobalt".split()
)
SHADES = (
    "dark",
    "light",
    "pale",
    "bright",
    "deep",
    "sky",
    "midnight",
    "forest",
    "sea",
    "soft",
    "neon",
    "dusty",
    "warm",
)
FOODS = tuple(
    "pizza pasta sushi curry soup chips bread rice noodles pancakes waffles salad cake chocolate cheese lasagne tacos "
    "burritos dumplings porridge apples mangoes cherries strawberries ramen stew toast omelette risotto falafel hummus "
    "olives pickles popcorn muffins biscuits ice-cream pierogi gnocchi paella kebab couscous beans potatoes".split()
)
ANIMALS = tuple(
    "dog cat horse otter penguin owl fox wolf bear tiger lion elephant giraffe dolphin whale rabbit hamster tortoise "
    "parrot eagle falcon hedgehog badger squirrel deer moose llama goat sheep panda koala sloth octopus seal "
    "gecko".split()
)
SPORTS = tuple(
    "football tennis chess rowing hockey judo swimming cycling running climbing golf rugby cricket basketball "
    "volleyball badminton surfing skiing skating boxing fencing archery sailing darts karate curling".split()
)
JOBS = tuple(
    "nurse baker teacher plumber pilot farmer doctor driver cook gardener painter carpenter lawyer librarian waiter "
    "dentist engineer singer actor journalist vet postman butcher tailor barber electrician clerk designer".split()
)
THINGS = tuple(
    "milk eggs bread butter flour sugar rice tea coffee apples bananas onions garlic potatoes soap candles batteries "
    "stamps paper glue nails paint string matches toothpaste shampoo yoghurt honey jam oats pepper salt oil".split()
)
PLACES = (
    "under the sofa", "on the top shelf", "in the blue box", "behind the door", "in my coat pocket",
    "next to the fridge",
    "in the garage", "under the mat", "in the kitchen drawer", "on the window sill", "in the green bag", "at my office",
    "in the glove box", "behind the clock", "in the old teapot", "by the front door", "on the piano", "in the shed",
)  # fmt: skip
COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "a dozen", "twenty")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = tuple("January February March April May June July August September October November December".split())
KIN = ("sister", "brother", "mother", "father", "son", "daughter", "boss", "neighbour", "teacher", "best friend",
"wife",
       "husband", "uncle", "aunt", "cousin", "friend", "nephew", "niece", "grandmother", "doctor", "flatmate",
       "partner")  # fmt: skip
PETS = (
    "dog",
    "cat",
    "hamster",
    "parrot",
    "goldfish",
    "rabbit",
    "horse",
    "tortoise",
    "kitten",
    "puppy",
    "guinea pig",
    "pet",
    "snake",
)
FAVOURITES = ("colour", "color", "food", "animal", "sport", "band", "book", "film", "movie", "song", "city", "number",
"game",
              "drink", "fruit", "flower", "season", "country", "singer", "restaurant", "word", "dessert", "team",
              "subject")  # fmt: skip

# What else people say of themselves: so many things that the network must learn the way of saying, not the thing.
ANYTHING = tuple(
    "hometown,street,hobby,nickname,surname,middle name,star sign,zodiac sign,shoe size,eye colour,hair colour,school,"
    "university,major,company,team,instrument,dream,dream job,plan,goal,first car,first pet,language,mother tongue,"
    "favourite,username,hero,secret,specialty,order number,address,postcode,area code,bank,phone brand,editor,shell,"
    "project,deadline,destination,hotel,airline,train,password hint,name day,lucky charm,motto,brand of tea,"
    "best subject,village,island,ship,horse,garden,landlord,manager,coach,band,club,car,bike,computer,laptop,printer,"
    "server,birthday present,costume,theme,size,weight,height,score,record,rank,level".split(",")
)


@dataclass(frozen=True)
class Fact:
    """A kind of fact: how it is told, taken in, asked and answered; {v} is its value, {k} what it is about."""

    kind: str
    tell: tuple[str, ...]
    heard: tuple[str, ...]
    ask: tuple[str, ...]
    answer: tuple[str, ...]
    unknown: str
    about: tuple[str, ...] = ("",)


FACTS = (
    Fact("name",
         ("My name is {v}.", "I'm {v}.", "I am {v}.", "Call me {v}.", "hi, my name is {v}", "Hello, I'm {v}!",
          "my name's {v}", "You can call me {v}.",
          "People call me {v}.", "hey im {v}", "Hi there, {v} here.", "The name is {v}.", "I'm called {v}.",
          "my name is {v} btw", "Hi! I am {v}, nice to meet you.", "this is {v}"),
         ("Nice to meet you, {v}!", "Hello {v}! How are you?", "Hi {v}, good to have you here.", "A pleasure, {v}.",
          "{v}, what a nice name.", "Welcome, {v}!"),
         ("What's my name?", "what is my name?", "Do you remember my name?", "do you know my name", "Who am I?",
          "what did I say my name was?", "What am I called?",
          "whats my name", "So what's my name?", "can you tell me my name?", "Do you still know my name?",
          "what's my name again?", "remember my name?", "say my name", "Do you know who I am?"),
         ("Your name is {v}.", "Your name is {v}.", "You are {v}.", "You told me your name is {v}."),
          "You have not told me your name yet."),
    Fact("favourite",
         ("My favourite {k} is {v}.", "my favorite {k} is {v}", "My favorite {k} is {v}.",
          "my favourite {k} is {v} by the way", "{v} is my favourite {k}.", "The {k} I like best is {v}.",
          "I think my favourite {k} is {v}.", "favourite {k}: {v}", "I'd say my favourite {k} is {v}",
          "My favourite {k}? That's {v}.", "of all, {v} is my favorite {k}"),
         ("{v}, a fine choice.", "Good taste! What do you like about it?", "I will remember that.", "{v} it is, then.",
          "Noted: {v}.", "That suits you."),
         ("What's my favourite {k}?", "what is my favourite {k}?", "what's my favorite {k}",
          "Do you remember my favourite {k}?", "which {k} do I like best?", "whats my favourite {k}",
          "So what is my favorite {k}?", "Do you know my favourite {k}?", "What did I say my favourite {k} was?",
          "tell me my favourite {k}", "My favourite {k} is what?"),
         ("Your favourite {k} is {v}.", "Your favourite {k} is {v}.", "It is {v}.", "You said it is {v}."),
          "You have not told me your favourite {k}.", FAVOURITES),
    Fact("parking",
         ("I parked on {v}.", "I parked at {v}.", "i parked my car on {v}", "The car is on {v}.",
          "My car is parked at {v}.", "I parked the car at {v}.", "remember that I parked on {v}",
          "parked on {v} today",
          "I left the car at {v}.", "we parked on {v}", "Please remember: I parked at {v}.", "car's on {v}"),
         ("{v}, got it.", "All right, I will remember {v}.", "Noted. I hope it was a good spot.", "{v}. Walk safely!",
          "Good, {v} it is.", "I will keep that in mind."),
         ("Where did I park?", "where did i park", "Where is my car?", "where's my car?", "Where did I park my car?",
          "do you remember where I parked?", "where did I leave the car?", "Where's the car parked?",
          "where did we park again?", "Can you tell me where I parked?", "wheres my car", "So where did I park?"),
         ("You parked at {v}.", "Your car is at {v}.", "You parked at {v}."), "You have not told me where you parked."),
    Fact("pet",
         ("My {k} is called {v}.", "I have a {k} called {v}.", "my {k}'s name is {v}", "I have a {k} named {v}.",
          "we got a {k}, its name is {v}", "Our {k} is named {v}.", "{v} is my {k}.", "The {k} is called {v}.",
          "We called our {k} {v}.", "my {k} is {v}"),
         ("What a lovely name for a {k}.", "{v}! How old is your {k}?", "Say hello to {v} from me.",
          "{v} sounds like a good {k}.", "I would like to meet {v}."),
         ("What's my {k} called?", "what is my {k}'s name?", "What's the name of my {k}?",
          "Do you remember my {k}'s name?", "whats my {k} called", "how is my {k} called?", "what did I call my {k}?",
          "What's our {k} called?",
          "Who is my {k}?", "What was my {k}'s name again?"),
         ("Your {k} is called {v}.", "Your {k} is called {v}.", "Your {k}'s name is {v}."),
          "You have not told me about your {k}.", PETS),
    Fact("kin",
         ("My {k} is called {v}.", "my {k}'s name is {v}", "I have a {k} named {v}.", "My {k} {v} is here.",
          "{v} is my {k}.", "My {k} is {v}.", "I live with my {k}, {v}.", "my {k}, {v}, says hi"),
         ("Say hello to {v} from me.", "{v} sounds nice.", "What is {v} like?", "{v}, I see.", "Is {v} well?"),
         ("What's my {k}'s name?", "what is my {k} called?", "Who is my {k}?", "What's my {k} called?",
          "do you remember my {k}'s name?", "whats my {k}s name", "what's the name of my {k}?",
          "What was my {k}'s name again?"),
         ("Your {k} is called {v}.", "Your {k} is called {v}.", "Your {k}'s name is {v}."),
          "You have not told me about your {k}.", KIN),
    Fact("home",
         ("I live in {v}.", "I'm from {v}.", "i live in {v}", "I come from {v}.", "My home is in {v}.",
          "I grew up in {v}.", "we live in {v}", "I just moved to {v}.", "I'm in {v} at the moment.",
          "greetings from {v}"),
         ("{v}! What is it like there?", "I have never been to {v}.", "How is the weather in {v}?",
          "{v} must be nice.", "Do you like it there?"),
         ("Where do I live?", "where do i live", "Where am I from?", "Which town do I live in?", "where's my home?",
          "Do you remember where I live?", "what city am I in?", "where do I come from?", "Where is my home?"),
         ("You live in {v}.", "You live in {v}.", "You told me you live in {v}."),
          "You have not told me where you live."),
    Fact("buy",
         ("I need to buy {v}.", "Remind me to buy {v}.", "i have to get {v}", "I must not forget to buy {v}.",
          "don't let me forget the {v}", "Shopping list: {v}", "I need {v} from the shop.", "We are out of {v}.",
          "put {v} on my list", "I should buy {v} later."),
         ("I will keep it in mind: {v}.", "{v}, noted.", "All right, {v}.", "Got it. Anything else?",
          "I will remind you if you ask."),
         ("What did I need to buy?", "what do I need to buy?", "what was I going to buy?", "What should I buy?",
          "whats on my list", "What's on my shopping list?", "what did I have to get?", "what do i need from the shop",
          "What did I want to buy again?"),
         ("You need to buy {v}.", "You need to buy {v}.", "You wanted to buy {v}."),
          "You have not told me what you need."),
    Fact("thing",
         ("I put my {k} {v}.", "My {k} is {v}.", "i left my {k} {v}", "The {k} is {v}.", "I hid the {k} {v}.",
          "my {k} are {v}", "I keep my {k} {v}."),
         ("{v}, all right.", "Good to know.", "I will remember that.", "Noted.", "A good place for it."),
         ("Where is my {k}?", "where's my {k}", "Where did I put my {k}?", "where did i leave my {k}?",
          "Do you remember where my {k} is?", "where are my {k}", "I can't find my {k}, where is it?"),
         ("You put it {v}.", "It is {v}.", "You left it {v}."), "You have not told me where it is.", ("keys", "wallet",
          "phone", "umbrella", "glasses", "passport", "book", "hat", "bike", "bag", "laptop", "ticket", "charger",
          "scarf")),
    Fact("time",
         ("My {k} is on {v}.", "The {k} is {v}.", "I have a {k} on {v}.", "my {k} is at {v}", "remember, {k} on {v}",
          "There's a {k} on {v}.", "The {k} starts at {v}."),
         ("{v}, noted.", "I will remember: {v}.", "All right, {v}.", "Good luck with it.", "That gives you some time."),
         ("When is my {k}?", "when's the {k}", "When is the {k}?", "what time is my {k}?",
          "When did I say the {k} is?", "do you remember when my {k} is?", "when do I have my {k}?",
          "When does the {k} start?"),
         ("Your {k} is on {v}.", "It is on {v}.", "Your {k} is on {v}."), "You have not told me when it is.",
          ("meeting", "exam", "train", "appointment", "birthday", "flight", "dentist appointment", "concert", "party",
          "match", "interview", "class", "wedding")),
    Fact("code",
         ("My {k} is {v}.", "The {k} is {v}.", "my {k} is {v}", "{k}: {v}", "I have {k} {v}.", "remember my {k}: {v}",
          "Please remember the {k} {v}."),
         ("{v}, noted.", "I have it: {v}.", "All right.", "I will remember it while we talk.", "Got it."),
         ("What's my {k}?", "what is my {k}?", "what was the {k}", "What's the {k} again?", "Do you remember my {k}?",
          "whats my {k}", "tell me the {k}"),
         ("Your {k} is {v}.", "It is {v}.", "Your {k} is {v}."), "You have not told me your {k}.", ("room number",
          "flight number", "password", "wifi password", "PIN", "locker number", "seat", "bus number", "door code",
          "ticket number", "lucky number", "house number", "gate", "table number", "code")),
    Fact("job",
         ("I work as a {v}.", "I'm a {v}.", "i am a {v}", "My job: {v}.", "I am a {v} by trade.",
          "I work as a {v}, by the way"),
         ("A {v}! Do you like your work?", "That must be interesting.", "How long have you been a {v}?",
          "I would make a poor {v}."),
         ("What's my job?", "what do I do for a living?", "What do I work as?", "do you remember my job?",
          "what is my job", "What did I say my job was?"),
         ("You are a {v}.", "You work as a {v}.", "You are a {v}."), "You have not told me what you do."),
    Fact("age",
         ("I am {v} years old.", "I'm {v}.", "i am {v}", "I turned {v} last week.", "My age is {v}.",
          "I'm {v} years old", "just turned {v}"),
         ("{v}, a good age.", "A fine age.", "Young at heart, I am sure.", "I am far younger than that."),
         ("How old am I?", "how old am i", "What is my age?", "do you remember how old I am?", "whats my age",
          "What did I say my age was?"),
         ("You are {v} years old.", "You are {v} years old.", "You are {v}."), "You have not told me how old you are."),
    Fact("allergy",
         ("I'm allergic to {v}.", "I am allergic to {v}.", "i cant eat {v}, im allergic", "I have an allergy to {v}.",
          "Please note that I am allergic to {v}.", "no {v} for me, I'm allergic"),
         ("{v}, I will keep that in mind.", "That must be a nuisance.", "Noted, no {v}.", "Thank you for telling me."),
         ("What am I allergic to?", "what am i allergic to", "What can't I eat?", "Do you remember my allergy?",
          "What's my allergy?", "which food am I allergic to?"),
         ("You are allergic to {v}.", "You are allergic to {v}.", "You told me you are allergic to {v}."),
          "You have not told me of an allergy."),
    Fact("drive",
         ("I drive a {v}.", "My car is a {v}.", "i have a {v}", "I bought a {v}.", "We drive a {v}.", "my car: a {v}"),
         ("A {v}, nice.", "Does it run well?", "I have never been in one.", "Drive safely!"),
         ("What do I drive?", "what car do i have", "What kind of car do I have?", "Which car do I drive?",
          "do you remember my car?", "what's my car?"),
         ("You drive a {v}.", "You drive a {v}.", "You have a {v}."), "You have not told me what you drive."),
    Fact("ate",
         ("I had {v} for {k}.", "i ate {v} for {k}", "For {k} I had {v}.", "We had {v} for {k}.", "{k} was {v} today",
          "I made {v} for {k}."),
         ("That sounds tasty.", "{v}! Was it good?", "Now I am hungry, and I cannot even eat.",
          "Did you cook it yourself?"),
         ("What did I have for {k}?", "what did i eat for {k}", "What was my {k}?",
          "do you remember what I had for {k}?", "what did I eat?", "What did we have for {k}?"),
         ("You had {v}.", "You had {v} for {k}.", "You had {v}."), "You have not told me what you ate.", ("lunch",
          "dinner", "breakfast", "supper")),
    Fact("any",
         ("My {k} is {v}.", "my {k} is {v}", "The {k} is {v}.", "my {k} is called {v}", "{v} is my {k}.",
          "My {k}? {v}.", "Remember that my {k} is {v}.", "my {k} was {v}"),
         ("{v}, I see.", "I will remember that.", "{v}, noted.", "Good to know.", "Interesting, {v}.", "All right."),
         ("What is my {k}?", "What's my {k}?", "whats my {k}", "Do you remember my {k}?", "What was my {k} again?",
          "which {k} did I mention?", "tell me my {k}", "what did I say my {k} was?", "do you know my {k}"),
         ("Your {k} is {v}.", "Your {k} is {v}.", "It is {v}.", "You said it is {v}."), "You have not told me that.",
         ANYTHING),
    Fact("like",
         ("I like {v}.", "I love {v}.", "i really like {v}", "I am fond of {v}.", "i love {v} so much",
          "I'm a big fan of {v}.", "I enjoy {v}."),
         ("{v}, who does not?", "A fine thing to like.", "What do you like about it?", "I can see why.",
          "Me too, I think."),
         ("What do I like?", "what do i like", "What did I say I like?", "do you remember what I like?",
          "What do I love?", "what am I fond of?"),
         ("You like {v}.", "You like {v}.", "You said you like {v}."), "You have not told me what you like."),
    Fact("dislike",
         ("I hate {v}.", "I don't like {v}.", "i cant stand {v}", "I am afraid of {v}.", "i dont like {v} at all",
          "{v} is what I like least."),
         ("Then we leave {v} out of it.", "I understand.", "Why is that?", "{v} is not for everybody."),
         ("What do I hate?", "what don't I like?", "What did I say I don't like?", "what can i not stand",
          "Do you remember what I hate?", "what do i dislike"),
         ("You do not like {v}.", "You do not like {v}.", "You said you do not like {v}."),
         "You have not told me what you do not like."),
    Fact("trip",
         ("I'm going to {v} {k}.", "I am travelling to {v} {k}.", "{k} I fly to {v}.", "we are going to {v} {k}",
          "I will be in {v} {k}.", "{k} we drive to {v}"),
         ("{v}! Have a good trip.", "Safe travels.", "What will you do there?", "I hope {v} is nice.",
          "Send a postcard."),
         ("Where am I going {k}?", "where do i go {k}", "Where will I be {k}?", "where am I travelling?",
          "Do you remember where I am going?", "what's my destination?"),
         ("You are going to {v}.", "You are going to {v}.", "To {v}."), "You have not told me where you are going.",
         ("tomorrow", "next week", "this summer", "on Friday", "next month", "this weekend", "today", "in May")),
    Fact("count",
         ("I have {v} {k}.", "i have {v} {k}", "There are {v} {k}.", "I own {v} {k}.", "we have {v} {k}",
          "I bought {v} {k}.", "I've got {v} {k}."),
         ("{v} {k}, quite something.", "That is a good number.", "{v}! I could not count so many.", "I see, {v}.",
          "Lucky you."),
         ("How many {k} do I have?", "how many {k} do i have", "How many {k} are there?",
          "do you remember how many {k} I have?",
          "how many {k}?", "What number of {k} did I say?"),
         ("You have {v} {k}.", "You have {v} {k}.", "{v} {k}."), "You have not told me how many.",
         ("cats", "dogs", "children", "sisters", "brothers", "books", "bikes", "plants", "cousins", "guitars", "houses",
          "coins", "tickets", "guests", "friends", "hats", "stamps", "chairs", "hens", "cakes")),
)  # fmt: skip
