from toylib.unused import unused as unused
from toylib.waves import sine as sine
