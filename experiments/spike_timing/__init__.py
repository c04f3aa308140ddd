"""Figure 6: a network learns precise spike times, in the shape of a picture."""
