"""Google's sign-in of service accounts and the Sheets API v4: ``POST /token``, names of sheets, header rows, rows that are appended.

Source: Google, "Using OAuth 2.0 for Server to Server Applications"; Sheets API v4.
"""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.standins.server import Answer, Recorded, StandIn, run

SPREADSHEET = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
EMAIL = "rows@lumen-lamps.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
_PATH = re.compile(r"/v4/spreadsheets/([\w-]+)(?:/values/'((?:[^']|'')+)'!([A-Z0-9:]+)(:append)?)?")


class GoogleSheetsServer(StandIn):
    """Knows one service account (`key_file`) and the spreadsheets in ``sheets``: id → sheet → rows, of which the first is the header."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.key: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)
        self.sheets: dict[str, dict[str, list[list[Any]]]] = {SPREADSHEET: {"Sheet1": [["Name", "Phone", "Rating", "Words"]], "Bo's": []}}
        self.shared = {SPREADSHEET}
        self.tokens: set[str] = set()
        self.refuses_keys = False

    @property
    def key_file(self) -> str:
        """What Google gives to whoever makes a key."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return json.dumps({"type": "service_account", "client_email": EMAIL, "private_key_id": "k1", "private_key": pem})

    async def respond(self, request: Recorded) -> Answer:
        if request.method == "POST" and request.path == "/token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        found = _PATH.fullmatch(request.path)
        if found is None or found[1] not in self.sheets:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        if found[1] not in self.shared:
            return _error(403, "PERMISSION_DENIED", "The caller does not have permission")
        return self._values(request, self.sheets[found[1]], found)

    def _values(self, request: Recorded, sheets: dict[str, list[list[Any]]], found: re.Match[str]) -> Answer:
        if found[2] is None:
            return Answer({"sheets": [{"properties": {"title": title}} for title in sheets]})
        name = found[2].replace("''", "'")
        if name not in sheets:
            return _error(400, "INVALID_ARGUMENT", f"Unable to parse range: '{found[2]}'!{found[3]}")
        rows = sheets[name]
        if found[4] is None:
            return Answer({"range": found[3], "majorDimension": "ROWS"} | ({"values": rows[:1]} if rows else {}))
        rows += request.json()["values"]
        return Answer({"updates": {"updatedRange": f"{name}!A{len(rows)}:D{len(rows)}", "updatedRows": 1}})

    def _token(self, request: Recorded) -> Answer:
        fields = dict(parse_qsl(request.body.decode()))
        head, claims, signature = (_decoded(part) for part in fields.get("assertion", "..").split("."))
        signed = fields.get("assertion", "..").rpartition(".")[0]
        try:
            self.key.public_key().verify(signature, signed.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return Answer({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        said = json.loads(claims)
        right = json.loads(head)["alg"] == "RS256" and said["iss"] == EMAIL and said["scope"] == SCOPE and said["exp"] - said["iat"] <= 3600
        if not right or self.refuses_keys or said["aud"] != "https://oauth2.googleapis.com/token":
            return Answer({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400)
        token = f"ya29.{len(self.tokens)}"
        self.tokens.add(token)
        return Answer({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _error(code: int, status: str, message: str) -> Answer:
    return Answer({"error": {"code": code, "message": message, "status": status}}, code)


if __name__ == "__main__":
    run(GoogleSheetsServer)
