"""Markdown on the terminal: what the pages in docs/ quote."""

import os
import time
import warnings


def print_row(*cells: object) -> None:
    """Print one row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def print_head(title: str, *columns: str) -> None:
    """Print a heading, and the head of the table below it."""
    print(f"\n## {title}\n", flush=True)
    print_row(*columns)
    print_row(*["---"] * len(columns))


def print_run(title: str) -> None:
    """Print a title, the day, and how busy the machine is."""
    day, cores = time.strftime("%Y-%m-%d"), os.cpu_count()
    load = os.getloadavg()[0]
    print(f"# {title}\n\n{day}, {cores} cores, load average {load:.1f}", flush=True)


def silence_warnings() -> None:
    """Keep warnings off the terminal, those of sktime's own filters, too."""
    warnings.simplefilter("ignore")
    warnings.showwarning = lambda *args, **kwargs: None
