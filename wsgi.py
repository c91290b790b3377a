"""The web door: `gunicorn wsgi:app`. It publishes to the queues of celery_app and never waits for them."""

import sys

import celery_app
from aida_orchestrator import logs, services, tally, tracing
from aida_orchestrator.api.app import create_app
from aida_orchestrator.errors import SettingsError

_settings = celery_app.settings
logs.configure(_settings.log_level, _settings.log_file, _settings.orchestrator_env)
try:
    tracing.configure(_settings.otel_exporter_otlp_endpoint, "web", _settings.orchestrator_env)
except SettingsError as error:
    sys.exit(f"aida: {error}")
tally.begin(_settings.metrics_folder, tally.WEB)
app = create_app(services.build(_settings, pool_size=32), _settings.require_broker(), _settings.metrics_folder)
