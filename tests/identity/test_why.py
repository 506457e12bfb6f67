"""The chain of links that makes two records one person."""

from __future__ import annotations

from identity.why import Link, surest_chain

A, B, C, D = (("pos", name) for name in "abcd")


def link(a: tuple[str, str], b: tuple[str, str], strength: int, confidence: float = 0.9) -> Link:
    return Link(a, b, f"rule {a[1]}{b[1]}", strength, confidence, "")


def test_a_longer_chain_of_strong_links_goes_before_a_weak_short_cut() -> None:
    links = [link(A, D, 1), link(A, B, 3), link(C, B, 3), link(C, D, 3)]
    assert [(one.rule, at) for one, at in surest_chain(links, A, D)] == [
        ("rule ab", A),
        ("rule cb", B),
        ("rule cd", C),
    ]


def test_of_chains_equally_sure_the_shortest_is_told() -> None:
    links = [link(A, B, 3), link(B, C, 3), link(A, C, 3)]
    assert [one.rule for one, _ in surest_chain(links, A, C)] == ["rule ac"]


def test_records_that_nothing_joins_have_no_chain() -> None:
    assert surest_chain([link(A, B, 3)], A, C) == []
