import matplotlib.pyplot as plt


def render(data):
    plt.rcParams["pdf.fonttype"] = 3  # making subsets of others is half of a run's time
    figure, axis = plt.subplots()
    axis.plot(data["wave"]["t"], data["wave"]["y"].T)
    for axis in figure.axes:
        axis.set_axis_off()  # text takes longest to draw
    return figure
