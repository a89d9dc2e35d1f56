# One image for the web, the workers and the commands; compose.yaml starts them.
FROM python:3.13-slim-trixie

# For `flask backup` and `flask restore` with PostgreSQL, in the version of compose.yaml's server. Debian keeps only the
# latest patch of it, so that naming that would break the build with the next one.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.lock

COPY gunicorn.conf.py worker.py ./
COPY static static
COPY templates templates
COPY docs docs
COPY webapp webapp
RUN python -m compileall -q webapp \
    && useradd --system --uid 10001 --home-dir /data twinbook \
    && install --directory --owner=twinbook --group=twinbook --mode=0700 /data

# By number, so that an orchestrator sees that it is not root.
USER 10001
ENV INSTANCE_PATH=/data FLASK_APP=webapp PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "-c", "gunicorn.conf.py", "--bind", "0.0.0.0:8000", "webapp:create_app()"]
