import matplotlib.pyplot as plt


def render(data):
    figure, axes = plt.subplots(1, 2)
    axes[0].plot(data["wave"]["t"], data["wave"]["y"].T)
    axes[1].plot(data["draws"]["x"].T)
    return figure
