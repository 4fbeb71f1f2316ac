"""What may be ordered, and how it is said: to order, to add, to change, to sum up."""

from __future__ import annotations

TOPPINGS = tuple(
    "mushrooms,olives,pepperoni,ham,pineapple,onions,peppers,extra cheese,spinach,bacon,sausage,basil,tomatoes,tuna,"
    "sweetcorn,garlic,salami,chicken,anchovies,capers,feta,jalapenos,artichokes,rocket".split(",")
)
PIZZAS = ("pizza", "margherita", "pepperoni pizza", "veggie pizza", "cheese pizza", "ham pizza", "calzone", "hawaiian",
          "mushroom pizza", "four cheese pizza", "salami pizza", "tuna pizza")  # fmt: skip
COFFEES = ("latte", "cappuccino", "espresso", "americano", "flat white", "mocha", "macchiato", "black coffee", "coffee",
           "hot chocolate", "green tea", "tea", "chai latte", "cortado", "iced coffee", "mint tea", "cold brew",
           "decaf")  # fmt: skip
WITH_COFFEE = ("oat milk", "soy milk", "no sugar", "two sugars", "extra foam", "cinnamon", "whipped cream", "vanilla",
"honey",
               "almond milk", "milk", "caramel", "lemon")  # fmt: skip
DRINKS = ("cola", "lemonade", "water", "sparkling water", "beer", "orange juice", "apple juice", "iced tea",
"milkshake",
          "ginger ale", "root beer", "smoothie", "glass of milk", "bottle of water", "diet coke", "coke",
          "sprite")  # fmt: skip
SANDWICHES = ("ham sandwich", "cheese sandwich", "tuna sandwich", "chicken wrap", "BLT", "club sandwich", "bagel",
"panini",
              "egg sandwich", "turkey sandwich", "veggie wrap", "burger", "cheeseburger", "hot dog", "burrito",
              "toastie")  # fmt: skip
WITH_BREAD = ("mayo", "lettuce", "mustard", "pickles", "extra cheese", "no onions", "tomato", "ketchup", "avocado",
"bacon",
              "no mayo", "hot sauce", "cream cheese", "butter")  # fmt: skip
SIDES = ("salad", "side salad", "garlic bread", "muffin", "croissant", "cookie", "brownie", "piece of cake",
"bowl of soup",
         "tomato soup", "portion of fries", "large fries", "ice cream", "cheesecake", "scone", "doughnut",
         "banana bread",
         "bag of chips", "apple pie", "tiramisu", "onion rings", "chicken wings", "blueberry muffin",
         "slice of pie")  # fmt: skip
WITH = (
    (PIZZAS, TOPPINGS),
    (COFFEES, WITH_COFFEE),
    (SANDWICHES, WITH_BREAD),
    (SIDES, WITH_BREAD + WITH_COFFEE + TOPPINGS),
)
SIZES = ("small", "medium", "large", "regular", "big")
NUMBERS = ("two", "three", "four", "five", "six", "2", "3", "4")
SAME_IN_PLURAL = (
    "fries",
    "soup",
    "bread",
    "water",
    "milk",
    "juice",
    "rings",
    "wings",
    "tea",
    "decaf",
    "beer",
    "brew",
    "ale",
)

OPENERS = (
    "I'd like {x}, please.", "Can I have {x}?", "can i get {x}", "{x} please", "Hi, I want {x}.", "I'll have {x}.",
    "Hello, could I get {x}?",
    "I would like to order {x}.", "{x}, please.", "Good evening, {x} please.", "hey, {x}", "We'd like {x}.",
    "Give me {x}.", "I'd like to order {x}",
    "Could we have {x}, please?", "i want {x}", "I'd love {x}.", "May I have {x}?", "Let me get {x}.",
    "One order: {x}.", "Hi! {x}, please.",
    "I want to order {x}", "I'm ordering {x}.", "{x}", "for me {x} please", "I need {x}.", "Please bring me {x}.",
    "Hi there, can I order {x}?",
)  # fmt: skip
MORE = (
    "And {x}.", "and {x}", "Also {x}, please.", "Can I add {x}?", "add {x}", "plus {x}", "And {x} please.",
    "Oh, and {x}.", "I'd also like {x}.",
    "and {x} too", "Could you add {x}?", "Then {x}.", "Yes, {x}.", "yes please, {x}", "and can i get {x}",
    "Let me also have {x}.", "One more thing: {x}.",
    "{x} as well", "Add {x} to that.", "I'll also take {x}.", "with {x} on the side", "And for my friend {x}.",
)  # fmt: skip
DROP = (
    "Actually, no {n}.", "Cancel the {n}.", "cancel the {n} please", "Forget the {n}.", "No {n} after all.",
    "I changed my mind, no {n}.", "Leave out the {n}.",
    "drop the {n}", "Actually, skip the {n}.", "Wait, without the {n}.", "Scratch the {n}.", "remove the {n}",
    "I don't want the {n} anymore.", "Take the {n} off.",
    "Sorry, not the {n}.", "hmm, leave the {n}", "Please remove the {n}.", "Could you take off the {n}?",
    "Oh wait, forget about the {n}.", "minus the {n}",
    "I don't need the {n}.", "On second thought, no {n}.", "Can you cancel the {n}?", "delete the {n}",
    "Let's not have the {n}.",
)  # fmt: skip
SWAP = (
    "Actually, {y} instead of the {n}.", "Make the {n} {y}.", "Change the {n} to {y}.", "Instead of the {n}, {y}.",
    "Swap the {n} for {y}.", "can i have {y} instead of the {n}",
    "No wait, {y} instead of the {n}.", "I'd rather have {y} than the {n}.", "Replace the {n} with {y}.",
    "change the {n} to {y} please", "Sorry, {y} rather than the {n}.",
    "Hmm, not the {n}, {y} instead.", "make that {y} instead of the {n}", "Could you swap the {n} for {y}?",
    "no {n}, but {y}", "I changed my mind: {y} instead of the {n}.",
    "Can you change the {n} to {y}?", "switch the {n} to {y}", "Forget the {n}, I'll take {y}.",
    "Cancel the {n} and add {y}.", "Actually, make the {n} {y}.",
)  # fmt: skip
RECOUNT = (
    "Actually, make that {y}.", "Make it {y}.", "no, {y}", "Sorry, {y}.", "Actually {y}.", "make that {y} please",
    "I meant {y}.", "wait, {y}", "Better make it {y}.",
    "Oh, {y} actually.", "Can you make that {y}?", "Change that to {y}.", "Let's say {y}.", "On second thought, {y}.",
)  # fmt: skip
SIZED = (
    "Make the {n} {s}.",
    "Actually, a {s} {n}.",
    "the {n} should be {s}",
    "Can the {n} be {s}?",
    "make the {n} {s} please",
    "{s} for the {n}, please.",
    "I'd like the {n} {s}.",
)
RETOPPED = (
    "{y} instead of {x} on the {n}.", "Swap the {x} for {y}.", "Actually, {y} instead of {x}.", "with {y}, not {x}",
    "Make it {y} instead of {x}.", "change the {x} to {y}", "The {n} with {y} instead of {x}, please.",
    "No {x}, {y} instead.", "can i have {y} instead of {x}", "Replace the {x} with {y}, please.",
)  # fmt: skip
UNTOPPED = (
    "No {x} on the {n}.",
    "without {x}",
    "Actually, no {x}.",
    "Leave off the {x}.",
    "hold the {x}",
    "The {n} without {x}, please.",
    "skip the {x} please",
    "I don't want {x} after all.",
    "take the {x} off",
)
TOPPED = (
    "With {y}, please.",
    "Add {y} to the {n}.",
    "Can I have {y} with the {n}?",
    "and {y} on the {n}",
    "Put {y} on the {n}, please.",
    "the {n} with {y} please",
    "Could you add {y} to the {n}?",
)
COUNTED = (
    "Make that {c}.",
    "Actually {c}.",
    "{c}, please.",
    "no, {c}",
    "Make it {c}.",
    "sorry, {c}",
    "{c} of those.",
    "better {c}",
    "I meant {c}.",
)
TOTAL = (
    "That's all.", "that's it", "That's everything, thanks.", "What did I order?", "Can you repeat my order?",
    "So what's my order?", "read that back please", "What do I have now?",
    "Can you sum up my order?", "what's the order so far", "That will be all.", "No, that's all.", "nothing else",
    "What is my order?", "could you read it back?", "So what do you have?",
    "no thanks, that's it", "Sum it up, please.", "what did i order again", "Please repeat the order.",
    "so my order is?", "What was my order?", "thats all", "Done. What have I got?",
    "no that's everything", "What am I getting?", "Please confirm my order.", "repeat that please", "Can you confirm?",
    "What's in my order?", "Tell me my order.", "whats my order",
)  # fmt: skip
ASIDE = (
    ("How long will it take?", "About fifteen minutes."), ("how long", "Ten minutes or so."),
     ("Do you take cards?", "Yes, cards and cash."), ("Is it hot?", "Everything is made fresh."),
    ("It's for pickup.", "Pickup is fine."), ("For delivery, please.", "Delivery, all right."),
     ("to go please", "To go, sure."), ("For here.", "For here, lovely."),
    ("Nice place you have.", "Thank you!"), ("I'm so hungry.", "Then I will hurry."),
     ("Do you have a loyalty card?", "Not yet, I am afraid."), ("wait a moment", "Take your time."),
    ("let me think", "No rush at all."), ("What's good here?", "Everything, if you ask me."),
     ("Where are the restrooms?", "Down the hall on the left."), ("It's for my mother.", "How kind of you."),
)  # fmt: skip
SUMS = ("So that's {x}.", "So that's {x}.", "That's {x}.", "So you have {x}.", "Your order is {x}.")
YES = ("Sure.", "Of course.", "Certainly.", "All right.", "Got it.", "Good choice.", "Okay.", "With pleasure.")
ELSE = ("Anything else?", "Anything else?", "What else?", "Would you like anything else?", "Is that all?", "")
CHANGED = ("No problem.", "All right.", "Of course.", "Changed.", "Sure.", "Okay.")
# What the one who takes it says of a change first.
DROP_NOTED = ("No {n}, all right.", "Okay, no {n}.", "No {n} then.", "Sure, without the {n}.", "All right, no {n}.")
SWAP_NOTED = (
    "{y} instead of the {n}, sure.",
    "Okay, {y} instead of the {n}.",
    "No {n}, but {y}.",
    "{y} for the {n}, no problem.",
)
CHANGE_NOTED = ("{y}, all right.", "Okay, {y}.", "{y}, sure.", "{y} then.", "Make that {y}, of course.")
