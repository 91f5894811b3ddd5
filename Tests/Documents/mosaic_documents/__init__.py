"""Runs every command of the documentation."""
