"""Runs that were published: their index page, a report on one, and two of them compared."""
