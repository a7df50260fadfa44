"""The built files. A name with a hash in it means the same bytes for ever; the others are asked for again each time."""

import os
import re

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ismessenger.web.assets import STATIC
from ismessenger.web.edge import Admits

_HASHED = re.compile(r"-[0-9A-Za-z]{8,16}\.\w+$")
YEAR = "public, max-age=31536000, immutable"
FIVE_MINUTES = "public, max-age=300"


class BuiltFiles(StaticFiles):
    """Serves the folder ``static``."""

    admits = Admits.ANYBODY

    def __init__(self) -> None:
        super().__init__(directory=STATIC, check_dir=False)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, with how long a browser may keep it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = YEAR if _HASHED.search(str(full_path)) else FIVE_MINUTES
        # The widget's script is loaded by the pages of other sites.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
