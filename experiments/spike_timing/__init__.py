"""A network learns precise spike times, in the shape of a picture."""
