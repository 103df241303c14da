# One image for web, worker and beat: docker-compose.yml names the command of each.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY . .
# The product runs as a user who owns nothing but var/: keys are given by the environment, snapshots are kept there.
RUN useradd --system --no-create-home equipoise && mkdir var && chown equipoise var
USER equipoise

EXPOSE 8000
