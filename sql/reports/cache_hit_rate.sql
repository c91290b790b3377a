SELECT AVG("cacheHitRate") FROM cost_tracking WHERE component = 'orchestrator';
