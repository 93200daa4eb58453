"""The netcover program: commands, settings, secrets, runs, store."""
