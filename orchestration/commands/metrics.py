"""`tokui metrics`: the metrics by name, and questions to them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.commands.arguments import parse_date

if TYPE_CHECKING:
    from orchestration.metrics import Answer, Metric, Metrics, Question


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("metrics", help="ask the published file for metrics by name")
    actions = command.add_subparsers(dest="action", required=True)
    listed = actions.add_parser("list", help="metrics, or by what some of them can be grouped")
    listed.add_argument("metrics", metavar="METRIC", nargs="*")
    _add_query_arguments(actions.add_parser("query", help="answer a question"))
    command.set_defaults(run=run)


def _add_query_arguments(query: argparse.ArgumentParser) -> None:
    query.add_argument("metrics", metavar="METRIC", nargs="*")
    query.add_argument("--saved", metavar="NAME", default="", help="a saved query instead")
    query.add_argument(
        "--by", metavar="NAME", nargs="+", default=[], help="day, month, store, store__channel …"
    )
    query.add_argument(
        "--where", metavar="CONDITION", action="append", default=[], help="in MetricFlow's words"
    )
    query.add_argument("--from", dest="start", metavar="DATE", type=parse_date)
    query.add_argument("--to", dest="end", metavar="DATE", type=parse_date)
    query.add_argument(
        "--order",
        metavar="NAME",
        nargs="+",
        default=[],
        help="columns; NAME:desc is the largest first",
    )
    query.add_argument("--limit", metavar="N", type=int)
    query.add_argument("--csv", action="store_true", help="print CSV")
    query.add_argument("--sql", action="store_true", help="print the statement, and do not run it")


def run(options: argparse.Namespace) -> int:
    from orchestration import home as homes
    from orchestration.child import GREEN
    from orchestration.metrics import open_metrics

    home, _ = homes.load()
    with open_metrics(home.served) as metrics:
        {"list": _list, "query": _query}[options.action](metrics, options)
    return GREEN


def _list(metrics: Metrics, options: argparse.Namespace) -> None:
    if options.metrics:
        print("\n".join(metrics.groups_of(options.metrics)))
        return
    _print_described("metrics", metrics.all())
    _print_described("saved queries", metrics.saved())


def _print_described(title: str, items: list[Metric]) -> None:
    print(title)
    for item in items:
        unit = f" [{item.unit}]" if item.unit else ""
        print(f"  {item.name:<33}{item.description.strip()}{unit}")


def _query(metrics: Metrics, options: argparse.Namespace) -> None:
    question = _question(options)
    if options.sql:
        print(metrics.sql(question))
        return
    answer = metrics.ask(question)
    _print_csv(answer) if options.csv else _print_table(answer)


def _question(options: argparse.Namespace) -> Question:
    from ingestion.errors import ConfigurationError
    from orchestration.metrics import Question

    if bool(options.metrics) == bool(options.saved):
        raise ConfigurationError(
            "name metrics or a saved query, one of the two; `tokui metrics list` names them all."
        )
    return Question(
        metrics=tuple(options.metrics),
        by=tuple(options.by),
        saved=options.saved,
        where=tuple(options.where),
        start=_date(options.start),
        end=_date(options.end),
        order=tuple(options.order),
        limit=options.limit,
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _print_csv(answer: Answer) -> None:
    import csv

    from orchestration.commands.pipes import while_somebody_reads
    from serving.exports.csv_text import harmless

    with while_somebody_reads():
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(
            [harmless(value) if isinstance(value, str) else value for value in row]
            for row in answer.rows
        )


def _print_table(answer: Answer) -> None:
    from orchestration.report import formats

    texts = [answer.columns, *([_shown(value) for value in row] for row in answer.rows)]
    first = answer.rows[0] if answer.rows else ()
    print("\n".join(formats.columns(texts, _numbers(first))))


def _numbers(row: Sequence[Any]) -> list[int]:
    return [i for i, value in enumerate(row) if isinstance(value, int | float | Decimal)]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4f}"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)
