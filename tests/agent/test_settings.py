"""The settings file: what it may say, and the sentence for everything else."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

import json
import tomllib
from importlib import resources
from ipaddress import ip_network
from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.secrets import NO_SECRET, Credential, Secret, SnmpCredential, SshCredential
from agent.settings import Settings, load, references
from tests.agent.parts import CANARY, CORE


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "netcover.toml"
    path.write_text(text)
    return path


def refusal(tmp_path: Path, text: str) -> str:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_the_settings_of_the_design_are_read(tmp_path):
    settings = load(written(tmp_path, CORE + 'device_deadline = "2m"\n[ssh]\nknown_hosts = "trust/known"\n'))

    assert settings.scope == (ip_network("10.20.0.0/16"),)
    assert settings.collect.device_deadline == 120.0
    assert settings.collect.protocols == ("snmp", "ssh")
    assert settings.known_hosts == tmp_path / "trust" / "known"
    assert [key for key, _ in references(settings)] == [
        "credentials.core.snmp.auth_key",
        "credentials.core.snmp.priv_key",
        "credentials.core.ssh.password",
        "credentials.core.ssh.enable",
        "credentials.lab.snmp.community",
    ]


def test_an_empty_file_is_all_defaults(tmp_path):
    path = written(tmp_path, "")

    assert load(path) == Settings(file=path)


def test_the_example_says_every_default(tmp_path):
    text = (resources.files("configs") / "examples" / "netcover.toml").read_text("utf-8")
    plain = Settings().model_dump(mode="json")

    said = tomllib.loads(text)
    loaded = load(written(tmp_path, text))

    assert loaded.model_dump(mode="json") == plain
    assert set(said["collect"]) | {"default_credential"} == set(plain["collect"])
    assert set(said["ssh"]) == set(plain["ssh"])


def test_the_example_is_valid_with_its_comments_taken_off(tmp_path):
    lines = (resources.files("configs") / "examples" / "netcover.toml").read_text("utf-8").splitlines()
    keyed = [
        line.removeprefix("# ")
        for line in lines
        if not line.startswith("#") or line.startswith(("# [", "# scope =")) or " = " in line.split("#")[1][:30]
    ]
    text = "\n".join(line for line in keyed if "says that a source" not in line and "`complete" not in line)

    settings = load(written(tmp_path, text))

    assert set(settings.credentials) == {"core", "lab"}
    assert settings.contracts.source[0].complete
    assert settings.overlay == tmp_path / "configs"
    assert settings.store.url.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("scope", "scop"), "unknown key 'scop' in the top of the file; did you mean 'scope'?"),
        (("[collect]", "[colect]"), "unknown key 'colect' in the top of the file; did you mean 'collect'?"),
        (
            ("default_credential", "default_credentail"),
            "unknown key 'default_credentail' in [collect]; did you mean 'default_credential'?",
        ),
        (
            ("community", "comunity"),
            "unknown key 'comunity' in [credentials.lab.snmp]; did you mean 'community'?",
        ),
        (
            ("enable =", "xyzzy ="),
            "unknown key 'xyzzy' in [credentials.core.ssh]; known here: user, password, enable",
        ),
        (('"core"\n', '"cor"\n'), "collect.default_credential: no credential is called 'cor'; did you mean 'core'?"),
        (('"10.20.0.0/16"', '"10.20.0.1/16"'), "scope.0: '10.20.0.1/16' has host bits set; write '10.20.0.0/16'"),
        (('"10.20.0.0/16"', '"office"'), "scope.0: 'office' is no network; write one such as \"10.20.0.0/16\""),
        (('"10.20.0.0/16"', "7"), "scope.0: 7 is no network; write one such as \"10.20.0.0/16\""),
        (('version = "2c"', 'version = "1"'), "credentials.lab.snmp.version: Input should be '2c' or '3'"),
        (
            ('version = "2c", community = "env:T_COMMUNITY"', 'version = "2c"'),
            "credentials.lab.snmp: version 2c takes a community and nothing of version 3",
        ),
        (
            (', auth = "sha256", auth_key = "env:T_AUTH"', ""),
            "credentials.core.snmp: priv needs auth: SNMPv3 does not encrypt what it does not sign",
        ),
        ((', priv_key = "env:T_PRIV"', ""), "credentials.core.snmp: auth goes with auth_key, and priv with priv_key"),
        (('user = "audit", auth', "auth"), "credentials.core.snmp: version 3 takes a user (and auth, auth_key, priv, priv_key), no community"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key_and_cure(tmp_path, change, sentence):
    assert refusal(tmp_path, CORE.replace(*change)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[collect]\ndevice_deadline = 90", 'collect.device_deadline: write a time with its unit, such as "90s" or "2m"'),
        ('[collect]\ndevice_deadline = "0s"', 'collect.device_deadline: write a time with its unit, such as "90s" or "2m"'),
        ('[collect]\nprotocols = ["snmp", "snmp"]', 'collect.protocols: name each protocol once, such as ["snmp", "ssh"]'),
        ('timezone = "Mars"', "timezone: 'Mars' is no time zone; write one such as \"Europe/Berlin\" or \"UTC\""),
        ('timezone = "../UTC"', "timezone: '../UTC' is no time zone; write one such as \"Europe/Berlin\" or \"UTC\""),
        ('file = "x"', f"unknown key 'file' in the top of the file; known here: {', '.join(name for name in Settings.model_fields if name != 'file')}"),
        ("[credentials.a]", "credentials.a: has neither snmp nor ssh; give it at least one"),
        ('[[contracts.source]]\nname = "a"\npaths = ["x"]\nprovidr = "y"', "unknown key 'providr' in [contracts.source.0]; did you mean 'provider'?"),
        ('[[contracts.source]]\nname = "a"\npaths = ["x"]\n[[contracts.source]]\nname = "a"\npaths = ["y"]', "contracts: two sources are called 'a'; give each its own name"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_its_key_and_cure(tmp_path, text, sentence):
    assert refusal(tmp_path, text) == sentence


def test_a_second_mistake_is_counted(tmp_path):
    assert refusal(tmp_path, "scop = 1\nzzz = 2").endswith("did you mean 'scope'? (and 1 more)")


def test_what_is_no_toml_is_refused(tmp_path):
    path = written(tmp_path, "scope = [")

    with pytest.raises(SettingsError, match="is not valid TOML: "):
        load(path)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file or directory; write one with: netcover init"):
        load(tmp_path / "netcover.toml")


def test_a_literal_secret_is_refused_and_not_repeated(tmp_path):
    said = refusal(tmp_path, CORE.replace("env:T_PASSWORD", CANARY))

    assert said == (
        'credentials.core.ssh.password holds the secret itself; refer to it as "env:NAME", "file:PATH",'
        ' "keyring:SERVICE/USER" or "systemd:NAME", or set allow_plaintext_secrets = true'
    )


def test_a_literal_secret_is_taken_where_the_file_allows_it(tmp_path):
    text = "allow_plaintext_secrets = true\n" + CORE.replace("env:T_COMMUNITY", CANARY)

    credential = load(written(tmp_path, text)).credential("lab", {})

    assert credential == Credential("lab", snmp=SnmpCredential("2c", community=Secret(CANARY)))


def test_a_password_in_the_store_url_is_refused(tmp_path):
    text = f'[store]\nurl = "postgresql+psycopg://netcover:{CANARY}@db/netcover"'

    said = refusal(tmp_path, text)

    assert said.startswith("store.url holds the password itself; ")
    assert CANARY not in said


def test_no_mistake_beside_a_secret_repeats_the_secret(tmp_path):
    for change in (("community", "comunity"), ('"2c"', '"9"'), ("[collect]", "[colect]")):
        assert CANARY not in refusal(tmp_path, CORE.replace("env:T_COMMUNITY", CANARY).replace(*change))


def test_a_credential_has_its_secrets_looked_up(tmp_path):
    environment = {"T_AUTH": "auth-key-1", "T_PRIV": "priv-key-1", "T_PASSWORD": "word", "T_ENABLE": "more"}

    credential = load(written(tmp_path, CORE)).credential(environ=environment)

    assert credential == Credential(
        "core",
        snmp=SnmpCredential(
            "3",
            user="audit",
            auth="sha256",
            auth_key=Secret("auth-key-1"),
            priv="aes128",
            priv_key=Secret("priv-key-1"),
        ),
        ssh=SshCredential("audit", Secret("word"), Secret("more")),
    )
    assert credential.snmp is not None
    assert credential.snmp.community is NO_SECRET


def test_an_unset_variable_is_an_error_that_names_file_key_and_cure(tmp_path):
    settings = load(written(tmp_path, CORE))

    with pytest.raises(SettingsError) as caught:
        settings.credential("lab", {})

    assert str(caught.value) == (
        f"{tmp_path}/netcover.toml: credentials.lab.snmp.community: the environment variable T_COMMUNITY"
        " is not set; set it, or use file: or systemd:"
    )


def test_an_unknown_credential_names_those_there_are(tmp_path):
    with pytest.raises(SettingsError, match="no credential is called 'edge'; the file has: core, lab"):
        load(written(tmp_path, CORE)).credential("edge", {})


def test_the_digest_changes_with_a_setting_and_not_with_a_secret(tmp_path):
    literal = "allow_plaintext_secrets = true\n" + CORE.replace("env:T_COMMUNITY", CANARY)
    other_secret = literal.replace(CANARY, CANARY[::-1])
    other_setting = literal + "concurrency = 7\n"

    digests = [load(written(tmp_path, text)).digest for text in (literal, other_secret, other_setting)]

    assert digests[0] == digests[1] != digests[2]


def test_settings_show_no_secret(tmp_path):
    text = "allow_plaintext_secrets = true\n" + CORE.replace("env:T_COMMUNITY", CANARY)
    settings = load(written(tmp_path, text))

    shown = [
        repr(settings),
        str(settings),
        settings.model_dump_json(),
        json.dumps(settings.model_dump(), default=str),
    ]

    assert not [form for form in shown if CANARY in form]


def test_settings_do_not_change():
    settings = Settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.scope = ()
