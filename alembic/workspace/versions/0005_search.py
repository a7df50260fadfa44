"""Messages and comments are found by their words"""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Scripts that put no spaces between words, and Hangul, whose words carry endings: Thai to Khmer, kana, Han, half-width kana, emoji.
SPACELESS = (
    r"\u0e01-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u30fa\u30fc-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\uff66-\uffdc\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
# What stands between words: what is neither letter nor digit in ASCII and Latin-1, and the signs of other scripts.
BETWEEN = (
    r"\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4"
    r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u30fb"
    r"\ufe00-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
WORDS = (
    # The words of a text in lower case, a space between them: of its first 4,000 characters.
    rf"""
    CREATE FUNCTION search_words(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 AS $$
    BEGIN
        RETURN btrim(regexp_replace(lower(left(said, 4000)), '[{BETWEEN}]+', ' ', 'g'));
    END $$
    """,
    # The same as an index knows them: each behind the workspace's number and that of a stretch of 32,768 rows. Where no spaces are written,
    # every character and every two neighbours are words. Words of more than 40 characters are cut.
    rf"""
    CREATE FUNCTION search_lexemes(workspace_id bigint, id bigint, said text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
    DECLARE
        place text := workspace_id || ':' || (id >> 15) || ':';
        words text := btrim(regexp_replace(lower(left(said, 4000)), '[{BETWEEN}]+', ' ', 'g'));
    BEGIN
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


def upgrade() -> None:
    for statement in WORDS:
        op.execute(statement)
    for table, words in (("message", "words"), ("comment", "text")):
        op.create_index(
            f"{table}_search_idx",
            table,
            [sa.literal_column(f"search_lexemes(workspace_id, id, {words})")],
            unique=False,
            postgresql_using="gin",
            postgresql_where=sa.text(f"{words} <> ''"),
            postgresql_with={"gin_pending_list_limit": "256"},
        )
