"""Files of the service: keep them, fetch them from providers, cut and join clips into a film."""
