"""One bit of a file is another: what is then read must be nothing, or the same."""

import random


def one_bit(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit of a file."""
    place = chance.randrange(len(content))
    other = content[place] ^ 1 << chance.randrange(8)
    return content[:place] + bytes([other]) + content[place + 1 :]
