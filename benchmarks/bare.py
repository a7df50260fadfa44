"""The reference of B1: an endpoint that reads the body and answers, on the same server with the same options as our web process."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ismessenger.web.one_write import OneWrite


async def hook(request: Request) -> JSONResponse:
    """Read and answer."""
    await request.body()
    return JSONResponse({})


app = Starlette(routes=[Route("/hooks/{kind}/{route}", hook, methods=["GET", "POST"])])

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        http=OneWrite,
        ws="websockets-sansio",
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
        access_log=False,
        log_config=None,
    )
