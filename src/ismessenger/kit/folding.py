"""Words as a search compares them: without capitals, accents and other differences that nobody types.

The same as ``search_fold`` of the database (alembic/workspace/versions/0008_folding.py) and ``folded`` of the browser
(frontend/src/search/folded.ts).
"""

import re
import unicodedata
from typing import Final

# Accents of Latin, Greek and Cyrillic letters; points of Hebrew; signs of short vowels, hamza and tatweel of Arabic. Marks of other scripts
# are letters to those who read them: Thai vowels, voiced kana, Indic vowels.
MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# Letters that Unicode does not take apart, by what people type in their place; Arabic ones that keyboards mix up; dashes and apostrophes.
ONE_FOR_ONE: Final = (
    "øłđðħıŋŧƀɓƈɗƒɠǥɨƙɫɲɵƥʈʉʋƴƶəςىیکةہ‐–—‘’ʻʼ",
    "olddhintbbcdfggiklnoptuvyzeσييكهه---''''",
)
SEVERAL: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}

_MARKS = re.compile(f"[{MARKS}]+")
_LETTERS = str.maketrans(dict(zip(*ONE_FOR_ONE, strict=True)) | SEVERAL)


def folded(words: str) -> str:
    """The words in the form in which both spellings of a name are the same: "José" and "jose", "STRASSE" and "Straße"."""
    if words.isascii():
        return words.lower()
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", words)).lower()
    # What is left of marks belongs to its letter again, and syllables of Hangul are whole.
    return bare if bare.isascii() else unicodedata.normalize("NFC", bare.translate(_LETTERS))
