"""Which licence commands a device is asked: each generation its own, and never one after another has answered."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from collectors.collect import Login, Polling, collect
from collectors.model import Outcome, Target
from collectors.platforms import Platform, load
from collectors.scope import Scope
from collectors.transports import ssh
from collectors.transports.hostkeys import KnownHosts
from collectors.transports.shell import Limits
from tests.lab import Access
from tests.lab.profiles import c9300_stack, isr2911
from tests.lab.units import Box

IOS = load()["cisco_ios"]


def asked(platform: Platform, answers: dict[str, str]) -> list[str]:
    """The licence commands that a device with these answers gets."""
    assert platform.ssh is not None
    return [
        command.send
        for command in platform.ssh.command
        if command.section == "licences" and command.ask and platform.due(command.send, answers.get)
    ]


@pytest.mark.parametrize(
    ("answers", "commands"),
    [
        ({"show license usage": "x"}, ["usage", "status", "udi", "authorization"]),
        ({"show license summary": "x"}, ["usage", "summary", "status", "udi", "authorization"]),
        ({"show license": "x"}, ["usage", "summary", "", "detail", "right-to-use summary"]),
        ({"show license usage": "Smart Licensing is NOT ENABLED\n"}, ["usage", "summary", "", "right-to-use summary"]),
        ({}, ["usage", "summary", "", "right-to-use summary"]),
    ],
)  # fmt: skip
def test_each_generation_is_asked_its_own(answers: dict[str, str], commands: list[str]) -> None:
    assert asked(IOS, answers) == [f"show license {words}".strip() for words in commands]


@pytest.mark.parametrize(
    ("profile", "commands"),
    [
        (c9300_stack, ["usage", "status", "udi", "authorization"]),
        (isr2911, ["usage", "summary", "", "detail", "right-to-use summary"]),
    ],
)
def test_a_device_is_sent_no_other_licence_command(serve, tmp_path, profile, commands) -> None:
    device = profile(Box("127.43.1.1", "r1"), Access()).device
    lab = serve(device)
    polling = Polling(
        scope=Scope((ip_network("127.43.0.0/16"),)),
        platforms=load(),
        logins={"": Login(ssh=ssh.Login("audit", "lab-ssh-secret", "lab-enable-secret"))},
        known_hosts=KnownHosts(tmp_path / "known_hosts", learn=True),
        protocols=("ssh",),
        ssh_port=lab.ssh_port,
        ssh_limits=Limits(command=3.0, prompt=3.0, auth=3.0, banner=2.0),
        parsers=1,
    )

    async def run():
        async with aclosing(collect([Target(device.address)], polling, now=lambda: datetime.now(UTC))) as seen:
            return [observation async for observation in seen]

    (seen,) = asyncio.run(run())

    sent = [line for line in lab.score(device.address).commands if line.startswith("show license")]
    assert sent == [f"show license {words}".strip() for words in commands]
    assert seen.outcome is Outcome.COMPLETE
