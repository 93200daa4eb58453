"""What a run shows of the agent itself."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from agent.alarms import broken_credentials, failed_logins, of_run
from agent.store import logins
from collectors.errors import AuthFailed
from collectors.gate import Door, Gate
from collectors.model import Outcome, Target
from tests.agent.parts import NOON, a_run, begin, seen


class Open:
    """A ledger without entries."""

    def refusal(self, door):
        return ""

    def worked(self, door):
        return False

    def unsure(self, door):
        return False

    def enter(self, door, *, proven):
        done = Future()
        done.set_result("")
        return done

    def leave(self, door, ending, why=""):
        pass


def what_the_breaker_says() -> str:
    """The reason of the first device that three refusals kept from being logged in to."""
    gate = Gate(Open(), {("core", "ssh"): "v1"}, expected={"v1": 9})
    for number in range(1, 4):
        knock = gate.knock(Target(f"10.20.0.{number}", credential="core"), "ssh", f"10.20.0.{number}", 22)
        knock.enter()
        knock.ended(AuthFailed("permission denied"))
    with pytest.raises(AuthFailed) as caught:
        gate.knock(Target("10.20.0.4", credential="core"), "ssh", "10.20.0.4", 22).enter()
    return str(caught.value)


def test_a_credential_that_the_breaker_stopped_is_an_event(store):
    reason = what_the_breaker_says()
    refused = [
        seen(f"10.20.0.{n}", outcome=Outcome.AUTH_FAILED, reason=reason, sections=(), units=()) for n in range(4, 7)
    ]
    run = begin(store)
    for one in refused:
        store.save_observation(run, one)
    store.seal(run, {"outcomes": {"auth_failed": 3}})

    assert list(of_run(store, run)) == [
        (
            "credential_breaker",
            "credential core (SSH) was refused by 10.20.0.1, 10.20.0.2 and 10.20.0.3;"
            " a corrected credential is tried again by itself; see netcover logins",
        )
    ]


def test_a_run_without_a_refusal_shows_no_broken_credential(store):
    run = a_run(store, seen())

    assert broken_credentials(store, store.run(run)) == ()
    assert list(of_run(store, run)) == []


def test_a_login_that_works_with_a_new_secret_is_no_failed_login_any_more(store):
    def tried(version, ending, moment, address="10.20.0.1"):
        door = Door("", address, 22, "ssh", version, "core")
        steps = [logins.Entering(door, proven=False), logins.Leaving(door, ending)]
        store.write(logins.settle, steps, holder="h", now=moment, allowed=lambda *_: "")

    tried("old", "failed", NOON)
    tried("old", "failed", NOON, "10.20.0.2")
    before = [entry.address for entry in failed_logins(store)]
    tried("new", "worked", NOON.replace(hour=13))

    assert before == ["10.20.0.1", "10.20.0.2"]
    assert [entry.address for entry in failed_logins(store)] == ["10.20.0.2"]
