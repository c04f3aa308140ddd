"""Companion site: pages from docs/, figures/ and the claims, which Sphinx builds."""
