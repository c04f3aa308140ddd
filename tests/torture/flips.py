"""One bit of a file is another: what is then read must be nothing, or the same."""

import io
import random
import zipfile


def one_bit(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit of a file."""
    place = chance.randrange(len(content))
    other = content[place] ^ 1 << chance.randrange(8)
    return content[:place] + bytes([other]) + content[place + 1 :]


def one_bit_of_an_array(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit inside an .npz, whose own checksums are those of the flipped array.

    Otherwise the archive's checksums would notice before ours.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(members))
    members[name] = one_bit(members[name], chance)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return written.getvalue()
