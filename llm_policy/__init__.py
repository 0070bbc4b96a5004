"""The language model as a player."""
