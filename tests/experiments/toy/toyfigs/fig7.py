import matplotlib.pyplot as plt


def render(data):
    figure, axis = plt.subplots()
    axis.plot(data["wave"]["t"], data["wave"]["y"].T)
    return figure
