"""What is said of a server that does not answer well."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest
from pydantic import SecretStr

from ismessenger.embedded.reach import refuse_unreachable
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.settings import Settings

_ENCRYPTION = 80877103


def _error(sqlstate: str, words: str) -> bytes:
    """Source: PostgreSQL, "Message Formats", ErrorResponse."""
    fields = b"".join(kind + value.encode() + b"\0" for kind, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", sqlstate), (b"M", words)))
    return b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0"


@pytest.mark.behaviour(413)
@pytest.mark.parametrize(
    ("sqlstate", "words", "mend"),
    [
        ("57P03", "the database system is starting up", "try again in a moment"),
        ("53300", "sorry, too many clients already", "try again in a moment"),
        ("28000", "no such role", "correct ISMESSENGER_DATABASE_URL"),
    ],
)
async def test_a_database_that_takes_no_connections_now_is_not_called_wrong(sqlstate: str, words: str, mend: str) -> None:
    async def refuse(reader: StreamReader, writer: StreamWriter) -> None:
        while int.from_bytes((await _packet(reader))[:4], "big") == _ENCRYPTION:
            writer.write(b"N")
        writer.write(_error(sqlstate, words))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        url = SecretStr(f"postgresql+asyncpg://somebody@127.0.0.1:{port}/shop")
        with pytest.raises(ServerTrouble) as caught:
            await refuse_unreachable(Settings(database_url=url, homes={}, redis_url=None))
    assert words in str(caught.value)
    assert mend in str(caught.value)


async def _packet(reader: StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(4), "big")
    return await reader.readexactly(length - 4)
