from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.errors import Malformed
from collectors.oids import Oid
from collectors.transports.snmp import ber
from collectors.transports.snmp.pdu import RESPONSE, Pdu, decode_pdu, decode_v2c, encode_pdu, encode_v2c
from collectors.transports.snmp.seam import Kind, Request
from collectors.transports.snmp.v3 import decode_envelope
from tests.collectors.snmp.scripted import encoded

ARCS = st.integers(0, 2**32 - 1)
OIDS = st.builds(
    lambda first, second, rest: (first, second % 40 if first < 2 else second, *rest),
    st.integers(0, 2),
    ARCS,
    st.lists(ARCS, max_size=126),
)


def walked(oid: Oid) -> Oid:
    return ber.decode_oid(ber.encode_oid(oid))


@given(OIDS)
def test_an_oid_survives_the_round_trip(oid: Oid) -> None:
    assert walked(oid) == oid


def test_oids_of_the_standard_are_encoded_as_it_says() -> None:
    # X.690 8.19.5: {2 999 3} is 88 37 03; sysDescr.0 as every agent sends it.
    assert ber.encode_oid((2, 999, 3)) == bytes.fromhex("883703")
    assert ber.encode_oid((1, 3, 6, 1, 2, 1, 1, 1, 0)) == bytes.fromhex("2b06010201010100")
    assert walked((2, 2**32 - 1, 2**32 - 1)) == (2, 2**32 - 1, 2**32 - 1)


@pytest.mark.parametrize("oid", [(), (1,), (3, 1), (1, 40), (1, 3, 2**32 + 80), tuple([1] * 129)])
def test_what_is_no_oid_is_not_encoded(oid: Oid) -> None:
    with pytest.raises(ValueError, match="OID"):
        ber.encode_oid(oid)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("2b86", id="cut"),
        pytest.param("2b8006", id="padded"),
        pytest.param("2b" + "9080808000", id="arc of 33 bits"),
        pytest.param("2b" + "01" * 127, id="129 arcs"),
        pytest.param("2bffffffffffffffffffff7f", id="arc without end"),
    ],
)
def test_what_is_no_oid_is_malformed(content: str) -> None:
    with pytest.raises(Malformed):
        ber.decode_oid(bytes.fromhex(content))


@given(st.integers(-(2**200), 2**200))
def test_an_integer_has_the_fewest_bytes(value: int) -> None:
    content = ber.integer(value)[2:]
    assert int.from_bytes(content, "big", signed=True) == value
    assert len(content) == 1 or int.from_bytes(content[1:], "big", signed=True) != value


VALUES = st.one_of(
    st.tuples(st.just(ber.INTEGER), st.integers(-(2**127), 2**127 - 1)),
    st.tuples(st.sampled_from((ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS)), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(ber.COUNTER64), st.integers(0, 2**64 - 1)),
    st.tuples(st.sampled_from((ber.OCTETS, 0x40, 0x44)), st.binary(max_size=300)),
    st.tuples(st.just(ber.OBJECT), OIDS),
    st.tuples(st.sampled_from((ber.NULL, 0x80, 0x81, 0x82)), st.none()),
)
BINDINGS = st.lists(st.builds(lambda oid, value: (oid, *value), OIDS, VALUES), max_size=8)


@given(st.integers(-(2**31), 2**31 - 1), BINDINGS)
def test_a_response_survives_the_round_trip(number: int, bindings: list[tuple[Oid, int, ber.Value]]) -> None:
    body = ber.integer(number) + ber.integer(5) + ber.integer(2) + ber.tlv(ber.SEQUENCE, encoded(bindings))
    message = encode_v2c(b"c", ber.tlv(RESPONSE, body))

    assert decode_v2c(message) == (b"c", Pdu(RESPONSE, number, 5, 2, bindings))


@pytest.mark.parametrize(
    ("tag", "content", "value"),
    [
        pytest.param(ber.COUNTER32, "ffffffff", 2**32 - 1, id="counter in a signed word"),
        pytest.param(ber.COUNTER64, "ff", 2**64 - 1, id="negative Counter64"),
        pytest.param(ber.INTEGER, "ff", -1, id="negative"),
        pytest.param(ber.INTEGER, "01" + "00" * 8, 2**64, id="more than 64 bits"),
        pytest.param(ber.INTEGER, "", b"", id="INTEGER without a byte"),
        pytest.param(ber.INTEGER, "01" * 17, b"\x01" * 17, id="INTEGER of 17 bytes"),
        pytest.param(ber.OBJECT, "8001", b"\x80\x01", id="padded OID"),
        pytest.param(ber.NULL, "00", b"\x00", id="NULL with content"),
        pytest.param(0x99, "fffe00", b"\xff\xfe\x00", id="unknown tag"),
        pytest.param(ber.OCTETS, "00ff1b5b", b"\x00\xff\x1b[", id="octets that are no text"),
    ],
)
def test_a_value_that_does_not_fit_its_type_stays_raw(tag: int, content: str, value: ber.Value) -> None:
    raw = bytes.fromhex(content)
    binding = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT, b"\x2b\x06") + ber.tlv(tag, raw))

    assert ber.varbinds(binding, 0, len(binding)) == [((1, 3, 6), tag, value)]


def test_lengths_in_the_long_form_are_read_even_where_a_short_one_would_do() -> None:
    binding = bytes.fromhex("3082000b" + "0681022b06" + "048300000141")

    assert ber.varbinds(binding, 0, len(binding)) == [((1, 3, 6), ber.OCTETS, b"A")]


def a_message() -> bytes:
    bindings = [((1, 3, 6, 1, 2, 1, 1, 1, 0), ber.OCTETS, b"x" * 200), ((1, 3, 6, 1), ber.INTEGER, -5)]
    body = ber.integer(77) + ber.integer(0) * 2 + ber.tlv(ber.SEQUENCE, encoded(bindings))
    return encode_v2c(b"public", ber.tlv(RESPONSE, body))


def test_a_message_cut_anywhere_is_malformed() -> None:
    message = a_message()
    for size in range(len(message)):
        with pytest.raises(Malformed):
            decode_v2c(message[:size])


def test_bytes_between_the_parts_of_a_message_are_malformed() -> None:
    body = ber.integer(77) + ber.integer(0) * 2 + ber.tlv(ber.SEQUENCE, b"")
    for extra in (ber.tlv(RESPONSE, body + b"\x05\x00"), ber.tlv(RESPONSE, body) + b"\x05\x00"):
        with pytest.raises(Malformed, match="bytes follow"):
            decode_v2c(encode_v2c(b"c", extra))


def test_bytes_behind_a_message_are_ignored_as_net_snmp_does() -> None:
    assert decode_v2c(a_message() + b"padding") == decode_v2c(a_message())


@pytest.mark.parametrize(
    "binding",
    [
        pytest.param("30 07 06022b06 04 00 41", id="value shorter than its varbind"),
        pytest.param("30 07 06022b06 04 02 41", id="value longer than its varbind"),
        pytest.param("30 05 06802b06 04", id="name of indefinite length"),
        pytest.param("30 06 06022b06 04 80", id="value of indefinite length"),
        pytest.param("30 0c 06022b06 04 85 0000000001 41", id="length of five bytes"),
        pytest.param("30 06 04022b06 04 00", id="no OID"),
        pytest.param("31 06 06022b06 04 00", id="no SEQUENCE"),
    ],
)
def test_a_varbind_that_does_not_add_up_is_malformed(binding: str) -> None:
    data = bytes.fromhex(binding)
    with pytest.raises(Malformed):
        ber.varbinds(data, 0, len(data))


def test_a_varbind_stays_inside_its_list() -> None:
    data = bytes.fromhex("30 07 06022b06 04 01 41")
    with pytest.raises(Malformed):
        ber.varbinds(data, 0, len(data) - 1)


def test_an_indefinite_or_huge_length_is_malformed() -> None:
    for length in ("80", "850000000001", "84ffffffff", "ff"):
        with pytest.raises(Malformed):
            decode_v2c(bytes.fromhex("30" + length + "020101"))


FUZZ = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda spots: bytes(spots.get(at, byte) for at, byte in enumerate(a_message())),
        st.dictionaries(st.integers(0, len(a_message()) - 1), st.integers(0, 255), max_size=6),
    ),
)


@given(FUZZ)
def test_the_decoders_raise_nothing_but_malformed(data: bytes) -> None:
    for decode in (decode_v2c, decode_envelope):
        with suppress(Malformed):
            decode(data)


def test_nesting_does_not_recurse() -> None:
    with pytest.raises(Malformed):
        decode_v2c(b"\x30\x82\xff\xf0" * 10_000)


@pytest.mark.parametrize(("kind", "tag"), [(Kind.GET, 0xA0), (Kind.GETNEXT, 0xA1), (Kind.GETBULK, 0xA5)])
def test_a_request_carries_the_tag_of_its_kind(kind: Kind, tag: int) -> None:
    assert encode_pdu(Request(kind, ((1, 3, 6, 1),), 0, 10), 1)[0] == tag


def test_no_request_can_be_a_set() -> None:
    assert {kind.value for kind in Kind} == {0xA0, 0xA1, 0xA5}
    for value in (0xA3, "set", None):
        with pytest.raises(ValueError, match="is not a valid Kind"):
            Kind(value)
        with pytest.raises(TypeError, match="an SNMP request reads"):
            Request(value, ((1, 3, 6, 1),))  # type: ignore[arg-type]


def test_an_encoder_given_a_forged_kind_refuses() -> None:
    forged = Request(Kind.GET, ((1, 3, 6, 1),))
    object.__setattr__(forged, "kind", 0xA3)
    with pytest.raises(KeyError):
        encode_pdu(forged, 1)


def test_a_request_is_not_taken_for_an_answer() -> None:
    request = encode_pdu(Request(Kind.GET, ((1, 3, 6, 1),)), 1)
    with pytest.raises(Malformed, match="is no answer"):
        decode_pdu(request, 0, len(request))
