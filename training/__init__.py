"""Learning: rewards, advantages, algorithms, evaluation, and the run that holds them together."""
