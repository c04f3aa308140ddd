"""Goldens, claims and the report: are numbers reproduced, and do the paper's claims hold?"""
