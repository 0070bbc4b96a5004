"""Graphs of calculations: which steps lead on, which are idle, and which are a wrong set-up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from envs.graph import follow_routes, route_of

NUMBERS = {"a": 3, "b": 4, "c": 5, "d": 7}
ROUTES = [route_of(steps, NUMBERS) for steps in ("a*b c*d p+q r/2", "a*b p/2 c*d r/2 q+s")]
GIVEN = frozenset({3, 4, 5, 7, 2, 60})


def test_nodes_are_calculated_and_know_what_they_need() -> None:
    assert [str(node) for node in ROUTES[0]] == ["3*4=12", "5*7=35", "12+35=47", "47/2=47/2"]
    assert [node.needs for node in ROUTES[0]] == [(), (), (0, 1), (2,)]
    assert ROUTES[0][-1].value == ROUTES[1][-1].value == Fraction(47, 2)
    root = route_of("a*a b*b p+q c√r s-a", NUMBERS)
    assert [str(node) for node in root] == ["3*3=9", "4*4=16", "9+16=25", "5*5=25", "5-3=2"]
    assert [node.value for node in root] == [9, 16, 25, 5, 2]
    assert root[3].needs == (2,)


@pytest.mark.parametrize(
    ("body", "progress", "fault"),
    [
        ("3*4=12\n5*7=35\n12+35=47\n47/2=47/2", 1, ""),
        ("7*5=35\n4*3=12\n35+12=47\n47/2=23.5", 1, ""),  # in any order
        ("12+5=17\n3*4=12\n5*7=35\n12+35=47\n47/2=23.5", 1, ""),  # 12 is nobody's number yet: idle
        ("3*4=12\n12/2=6\n5*7=35\n35/2=17.5\n6+17.5=23.5", 1, ""),  # the other route
        ("1+1=2\n9*9=81\n3*4=12\n5*7=35\n12+35=47\n47/2=23.5", 1, ""),  # two idle steps
        ("3*4=12\n5*7=35\n12+35=47\n47/2=23.5\n23.5*2=47\n47-35=12", 1, ""),  # two checks at the end
        ("3*4=12\n5*7=35\n12+35=47\n47/2=23.5\n2+2=4\n3+3=6\n4+4=8", 1, "idle_steps line 7: 4+4=8"),
        ("1+1=2\n9*9=81\n1+1=2\n3*4=12", 0, "idle_steps line 3: 1+1=2"),
        ("3*4=12\n" * 10, 0.25, "idle_steps line 4: 3*4=12"),
        ("3*4=11\n5*7=35", 0, "false_step line 1: 3*4=11"),
        ("3*4=12\n5*7=36", 0.25, "false_step line 2: 5*7=36"),
        ("3+4=7\n3*4=12", 0, "not_a_node line 1: 3+4=7"),  # wrong set-up
        ("3*4=12\n12+5=17", 0.25, "not_a_node line 2: 12+5=17"),
        ("3*4=12\n60-12=48", 0.25, "not_a_node line 2: 60-12=48"),  # with a number that nothing needs
        ("12+35=47\n47/2=23.5", 0, ""),  # from nowhere
        ("5*7=35\n3*4=12", 0.5, ""),
        ("3*4=12\n5*7+12=47", 0.25, "unreadable_step line 2: 5*7+12=47 (more than one operation)"),
        ("4-3=1", 0, "not_a_node line 1: 4-3=1"),
        ("it is easy", 0, ""),
    ],
)
def test_how_far_a_reasoning_gets(body: str, progress: float, fault: str) -> None:
    assert follow_routes(ROUTES, GIVEN, body) == (progress, fault)


def test_the_order_matters_where_it_should() -> None:
    route = [route_of("a-b p/c", {"a": 9, "b": 3, "c": 2})]
    assert follow_routes(route, frozenset({9, 3, 2}), "9-3=6\n6/2=3") == (1, "")
    assert follow_routes(route, frozenset({9, 3, 2}), "3-9=-6")[0] == 0
    assert follow_routes(route, frozenset({9, 3, 2}), "9-3=6\n2/6=1/3") == (0.5, "not_a_node line 2: 2/6=1/3")


def test_equal_calculations_are_one_each() -> None:
    route = [route_of("a*b c*d p+q", {"a": 2, "b": 6, "c": 6, "d": 2})]
    assert follow_routes(route, frozenset({2, 6}), "2*6=12\n12+12=24")[0] == pytest.approx(1 / 3)
    assert follow_routes(route, frozenset({2, 6}), "2*6=12\n2*6=12\n12+12=24") == (1, "")
