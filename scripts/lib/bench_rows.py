"""The table that scripts/bench prints: a row is a figure, its yardstick, and what is promised of it."""
import statistics


def median(runs, index):
    return statistics.median(run[index] for run in runs)


def row(name, ours, yardstick, unit, least=None, most=None, below=None, up_to=None, exact=None):
    """What is promised is a ratio (least, most), a figure (below, up_to) or a count (exact)."""
    ratio = ours / yardstick if ours is not None and yardstick else None
    promise, kept = "", None
    for bound, sign, value in ((least, ">=", ratio), (most, "<=", ratio), (below, "<", ours), (up_to, "<=", ours),
                               (exact, "=", ours)):
        if bound is not None:
            promise = "%s %g" % (sign, bound)
            kept = {">=": value >= bound, "<=": value <= bound, "<": value < bound, "=": value == bound}[sign]
    return {"name": name, "ours": ours, "yardstick": yardstick, "ratio": ratio, "unit": unit,
            "promise": promise, "kept": kept}


def figure(number):
    if number is None:
        return ""
    return "{:,.0f}".format(number) if abs(number) >= 1000 or number == int(number) else "%.2f" % number


def print_head():
    print("%-40s %12s %12s %-11s %6s %8s" % ("", "ours", "yardstick", "unit", "ratio", "promise"), flush=True)


def print_row(one):
    word = {None: "", True: "kept", False: "MISSED"}[one["kept"]]
    print("%-40s %12s %12s %-11s %6s %8s %s" % (
        one["name"], figure(one["ours"]), figure(one["yardstick"]), one["unit"],
        "%.2f" % one["ratio"] if one["ratio"] is not None else "", one["promise"], word), flush=True)
