"""The settings of routes: what they may say, and the sentence for everything else."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from agent.errors import SettingsError
from agent.settings import load, references

MAIL = 'name = "a"\nkind = "mail"\nhost = "m.example.net"\nsender = "n@example.net"\nto = ["x@example.net"]\n'
HOOK = 'name = "a"\nkind = "webhook"\nurl = "env:URL"\n'
FOLDER = 'name = "a"\nkind = "folder"\npath = "x"\n'
NO_DIGEST = 'is no digest; write "daily", "weekly" or a time such as "08:00"'
SYSLOG = 'name = "a"\nkind = "syslog"\n'


def loaded(folder, *routes: str):
    path = folder / "netcover.toml"
    path.write_text("".join(f"[[notify.route]]\n{route}" for route in routes))
    return load(path)


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        (MAIL + "hots = 1", "unknown key 'hots' in [notify.route.0]; did you mean 'host'?"),
        (
            FOLDER + 'host = "x"',
            "notify.route.0: a folder route takes no host; it takes format, path",
        ),
        ('name = "a"\nkind = "mail"\nhost = "x"', "notify.route.0: a mail route needs sender"),
        ('name = "a"\nkind = "slack"', "notify.route.0: a slack route needs url"),
        (
            MAIL.replace("x@", "x y@"),
            "notify.route.0.to.0: 'x y@example.net' is no mail address; write one such as noc@example.net",
        ),
        (MAIL + 'user = "n"', "notify.route.0: user goes with password"),
        (
            MAIL + 'tls = "none"\nuser = "n"\npassword = "env:P"',
            'notify.route.0: a password is not sent in the clear; set tls = "starttls" or "tls"',
        ),
        (
            HOOK.replace("env:URL", "https://hooks.example.net/T0/B0/secret"),
            'notify.route.a.url holds the secret itself; refer to it as "env:NAME", "file:PATH",'
            ' "keyring:SERVICE/USER" or "systemd:NAME", or set allow_plaintext_secrets = true',
        ),
        (FOLDER + 'digest = "8:00"', f"notify.route.0.digest: '8:00' {NO_DIGEST}"),
        (FOLDER + 'digest = "25:00"', f"notify.route.0.digest: '25:00' {NO_DIGEST}"),
        (SYSLOG, "notify.route.0: transport udp takes a host and a port, no path"),
        (SYSLOG + 'transport = "unix"\nhost = "x"', "notify.route.0: transport unix takes a path, no host or port"),
    ],
)  # fmt: skip
def test_a_route_that_cannot_work_is_refused(tmp_path, route, sentence):
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, route)

    assert str(caught.value).removeprefix(f"{tmp_path / 'netcover.toml'}: ") == sentence


def test_two_routes_of_one_name_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="notify: two routes are called 'a'; give each its own name"):
        loaded(tmp_path, FOLDER, FOLDER)


def test_a_routes_secrets_are_references_that_check_goes_through(tmp_path):
    settings = loaded(tmp_path, MAIL + 'user = "n"\npassword = "file:mail"\n', HOOK.replace('"a"', '"b"'))

    assert list(references(settings)) == [
        ("notify.route.a.password", "file:mail"),
        ("notify.route.b.url", "env:URL"),
    ]


@pytest.mark.parametrize(
    ("route", "port"),
    [("", 587), ('tls = "tls"', 465), ('tls = "none"', 25), ("port = 2525", 2525)],
)
def test_the_port_of_a_mail_server_follows_its_kind_of_tls(tmp_path, route, port):
    assert loaded(tmp_path, MAIL + route).notify.route[0].smtp_port == port


def test_the_example_shows_every_key_of_a_route(tmp_path):
    from agent.settings_notify import Route

    lines = (resources.files("configs") / "examples" / "netcover.toml").read_text("utf-8").splitlines()
    begin, end = lines.index("# [[notify.route]]"), lines.index("[watch]")
    text = "\n".join(line.removeprefix("# ") for line in lines[begin:end] if " = " in line or "[[" in line)
    routes = tomllib.loads(text)["notify"]["route"]

    assert {route["kind"] for route in routes} == {"mail", "webhook", "folder", "syslog"}
    assert {key for route in routes for key in route} == set(Route.model_fields)


def test_check_looks_each_route_over_and_contacts_nobody(tmp_path, netcover_here):
    (tmp_path / "netcover.toml").write_text(
        "[[notify.route]]\n"
        + "[[notify.route]]\n".join(
            (
                HOOK,
                HOOK.replace('"a"', '"b"'),
                MAIL.replace('"a"', '"c"') + 'ca_file = "gone.pem"\n',
                FOLDER.replace('"a"', '"d"'),
            )
        ).replace("env:URL", "env:T_NOT_SET", 1)
    )

    done = netcover_here("check", env={"URL": "http://hooks.example.net/Kanarie"})

    assert done.returncode == 2
    assert [line for line in done.stdout.splitlines() if "route " in line] == [
        "fault   route a: netcover.toml: notify.route.a.url: the environment variable T_NOT_SET is not set; set it,"
        " or use file: or systemd:",
        "fault   route b: http://hooks.example.net: the message would go in the clear; use https",
        "fault   route c: gone.pem: holds no certificates that can be read: No such file or directory",
        "ok      route d: folder; try it with: netcover notify --test",
    ]
