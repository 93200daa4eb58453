"""The gate before logins: one at a time until a credential has proved itself, and none after three refusals."""

import asyncio
import socket
import threading
from concurrent.futures import Future

import pytest

from collectors.errors import AuthFailed, AuthTimedOut, HungUp, TimedOut
from collectors.gate import Door, Ending, Gate, Knock
from collectors.model import Target
from collectors.transports.ssh_watch import watchdog

ALL = {("core", "ssh"): "v1"}


class Book:
    """A ledger in memory that says yes unless told otherwise."""

    def __init__(self, *, refusals: dict[str, str] | None = None, unsure: set[str] | None = None) -> None:
        self.refusals, self.doubts = refusals or {}, unsure or set()
        self.steps: list[tuple[str, str]] = []

    def refusal(self, door: Door) -> str:
        return self.refusals.get(door.address, "")

    def unsure(self, door: Door) -> bool:
        return door.address in self.doubts

    def enter(self, door: Door, *, proven: bool) -> Future[str]:
        self.steps.append((door.address, "enter"))
        done: Future[str] = Future()
        done.set_result("not proven" if door.address in self.doubts and not proven else "")
        return done

    def leave(self, door: Door, ending: Ending, why: str = "") -> None:
        self.steps.append((door.address, ending))


def knock(gate: Gate, address: str) -> Knock:
    made = gate.knock(Target(address, credential="core"), "ssh", address, 22)
    assert made is not None
    return made


def refused(gate: Gate, address: str) -> None:
    one = knock(gate, address)
    one.check()
    one.enter()
    one.ended(AuthFailed("no"))


def entering(one: Knock) -> threading.Thread:
    """A thread that enters, as an SSH session does."""

    def enter() -> None:
        try:
            one.enter()
        except AuthFailed as error:
            one.ended(error)

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    return thread


def test_a_community_of_v2c_is_no_login():
    gate = Gate(Book(), ALL)

    assert gate.knock(Target("10.0.0.1", credential="core"), "snmp", "10.0.0.1", 161) is None


def test_a_credential_of_many_is_with_one_device_at_a_time_until_it_worked():
    book = Book()
    gate = Gate(book, ALL, expected={"v1": 500})
    first, second, third = (knock(gate, f"10.0.0.{n}") for n in (1, 2, 3))
    first.enter()
    threads = [entering(second), entering(third)]
    for thread in threads:
        thread.join(0.2)

    waiting = [address for address, step in book.steps if step == "enter"]
    first.let_in()
    for thread in threads:
        thread.join(5)

    assert waiting == ["10.0.0.1"]
    assert sorted(address for address, step in book.steps if step == "enter") == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_a_credential_of_few_needs_no_canary():
    gate = Gate(Book(), ALL, expected={"v1": 3})

    for n in (1, 2, 3):
        knock(gate, f"10.0.0.{n}").enter()  # none of them waits for another


def test_three_refusals_in_a_row_end_it_for_the_run_and_name_the_devices():
    book = Book()
    gate = Gate(book, ALL, expected={"v1": 500})
    for n in (1, 2, 3):
        refused(gate, f"10.0.0.{n}")

    with pytest.raises(AuthFailed) as told:
        knock(gate, "10.0.0.4").check()

    assert str(told.value) == (
        "credential core (SSH) was refused by 10.0.0.1, 10.0.0.2 and 10.0.0.3; not tried further in this run"
    )
    assert not [address for address, _ in book.steps if address == "10.0.0.4"]


def test_those_that_wait_when_the_breaker_opens_send_nothing():
    book = Book()
    gate = Gate(book, ALL, expected={"v1": 500})
    for n in (1, 2):
        refused(gate, f"10.0.0.{n}")
    third, fourth = knock(gate, "10.0.0.3"), knock(gate, "10.0.0.4")
    third.enter()
    thread = entering(fourth)

    third.ended(AuthFailed("no"))
    thread.join(5)

    assert not thread.is_alive()
    assert "10.0.0.4" not in [address for address, _ in book.steps]


def test_a_success_in_between_starts_the_count_again():
    gate = Gate(Book(), ALL, expected={"v1": 500})
    for n in (1, 2):
        refused(gate, f"10.0.0.{n}")
    good = knock(gate, "10.0.0.3")
    good.enter()
    good.let_in()
    for n in (4, 5):
        refused(gate, f"10.0.0.{n}")

    knock(gate, "10.0.0.6").check()  # the breaker is closed


def test_the_breaker_opens_in_mid_run_too_and_a_refusal_brings_the_canary_back():
    gate = Gate(Book(), ALL, expected={"v1": 500})
    good = knock(gate, "10.0.0.1")
    good.enter()
    good.let_in()
    refused(gate, "10.0.0.2")
    third, fourth = knock(gate, "10.0.0.3"), knock(gate, "10.0.0.4")
    third.enter()
    thread = entering(fourth)
    thread.join(0.2)

    assert thread.is_alive()  # the password may just have been changed: one at a time again
    third.ended(AuthFailed("no"))
    thread.join(5)
    fourth.ended(AuthFailed("no"))
    with pytest.raises(AuthFailed, match=r"10\.0\.0\.2, 10\.0\.0\.3 and 10\.0\.0\.4"):
        knock(gate, "10.0.0.5").check()


def test_without_a_breaker_every_device_is_tried():
    gate = Gate(Book(), ALL, expected={"v1": 500}, breaker=0)
    for n in range(1, 9):
        refused(gate, f"10.0.0.{n}")


def test_where_it_worked_before_goes_first():
    now = [0.0]
    hope = Door("", "10.0.0.9", 22, "ssh", "v1", "core")
    book = Book()
    gate = Gate(book, ALL, expected={"v1": 500}, hopes=[hope], clock=lambda: now[0])
    stranger = entering(knock(gate, "10.0.0.1"))
    stranger.join(0.2)
    known = knock(gate, "10.0.0.9")
    known.enter()
    known.let_in()
    stranger.join(5)

    assert [address for address, step in book.steps if step == "enter"] == ["10.0.0.9", "10.0.0.1"]


def test_nobody_waits_for_a_hope_that_is_dead():
    gate = Gate(Book(), ALL, expected={"v1": 500}, hopes=[Door("", "10.0.0.9", 22, "ssh", "v1", "core")])
    knock(gate, "10.0.0.9").ended(TimedOut("no answer"))

    knock(gate, "10.0.0.1").enter()


def test_refusals_of_earlier_runs_count_and_a_shut_version_is_not_tried():
    earlier = {"v1": ["10.0.0.8", "10.0.0.9"]}
    gate = Gate(Book(), {**ALL, ("old", "ssh"): "v0"}, refused=earlier, shut={"v0": "it worked nowhere"})
    refused(gate, "10.0.0.1")

    with pytest.raises(AuthFailed, match=r"refused by 10\.0\.0\.8, 10\.0\.0\.9 and 10\.0\.0\.1; not tried further"):
        knock(gate, "10.0.0.2").check()
    other = gate.knock(Target("10.0.0.3", credential="old"), "ssh", "10.0.0.3", 22)
    assert other is not None
    with pytest.raises(AuthFailed, match="it worked nowhere"):
        other.check()


def test_three_that_never_answer_a_credential_that_has_not_worked_end_it_as_well():
    gate = Gate(Book(), ALL, expected={"v1": 500})
    for n in (1, 2, 3):
        one = knock(gate, f"10.0.0.{n}")
        one.enter()
        one.ended(AuthTimedOut("no answer"))

    with pytest.raises(AuthTimedOut, match="did not answer the login"):
        knock(gate, "10.0.0.4").check()


def test_what_the_ledger_forbids_is_not_even_contacted():
    gate = Gate(Book(refusals={"10.0.0.1": "it failed in March"}), ALL)

    with pytest.raises(AuthFailed, match="it failed in March"):
        knock(gate, "10.0.0.1").check()


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (AuthFailed("no"), "failed"),
        (HungUp("closed"), "hung up"),
        (AuthTimedOut("silence"), "unanswered"),
        (TimedOut("no prompt"), "unanswered"),
        (KeyboardInterrupt(), "cut"),
    ],
)
def test_the_ledger_hears_how_it_ended_and_only_once(error, ending):
    book = Book()
    one = knock(Gate(book, ALL), "10.0.0.1")
    one.enter()
    one.ended(error)
    one.ended(AuthFailed("again"))

    assert book.steps == [("10.0.0.1", "enter"), ("10.0.0.1", ending)]


def test_silence_after_we_hung_up_ourselves_is_no_answer_of_the_device():
    book = Book()
    gate = Gate(book, ALL)
    one = knock(gate, "10.0.0.1")
    one.enter()
    gate.close()
    one.ended(TimedOut("the run was stopped"))

    assert book.steps[-1] == ("10.0.0.1", "cut")


def test_a_stop_wakes_those_that_wait():
    gate = Gate(Book(), ALL, expected={"v1": 500})
    knock(gate, "10.0.0.1").enter()
    told: list[str] = []

    def wait() -> None:
        try:
            knock(gate, "10.0.0.2").enter()
        except TimedOut as error:
            told.append(str(error))

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(0.1)
    gate.close()
    thread.join(5)

    assert told == ["the run was stopped before the login"]


def test_the_next_round_of_a_crawl_goes_on_with_what_the_rounds_before_it_met():
    gate = Gate(Book(), ALL, expected={"v1": 500})
    for n in (1, 2):
        refused(gate, f"10.0.0.{n}")
    gate.close()
    gate.open()
    refused(gate, "10.0.0.3")

    with pytest.raises(AuthFailed, match="not tried further"):
        knock(gate, "10.0.0.4").check()


def test_in_an_event_loop_it_waits_without_blocking_the_others():
    book = Book()
    gate = Gate(book, ALL, expected={"v1": 500})

    async def run() -> None:
        first, second = knock(gate, "10.0.0.1"), knock(gate, "10.0.0.2")
        await first.enter_soon()
        waiting = asyncio.create_task(second.enter_soon())
        await asyncio.sleep(0)
        assert not waiting.done()
        first.let_in()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(run())
    assert book.steps == [("10.0.0.1", "enter"), ("10.0.0.1", "worked"), ("10.0.0.2", "enter")]


def test_a_login_that_was_cut_short_before_waits_for_proof():
    book = Book(unsure={"10.0.0.1"})
    gate = Gate(book, ALL, expected={"v1": 500})
    doubtful = knock(gate, "10.0.0.1")
    thread = entering(doubtful)
    thread.join(0.2)
    good = knock(gate, "10.0.0.2")
    good.enter()
    good.let_in()
    thread.join(5)

    assert [address for address, step in book.steps if step == "enter"] == ["10.0.0.2", "10.0.0.1"]


def test_a_stop_leaves_a_moment_to_the_answer_of_a_login_and_none_to_anything_else():
    def cut_after(undecided: bool) -> bool:
        """Whether the socket was cut at once."""
        ours, theirs = socket.socketpair()
        stop = threading.Event()
        with theirs, watchdog(ours, 30.0, stop, undecided=lambda: undecided):
            stop.set()
            theirs.settimeout(1.0)
            try:
                return theirs.recv(1) == b""
            except TimeoutError:
                return False

    assert (cut_after(undecided=False), cut_after(undecided=True)) == (True, False)
