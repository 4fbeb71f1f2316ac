"""Words that are never suggested to a person who has not written them first.

Exact words, not beginnings or parts of words, so that "Scunthorpe" and "assess" are left alone.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+")

_STEMS = {
    "": "ass asses asshole assholes arse arses arsehole arseholes bastard bastards bollocks boob boobs coon coons "
    "cretin cretins cum cunt cunts dick dicks dickhead dickheads dildo dildos dyke dykes fag fags faggot faggots "
    "gook gooks goddamn goddamned hooker hookers hussy jap japs jizz kike kikes milf milfs moron morons nazi nazis "
    "negro negroes nigga niggas nigger niggers orgasm orgasms paki pakis penis penises pedo pedophile pedophiles porn "
    "porno pornography prick pricks pussy pussies queer queers retard retards retarded sex sexy slut sluts slutty "
    "spastic spastics spic spics threesome tit tits titties tranny trannies turd turds twat twats vagina vaginas "
    "wetback wetbacks whore whores whoring chink chinks rapist rapists raping blowjob blowjobs handjob handjobs "
    "motherfucker motherfuckers motherfucking cocksucker cocksuckers bullshit horseshit dipshit shithead shitheads "
    "jackass jackasses dumbass dumbasses golliwog darkie darkies halfwit bimbo bimbos skank skanks hentai "
    "horny masturbation masturbating erection erections ejaculate ejaculation genitals genitalia scrotum testicle "
    "testicles nude nudes naked nipple nipples",
    "s ed er ers ing in": "fuck",
    "s ed er ers ing y ty": "shit",
    "es ed ing y": "bitch",
    "s ed er ers ing": "wank",
    "s d": "rape masturbate",
    "es ing ed": "piss",
}
OFFENSIVE = frozenset(
    stem + ending for endings, stems in _STEMS.items() for stem in stems.split() for ending in ("", *endings.split())
)


def is_offensive(text: str) -> bool:
    """Tell whether one of the words of `text` is offensive."""
    return any(word.lower() in OFFENSIVE for word in WORD.findall(text))
