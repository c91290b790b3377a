# One image for web, worker, beat, Flower and the command line; compose.yaml says which one a container is.
FROM python:3.12-slim AS build
WORKDIR /build
RUN python -m venv /venv
COPY pyproject.toml setup.cfg README.md celery_app.py wsgi.py ./
COPY aida_orchestrator aida_orchestrator
COPY sql sql
RUN /venv/bin/pip install --no-cache-dir .

FROM python:3.12-slim
# pg_dump and psql are for `aida backup`; certificates for the providers.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app aida \
    && install -d -o aida -g aida /app /home/aida-state /media
COPY --from=build /venv /venv
WORKDIR /app
COPY celery_app.py wsgi.py gunicorn.conf.py flowerconfig.py ./
COPY sql sql
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    AIDA_HOME=/home/aida-state MEDIA_DIR=/media LOG_FILE=/home/aida-state/logs/orchestrator.log
USER aida
VOLUME ["/home/aida-state", "/media"]
EXPOSE 3003 5555
CMD ["gunicorn", "wsgi:app"]
