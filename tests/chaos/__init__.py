"""Random films under random faults, from one seed: `make chaos SEED=7 RUNS=3 FILMS=5`. Not collected by pytest."""
