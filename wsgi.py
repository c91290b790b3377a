"""The web door: `gunicorn wsgi:app`. It publishes to the queues of celery_app and never waits for them."""

import celery_app
from aida_orchestrator import logs, services, tally
from aida_orchestrator.api.app import create_app

_settings = celery_app.settings
logs.configure(_settings.log_level, _settings.log_file, _settings.orchestrator_env)
tally.begin(_settings.metrics_folder, tally.WEB)
app = create_app(services.build(_settings, pool_size=32), _settings.require_broker(), _settings.metrics_folder)
