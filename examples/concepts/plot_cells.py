"""
The gates of an LSTM and of a GRU
=================================

One step of each cell as a diagram. A box is a small dense layer with the function
written on it, a circle an operation on each unit. :doc:`/cells` has the formulas.
"""

import matplotlib.pyplot as plt

# Colors of Okabe and Ito (2008), told apart with every kind of color vision.
TIMES = r"$\times$"
GATE, CANDIDATE, POINT, STATE = "#56B4E9", "#E69F00", "#F0E442", "#D55E00"


def new_figure(title):
    figure, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
    ax.set(xlim=(-0.2, 10.6), ylim=(-0.3, 5.9), title=title)
    ax.set_aspect("equal")
    ax.axis("off")
    return figure, ax


def draw_path(ax, *points, color="black", width=1.4, arrow=True, rim=False):
    """Draw a line through the points, an arrow at its end."""
    xs, ys = zip(*points, strict=True)
    if rim:
        # Lets it cross another line without touching it.
        ax.plot(xs, ys, color="white", linewidth=width + 6, zorder=1)
    ax.plot(xs, ys, color=color, linewidth=width, zorder=1)
    if arrow:
        style = {"arrowstyle": "-|>", "color": color, "linewidth": width}
        style |= {"shrinkA": 0, "shrinkB": 0}
        ax.annotate("", points[-1], points[-2], arrowprops=style, zorder=1)


def draw_box(ax, x, y, text, color, label=""):
    """Draw a layer, with the name of its result above to the left."""
    box = {"boxstyle": "round,pad=0.35", "facecolor": color, "edgecolor": "black"}
    ax.text(x, y, text, ha="center", va="center", bbox=box, zorder=3, fontsize=12)
    ax.text(x - 0.12, y + 0.62, label, ha="right", va="center", fontsize=13)


def draw_point(ax, x, y, text):
    """Draw an operation on each unit."""
    ax.add_patch(plt.Circle((x, y), 0.27, facecolor=POINT, edgecolor="black", zorder=3))
    ax.text(x, y, text, ha="center", va="center", zorder=4, fontsize=13)


# %%
# LSTM
# ----
# The cell state c runs through at the top, and is only scaled (forget gate f) and added
# to (input gate i times candidate g). The output gate o decides what of it is shown as
# the hidden state h.
figure, ax = new_figure("LSTM: one step")
draw_path(ax, (0.3, 5), (10, 5), color=STATE, width=2.4)
draw_path(ax, (0.3, 1), (7, 1), arrow=False)
draw_path(ax, (1.2, 0), (1.2, 1), arrow=False)
for x, name in ((2.2, "$f_t$"), (3.9, "$i_t$"), (5.4, "$g_t$"), (7, "$o_t$")):
    draw_path(ax, (x, 1), (x, 1.73))
    is_gate = name != "$g_t$"
    text, color = (r"$\sigma$", GATE) if is_gate else ("tanh", CANDIDATE)
    draw_box(ax, x, 2, text, color, name)
draw_path(ax, (2.2, 2.27), (2.2, 4.73))
draw_path(ax, (3.9, 2.27), (3.9, 3.6), (5.13, 3.6))
draw_path(ax, (5.4, 2.27), (5.4, 3.33))
draw_path(ax, (5.4, 3.87), (5.4, 4.73))
draw_path(ax, (8.6, 5), (8.6, 4.57))
draw_path(ax, (8.6, 4.03), (8.6, 3.37))
draw_path(ax, (7, 2.27), (7, 3.1), (8.33, 3.1))
draw_path(ax, (8.6, 2.83), (8.6, 1), (10, 1))
draw_box(ax, 8.6, 4.3, "tanh", "white")
for x, y, text in (
    (2.2, 5, TIMES),
    (5.4, 3.6, TIMES),
    (5.4, 5, "+"),
    (8.6, 3.1, TIMES),
):
    draw_point(ax, x, y, text)
for x, y, text in (
    (0.3, 5.35, "$c_{t-1}$"),
    (10, 5.35, "$c_t$"),
    (0.3, 1.35, "$h_{t-1}$"),
    (10, 1.35, "$h_t$"),
    (1.2, -0.2, "$x_t$"),
):
    ax.text(x, y, text, ha="center", va="center", fontsize=14)

# %%
# GRU
# ---
# One state instead of two. The update gate z blends the old state with a candidate; the
# reset gate r decides how much of the old state the candidate is made from.
figure, ax = new_figure("GRU: one step")
draw_path(ax, (0.3, 5), (10, 5), color=STATE, width=2.4)
draw_path(ax, (1.2, 0), (1.2, 1), arrow=False)
draw_path(ax, (0.6, 5), (0.6, 1), (5, 1), arrow=False)
draw_path(ax, (1.2, 0.4), (7.6, 0.4), (7.6, 1.73))
for x in (2.2, 5):
    draw_path(ax, (x, 1), (x, 1.73))
draw_path(ax, (2.2, 5), (2.2, 3.87))
draw_path(ax, (2.2, 2.27), (2.2, 3.33))
draw_path(ax, (5, 2.27), (5, 4.73))
draw_path(ax, (2.2, 3.6), (6.3, 3.6), (6.3, 2), (7.13, 2), rim=True)
draw_path(ax, (5, 4.1), (7.33, 4.1))
draw_path(ax, (7.6, 2.27), (7.6, 3.83))
draw_path(ax, (7.6, 4.37), (7.6, 4.73))
draw_box(ax, 2.2, 2, r"$\sigma$", GATE, "$r_t$")
draw_box(ax, 5, 2, r"$\sigma$", GATE, "$z_t$")
draw_box(ax, 7.6, 2, "tanh", CANDIDATE, "")
ax.text(7.85, 2.65, r"$\tilde{h}_t$", va="center", fontsize=13)
draw_box(ax, 6.3, 4.1, "$1 -$", "white")
for x, y, text in ((2.2, 3.6, TIMES), (5, 5, TIMES), (7.6, 4.1, TIMES), (7.6, 5, "+")):
    draw_point(ax, x, y, text)
for x, y, text in ((0.3, 5.35, "$h_{t-1}$"), (10, 5.35, "$h_t$"), (1.2, -0.2, "$x_t$")):
    ax.text(x, y, text, ha="center", va="center", fontsize=14)
