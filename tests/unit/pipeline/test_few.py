"""Heavy work a few at a time: the rest waits by name and is named again when one ends."""

from __future__ import annotations

from aida_orchestrator.pipeline.few import Few


def test_so_many_begin_and_the_next_waits_until_one_has_ended() -> None:
    few: Few[str] = Few()
    assert [few.enter(name, 2) for name in ("a", "b", "c", "d")] == [True, True, False, False]
    assert few.leave() == "c"
    assert few.enter("c", 2)
    assert not few.enter("e", 2)
    assert (few.leave(), few.leave(), few.leave()) == ("d", "e", None)


def test_a_doubled_message_waits_once() -> None:
    few: Few[str] = Few()
    few.enter("a", 1)
    assert not few.enter("b", 1)
    assert not few.enter("b", 1)
    assert (few.leave(), few.enter("b", 1), few.leave()) == ("b", True, None)


def test_one_that_was_rung_meanwhile_and_could_begin_waits_no_more() -> None:
    few: Few[str] = Few()
    few.enter("a", 1)
    few.enter("b", 1)
    few.enter("c", 1)
    assert few.leave() == "b"
    assert few.enter("c", 1)
    assert few.leave() is None


def test_users_take_turns_so_that_one_with_many_does_not_stop_another() -> None:
    few: Few[str] = Few()
    few.enter("a0", 1, "anna")
    for name in ("a1", "a2", "a3"):
        few.enter(name, 1, "anna")
    few.enter("b1", 1, "berta")
    order = []
    while (name := few.leave()) is not None:
        order.append(name)
        few.enter(name, 1)
    assert order == ["a1", "b1", "a2", "a3"]


def test_what_still_waits_when_nothing_is_under_way_is_named_too() -> None:
    few: Few[str] = Few()
    few.enter("a", 1)
    for name in ("b", "c", "d"):
        few.enter(name, 1)
    assert few.left_over() == []
    assert few.leave() == "b"  # and another process begins it
    assert few.left_over() == ["c", "d"]
    assert few.left_over() == []
