"""One plot function for each result: it takes arrays or a tidy DataFrame, and returns the axes.

Every function draws into a new figure, or into the axes that you give as `ax=`. Functions with
several panels take and return an array of axes. No function shows, saves or closes a figure, or
changes matplotlib's settings. Close the figures that you no longer need:

    axes = kf.plots.adcs_maps(kf.adcs(spectra), class_names=names)
    axes[0].figure.savefig("adcs.png", dpi=150)
    plt.close(axes[0].figure)

Names are drawn as they are written. Undefined values (NaN) are grey, never 0.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
