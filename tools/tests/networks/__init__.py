"""Small networks, right ones and ones with a fault, for the tests of both libraries."""
