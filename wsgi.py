"""The web door: `gunicorn wsgi:app`. It publishes to the queues of celery_app and never waits for them."""

import celery_app
from aida_orchestrator import logs, services
from aida_orchestrator.api.app import create_app

logs.configure(celery_app.settings.log_level, celery_app.settings.log_file)
app = create_app(services.build(celery_app.settings, pool_size=32), celery_app.settings.require_redis())
