"""Search compares words without accents and the like: names, messages and comments"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Scripts that put no spaces between words, and what stands between words: as in 0005.
SPACELESS = (
    r"\u0e01-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u30fa\u30fc-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\uff66-\uffdc\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
VISIBLE = (
    r"\x01-\x1f\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4"
    r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u30fb"
    r"\ufe00-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
BETWEEN = " " + VISIBLE
# A single space stays what it is: to match it costs more than all else.
GAPS = rf"'[{BETWEEN}]*[{VISIBLE}][{BETWEEN}]*|  +', ' ', 'g'"
# Marks that nobody types: accents, points of Hebrew, short vowels, hamza and tatweel of Arabic.
MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"
    r"\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# What may join the letter before it to one character: Indic vowels, jamo, the marks of kana.
JOINING = r"\u0900-\u0dff\u1000-\u11ff\u1b00-\u1bff\u3099\u309a\U00011000-\U00016fff"
# Letters that Unicode does not take apart, the ones that come together in one group: a group is looked for before its letters are.
LETTERS = (
    {"‐": "-", "–": "-", "—": "-", "‘": "''", "’": "''", "ʻ": "''", "ʼ": "''"},
    {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"},
    dict(zip("ħŋŧƀɓƈɗƒɠǥɨƙɫɲɵƥʈʉʋƴƶə", "hntbbcdfggiklnoptuvyze", strict=True)),
    {"ς": "σ", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه"},
)


def replaced(words: str, letters: dict[str, str]) -> str:
    """An expression: many times faster than translate()."""
    for letter, plain in letters.items():
        words = f"replace({words}, '{letter}', '{plain}')"
    return words


def by_groups(groups: tuple[dict[str, str], ...]) -> str:
    return "\n".join(f"IF words ~ '[{''.join(group)}]' THEN words := {replaced('words', group)}; END IF;" for group in groups)


# Most texts hold no other letters than these, which are faster replaced than taken apart.
COMMON = (
    {"ä": "a", "ö": "o", "ü": "u", "ß": "ss"},
    {"á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "ñ": "n", "ç": "c", "ã": "a", "õ": "o"},
    {"à": "a", "è": "e", "ì": "i", "ò": "o", "ù": "u", "â": "a", "ê": "e", "î": "i", "ô": "o", "û": "u", "ë": "e", "ï": "i", "œ": "oe"},
    {"å": "a", "æ": "ae", "ø": "o", "ą": "a", "ć": "c", "ę": "e", "ł": "l", "ń": "n", "ś": "s", "ź": "z", "ż": "z"},
    {"й": "и", "ё": "е", "ї": "і"},
    {"أ": "ا", "إ": "ا", "آ": "ا", "ؤ": "و", "ئ": "ي", "ة": "ه", "ى": "ي"},
)
PLAIN_LETTERS = r"\x01-\x7f\u0430-\u044f\u0454\u0456\u0491\u0621-\u063a\u0641-\u064a"
# Stands in each function: what is called by its name would have to be reached by whoever writes a message. The words are in lower case.
FOLD = rf"""
            IF words !~ '[^{PLAIN_LETTERS}{"".join(letter for group in COMMON for letter in group)}]' THEN
                {by_groups(COMMON)}
            ELSE
                words := lower(regexp_replace(normalize(words, NFKD), '[{MARKS}]+', '', 'g'));
                IF octet_length(words) <> length(words) THEN
                    {by_groups(LETTERS)}
                    IF words ~ '[{JOINING}]' THEN words := normalize(words, NFC); END IF;
                END IF;
            END IF;
"""
# A sign like ½ stands between words; one like ㈱ is made of letters and of what stands between words.
PLAIN = rf"""
        words := regexp_replace(lower(left(said, 4000)), {GAPS});
        IF octet_length(words) <> length(words) THEN
            {FOLD}
            IF words ~ '[{VISIBLE}]|  ' THEN words := regexp_replace(words, {GAPS}); END IF;
        END IF;
        words := btrim(words);
"""
WORDS = (
    # Words in the form in which both spellings are the same.
    rf"""
    CREATE FUNCTION search_fold(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
    DECLARE words text := lower(said);
    BEGIN
        IF octet_length(words) <> length(words) THEN
            {FOLD}
        END IF;
        RETURN words;
    END $$
    """,
    rf"""
    CREATE OR REPLACE FUNCTION search_words(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 AS $$
    DECLARE words text;
    BEGIN
        {PLAIN}
        RETURN words;
    END $$
    """,
    rf"""
    CREATE OR REPLACE FUNCTION search_lexemes(workspace_id bigint, id bigint, said text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
    DECLARE
        place text := workspace_id || ':' || (id >> 15) || ':';
        words text;
    BEGIN
        {PLAIN}
        IF words ~ '[{SPACELESS}]' THEN
            words := regexp_replace(words, '([{SPACELESS}])', ' \1 ', 'g') || ' ' || regexp_replace(words, '([{SPACELESS}])', '\1 \1', 'g');
        END IF;
        IF words ~ '[^ ]{{41}}' THEN
            words := regexp_replace(words, '([^ ]{{40}})[^ ]+', '\1', 'g');
        END IF;
        RETURN array_to_tsvector(string_to_array(place || replace(words, ' ', ' ' || place), ' '));
    END $$
    """,
)
NAMES = (
    """
    CREATE OR REPLACE FUNCTION contact_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = store, pg_temp AS $$ BEGIN
        INSERT INTO contact_words (workspace_id, contact_id, words, grams, name)
        SELECT workspace_id, id, words, contact_grams(workspace_id, words), contact_order(first_name, last_name)
        FROM (SELECT *, search_fold(concat_ws(' ', first_name, last_name, phone)) AS words FROM added OFFSET 0) AS named;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION contact_renamed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = store, pg_temp AS $$ BEGIN
        UPDATE contact_words AS kept SET words = named.words, grams = contact_grams(NEW.workspace_id, named.words),
            name = contact_order(NEW.first_name, NEW.last_name)
        FROM (SELECT search_fold(concat_ws(' ', NEW.first_name, NEW.last_name, NEW.phone)) AS words OFFSET 0) AS named
        WHERE kept.workspace_id = NEW.workspace_id AND kept.contact_id = NEW.id;
        RETURN NULL;
    END $$
    """,
)
# What is there already is folded beside running processes (tenancy/refold.py), which look for these words.
MARK = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM contact_words) THEN COMMENT ON TABLE contact_words IS 'to fold behind 0 0'; END IF;
        IF EXISTS (SELECT FROM message) THEN COMMENT ON INDEX message_search_idx IS 'to make again'; END IF;
        IF EXISTS (SELECT FROM comment) THEN COMMENT ON INDEX comment_search_idx IS 'to make again'; END IF;
    END $$
"""


def upgrade() -> None:
    for statement in (*WORDS, *NAMES, MARK):
        op.execute(statement)
