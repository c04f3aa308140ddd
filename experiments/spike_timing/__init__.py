"""Learning of precise spike times, in the shape of a picture."""
