"""Format of numbers in figures: a true minus, and powers of ten."""

import re

MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def printed(value: float, form: str = "g") -> str:
    """Return a number with a true minus, and with a power of ten in place of an exponent.

    Args:
        value: the number.
        form: its format, as "+.3g".
    """
    text = re.sub(r"e([-+])0*(\d+)", _power, f"{value:{form}}")
    return text.replace("-", MINUS)


def _power(match: re.Match[str]) -> str:
    sign = "-" if match[1] == "-" else ""
    return " · 10" + (sign + match[2]).translate(SUPERSCRIPTS)
