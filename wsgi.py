"""The web door: `gunicorn wsgi:app`. It publishes to the queues of celery_app and never waits for them."""

import celery_app
from aida_orchestrator import logs, services, tracing
from aida_orchestrator.api.app import create_app

_settings = celery_app.settings
logs.configure(_settings.log_level, _settings.log_file, _settings.orchestrator_env)
tracing.configure(_settings.otel_exporter_otlp_endpoint, "web", _settings.orchestrator_env)
app = create_app(services.build(_settings, pool_size=32), _settings.require_broker())
