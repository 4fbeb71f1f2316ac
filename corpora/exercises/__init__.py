"""Exercises in remembering, made by rule with random names and things; see README.md."""
