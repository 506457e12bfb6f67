"""`python -m evaluation`: the long measurements, one subcommand each."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

DEFAULT_WORK = Path("warehouse") / "evaluation"


def main(arguments: list[str] | None = None) -> int:
    """Run one measurement; 0 when its bounds hold, 1 when not, 2 when it cannot be run."""
    options = _parser().parse_args(arguments)
    from evaluation.pipeline import CommandError
    from evaluation.truth import NoTruthError

    try:
        return options.run(options)
    except (CommandError, NoTruthError, FileNotFoundError) as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2


def _identity(options: argparse.Namespace) -> int:
    from evaluation import identity

    return identity.main(options.home)


def _certificate(options: argparse.Namespace) -> int:
    from evaluation import certificate

    return certificate.main(options.work, options.scale, options.seeds)


def _nights(options: argparse.Namespace) -> int:
    from evaluation import nights

    return nights.main(options.work, options.scale, options.seed, options.nights)


def _random_nights(options: argparse.Namespace) -> int:
    from evaluation import random_nights

    return random_nights.main(options.work, options.records, options.nights, options.seed)


def _febrl(options: argparse.Namespace) -> int:
    from evaluation import febrl

    return febrl.main(options.work, options.dataset, options.matchers)


def _cdnow(options: argparse.Namespace) -> int:
    from evaluation import cdnow

    return cdnow.main(options.work, options.dataset)


def _speed(options: argparse.Namespace) -> int:
    from evaluation import speed

    return speed.main(options.work, options.records)


def _ltv(options: argparse.Namespace) -> int:
    from evaluation import ltv

    return ltv.main(options.home, judge=True)


def _dashboard(options: argparse.Namespace) -> int:
    from evaluation import dashboard

    return dashboard.main(options.home, options.loads)


def _ltv_speed(options: argparse.Namespace) -> int:
    from evaluation import ltv_speed

    return ltv_speed.main(options.customers, options.lifetimes)


def _next_products(options: argparse.Namespace) -> int:
    from evaluation import next_products

    return next_products.main(options.home, options.days)


def _campaigns(options: argparse.Namespace) -> int:
    from evaluation import campaigns

    if options.home:
        return campaigns.main(options.home)
    return campaigns.main_of_worlds(options.scale, options.seeds)


def _baskets(options: argparse.Namespace) -> int:
    from evaluation import baskets

    return baskets.main(options.home, judge=True)


def _basket_speed(options: argparse.Namespace) -> int:
    from evaluation import basket_speed

    return basket_speed.main(options.work, options.scale)


def _faults(options: argparse.Namespace) -> int:
    from evaluation import faults

    return faults.main(
        options.work / "faults",
        options.people,
        options.only,
        options.jobs,
        published=options.base,
        reuse=options.reuse,
        keep=options.keep,
    )


def _clean_nights(options: argparse.Namespace) -> int:
    from evaluation import clean_nights

    return clean_nights.main(
        options.work, options.seeds, options.nights, options.people, options.jobs
    )


def _crash(options: argparse.Namespace) -> int:
    from evaluation.crash import command

    return command.main(options.work, options.kills, options.seed, options.people, options.jobs)


def _scarce(options: argparse.Namespace) -> int:
    from evaluation.crash import scarce

    return scarce.main(options.work, options.people, options.seed)


def _readers(options: argparse.Namespace) -> int:
    from evaluation.readers import command

    return command.main(options.work, options.readers, options.publications, options.people)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        return command

    def add_long(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = add(name, run, text)
        command.add_argument(
            "--work", type=_folder, default=_folder(DEFAULT_WORK), help="where homes are made"
        )
        return command

    command = add("identity", _identity, "the people found in one home, against those planted")
    command.add_argument("--home", type=_folder, required=True)
    command = add_long("certificate", _certificate, "is the demo hard, and is it solved")
    command.add_argument("--scale", default="medium")
    command.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    command = add_long("nights", _nights, "customer keys over many nights, and against a rebuild")
    command.add_argument("--scale", default="medium")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--nights", type=int, default=30)
    command = add_long("random-nights", _random_nights, "nights of chance against a full run")
    command.add_argument("--records", type=int, default=20_000)
    command.add_argument("--nights", type=int, default=30)
    command.add_argument("--seed", type=int, default=1)
    command = add_long(
        "febrl", _febrl, "a public data set of duplicates through the whole pipeline"
    )
    command.add_argument("--dataset", type=_folder, help="dataset3.csv, where not set up")
    command.add_argument("--matchers", nargs="+", default=["rules", "splink"])
    command = add("ltv", _ltv, "predictions of one home, against what was planted")
    command.add_argument("--home", type=_folder, required=True)
    command = add("ltv-speed", _ltv_speed, "CPU seconds of fit and scores, here and in lifetimes")
    command.add_argument("--customers", type=int, default=1_000_000)
    command.add_argument("--lifetimes", type=_folder, help="folder it is in, where not set up")
    command = add("next-products", _next_products, "are offered products bought afterwards")
    command.add_argument("--home", type=_folder, required=True)
    command.add_argument("--days", type=int, default=28)
    command = add("campaigns", _campaigns, "effects of campaigns, against what was planted")
    command.add_argument("--scale", default="small")
    command.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6])
    command.add_argument("--home", type=_folder, help="a published demo, instead of seeds")
    command = add("baskets", _baskets, "what goes together in one home, against what was planted")
    command.add_argument("--home", type=_folder, required=True)
    command = add_long(
        "baskets-speed", _basket_speed, "CPU seconds of counting baskets, and a night"
    )
    command.add_argument("--scale", default="large", help="of the demo; large is 9 million lines")
    command = add("dashboard", _dashboard, "seconds until pages of the dashboard are complete")
    command.add_argument("--home", type=_folder, required=True)
    command.add_argument("--loads", type=int, default=200)
    command = add_long("cdnow", _cdnow, "the published answers of the models of lifetime value")
    command.add_argument("--dataset", type=_folder, help="CDNOW_sample.txt, where not set up")
    command = add_long("speed", _speed, "CPU seconds of identity, in full and for one night")
    command.add_argument("--records", type=int, nargs="+", default=[173_000, 1_000_000])
    command = add_long("faults", _faults, "bad deliveries: is each caught where it must be")
    command.add_argument("--only", nargs="+", default=[], help="parts of names, kinds or tables")
    command.add_argument("--people", type=int, default=1_000)
    command.add_argument("--jobs", type=int, default=2, help="nights side by side")
    command.add_argument("--base", type=_folder, help="a published demo, to spare making one")
    command.add_argument("--reuse", action="store_true", help="take the base of the last time")
    command.add_argument("--keep", action="store_true", help="leave the spoilt homes for a look")
    command = add_long("clean-nights", _clean_nights, "good nights: are the gates quiet")
    command.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    command.add_argument("--nights", type=int, default=50)
    command.add_argument("--people", type=int, default=2_000)
    command.add_argument("--jobs", type=int, default=2, help="seeds side by side")
    command = add_long("scarce", _scarce, "runs on a full disk, and with too little memory")
    command.add_argument("--people", type=int, default=1_000)
    command.add_argument("--seed", type=int, default=1)
    command = add_long("crash", _crash, "runs killed at any moment, healed by the next one")
    command.add_argument("--kills", type=int, default=60)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--people", type=int, default=1_000)
    command.add_argument("--jobs", type=int, default=2)
    command = add_long("readers", _readers, "do readers ever see two versions, in file or Postgres")
    command.add_argument("--readers", type=int, default=20)
    command.add_argument("--publications", type=int, default=30)
    command.add_argument("--people", type=int, default=1_000)
    return parser


def _folder(text: str | Path) -> Path:
    return Path(text).absolute()


if __name__ == "__main__":
    sys.exit(main())
