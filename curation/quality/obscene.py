"""Obscene words, by a short list of our own: words that mean nothing else in the languages listed.

A page about medicine or literature may hold some, so this is a rate to look at, not a verdict.
"""

from __future__ import annotations

from catalog.checks import Example
from curation.text import TextView

VERSION = 1
REPORTS = {
    "obscene_words": "Obscene words (English, German, French, Spanish, Italian, Russian), per 1,000 words.",
    "obscene_distinct_words": "Different obscene words of the list that occur.",
}
EXAMPLES = (
    Example("What a load of shit, said the pilot. Shit!", ("obscene_words=222.2222", "obscene_distinct_words=1")),
    Example("The Scunthorpe cockpit crew shifted its assets.", ()),
)

_LISTS = {
    "en": "arsehole asshole blowjob bullshit cumshot cunt cunts deepthroat dildo dildos fuck fucked fucker fuckers "
    "fucking gangbang handjob hentai jerkoff milf milfs motherfucker motherfucking porn porno pornstar rimjob shit "
    "shitty slut sluts threesome upskirt wank wanker whore whores",
    "de": "arschficker arschloch ficken fickt fotze fotzen hurensohn nutte nutten schlampe schlampen scheisse "
    "scheiße schwanzlutscher wichsen wichser",
    "fr": "branler branlette connard connasse couille couilles enculé enculer encule merde pute putes "
    "putain salope salopes",
    "es": "cabrón chingar coño cojones follar gilipollas hijoputa joder mamada pendejo puta putas putos",
    "it": "bocchino cazzo coglione coglioni fottere minchia pompino puttana puttane stronzo vaffanculo",
    "ru": "бляди блядь ебать ебаный мудак пизда пиздец хуй хуйня шлюха",
}
_WORDS = frozenset(word for words in _LISTS.values() for word in words.split())


def signals(view: TextView) -> dict[str, float | None]:
    if not view.words:
        return dict.fromkeys(REPORTS)
    found = view.vocabulary & _WORDS
    words = [word.strip("'\".,;:!?()") for word in view.lower.split()] if found else []
    return {
        "obscene_words": 1000 * sum(word in found for word in words) / len(view.words),
        "obscene_distinct_words": len(found),
    }
