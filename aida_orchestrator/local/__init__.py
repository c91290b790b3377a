"""Everything on one machine: embedded servers with data of their own, and the supervisor that runs the service."""
