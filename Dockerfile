# IS-Messenger in a container: `docker build -t ismessenger .`; compose.yaml shows how it runs.

FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY . .
# Node.js comes from a wheel; nothing of this stage goes further but the two folders below.
RUN python scripts/prepare.py front \
 && .venv/bin/python -m hatchling build -t wheel -d /dist \
 && python -m venv /opt/ismessenger \
 && /opt/ismessenger/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/run.lock \
 && /opt/ismessenger/bin/pip install --no-cache-dir --no-deps /dist/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --create-home ismessenger
COPY --from=build /opt/ismessenger /opt/ismessenger
ENV PATH=/opt/ismessenger/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ISMESSENGER_HOST=0.0.0.0 \
    ISMESSENGER_DATA_DIR=/data \
    ISMESSENGER_LOG_FORMAT=json
USER ismessenger
WORKDIR /data
VOLUME /data
EXPOSE 8080
# The web process stops in order on SIGTERM; a worker finishes what it has begun.
STOPSIGNAL SIGTERM
ENTRYPOINT ["ismessenger"]
CMD ["web"]
