from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import pytest

from chatviz.key_shapes import find_keys, find_patterns

WORD = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{WORD}"
KEYS = [
    f"sk-proj-{WORD}_-{WORD}",
    f"sk-svcacct-{WORD}",
    f"sk-{WORD}",
    f"sk-ant-api03-{WORD}-{WORD}AA",
    "sk-or-v1-" + "0123456789abcdef" * 4,
    "sk-test-1234567890abcdef",
    f"gsk_{WORD}",
    f"xai-{WORD}",
    f"csk-{WORD}",
    f"fw_{WORD}",
    f"tgp_v1_{WORD}",
    f"pplx-{WORD}",
    f"r8_{WORD}",
    f"nvapi-{WORD}",
    f"vck_{WORD}",
    f"tvly-dev-{WORD}",
    f"hf_{WORD}",
    f"AIzaSy{WORD[:33]}",
    f"AQ.Ab8RN6{WORD}",
    f"ya29.{WORD}",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    f"ABSKQmVkcm9ja{WORD}=",
    f"ghp_{WORD}",
    f"github_pat_{WORD}",
    f"glpat-{WORD}",
    f"npm_{WORD}12",
    f"pypi-AgE{WORD}",
    f"sk_live_{WORD}",
    f"xoxb-1234567890-{WORD}",
    f"xapp-1-{WORD}",
    f"ek_{WORD}",
    JWT,
]
NO_KEYS = [
    "a task-force-1234567890abcdefghij and risk-adjusted",
    "sk-learn-tutorial-2024-part1 sk-toggleable__content sk-estimator-doc-link",
    "sk-... sk-YOUR_KEY_HERE sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "gen-1757085601-MoaXpkHyDn7NRjzNQmUw chatcmpl-CDtPNCLhpEgFtVFuPpGMYfJhMbQ5N",
    "msg_01SbJ4hNm4BVqTXvjyAsGjv8 toolu_01Dk5LbZvPBAvDzfSRZxjbHD call_8bTXdKQc9Zy1WmJ2",
    "rs_68c1af2c8ed0819fbb5fd4d1a4ac2f4a fp_560af6e559 req_011CSu2nWpmYQEPUWrsqzNvT",
    "550e8400-e29b-41d4-a716-446655440000",
    "a bearer token-based-authentication, Bearer authentication-is-required-here",
    "Basic internationalization",
    "AKIAIOSFODNN7EXAMPLEANDMORE zzAKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9 eyJhbGciOiJIUzI1NiJ9.short",
    "APARTMENTS are big, APPLICATIONS2024 no AP0, and ACTION plans, SKetches",
    "at 12345678:30, node 12345678:abc; www.example.com.discuss.example",
    "a file of 0123456789abcdef0123456789abcdef-usual size",
    "-----BEGIN PRIVATE KEY----- is what such a file begins with.",
    "-----BEGIN PUBLIC KEY-----\\nabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
]


def found(text: str) -> list[str]:
    data = text.encode()
    return [data[span.start : span.end].decode() for span in find_keys(data)]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key)[:12])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ('{"content":"my key is ', '"}'),
        ("OPENAI_API_KEY=", "\n"),
        ('{"content":"first line\\n', '\\nlast line"}'),
        ('{\\"arguments\\":\\"', '\\"}'),
        ("\\u003d", "\\u0026"),
        ("a%3D", "%26b"),
        ("é", "é"),
        ("https://example.com/", "/chat"),
    ],
)
def test_a_key_is_found_whole_wherever_it_stands(key: str, before: str, after: str) -> None:
    assert found(before + key + after) == [key]


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_only_looks_a_little_like_a_key_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_of_a_bearer_only_the_token_is_secret() -> None:
    assert found(f"Authorization: Bearer {WORD}==") == [f"{WORD}=="]
    assert found(f"authorization=bearer%20{WORD}") == [WORD]


@pytest.mark.parametrize("gap", ["\n", "\\n", "\\\\n"])
def test_a_private_key_is_found_up_to_its_end_or_as_far_as_it_goes(gap: str) -> None:
    lines = gap + gap.join([WORD * 2] * 3) + gap
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    assert found(f"{begin}{lines}{end}") == [lines]
    assert found(f"{begin}{lines} and so on") == [lines.removesuffix(gap)]


def test_a_pattern_of_the_user_is_found_whole_or_in_its_group() -> None:
    data = b"user=anna; badge acme-1234"
    spans = list(find_patterns(data, [r"acme-[0-9]+", r"user=(?P<key>[a-z]+)"]))
    assert [data[span.start : span.end] for span in spans] == [b"acme-1234", b"anna"]


# ---- base64, which may spell the shape of a key

CODED = [
    f"AP5{WORD}",
    f"AKC{WORD}",
    "AKIAIOSFODNN7EXAMPLE",
    f"AIzaSy{WORD[:33]}",
    "AC" + "0123456789abcdef" * 2,
    f"GR1348941{WORD}",
    "dapi" + "0123456789abcdef" * 2,
]
SPELLINGS = {
    "base64": lambda coded: coded,
    "in JSON": lambda coded: coded.replace(b"/", b"\\/"),
    "in JSON in JSON": lambda coded: coded.replace(b"/", b"\\\\/").replace(b"+", b"\\\\u002B"),
    "in a URL": lambda coded: quote(coded, safe="").encode(),
    "in lines": lambda coded: b"\n".join(re.findall(rb".{1,76}", coded)),
    "in lines in JSON": lambda coded: b"\\r\\n".join(re.findall(rb".{1,76}", coded)),
}
NO_TEXTS = {
    "base64": base64.b64encode,
    "for URLs": base64.urlsafe_b64encode,
    "wrapped": base64.encodebytes,
    "wrapped, in JSON": lambda data: json.dumps(base64.encodebytes(data).decode()).encode(),
    "hexadecimal": lambda data: data.hex().encode(),
    "in capitals": lambda data: data.hex().upper().encode(),
    "bytes": lambda data: data,
}


@pytest.mark.parametrize("seed", [1, 2, 4])
@pytest.mark.parametrize("write", NO_TEXTS.values(), ids=NO_TEXTS)
def test_data_that_is_no_text_holds_no_key(write: Callable[[bytes], bytes], seed: int) -> None:
    """These seeds spelled one of Artifactory's in their base64."""
    assert list(find_keys(write(Random(seed).randbytes(400_000)))) == []


@pytest.mark.parametrize("key", CODED)
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(("first", "last"), [(0, 3000), (3000, 0), (3000, 3000), (19, 0), (0, 19)])
def test_the_shape_of_a_key_inside_of_base64_is_none(
    key: str, spell: Callable[[bytes], bytes], first: int, last: int
) -> None:
    coded = base64.b64encode(Random(5).randbytes(3000))
    before, after = coded[100 : 100 + first], coded[200 : 200 + last]
    said = spell(before + b"/" * bool(first) + key.encode() + b"+" * bool(last) + after)
    assert list(find_keys(b'{"image": "data:image/png;base64,' + said + b'"}')) == []


def test_a_long_stretch_without_signs_is_base64_as_well() -> None:
    coded = base64.b64encode(Random(5).randbytes(300)).decode()
    assert found(f"{coded}/AKC{WORD * 5}+{coded}") == []
    assert found(f"AKC{WORD * 5}") == [f"AKC{WORD * 5}"]


@pytest.mark.parametrize("key", CODED)
@pytest.mark.parametrize(
    "text",
    [
        *('"%s"', "key=%s", "key: %s", "%s\n%s\n", "%s/", "/%s", "a+%s", "see src/lib/%s, or"),
        *(
            '{"a": "\\n%s\\n"}',
            "https://a.example/Repo5/v2/Files/%s/Files9/Path10/List",
            "%%3D%s",
        ),
        "https:\\/\\/a.example\\/Repo5\\/v2\\/Artifacts\\/%s",
        "%s\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
        f"{WORD}\n%s\n{WORD}",
    ],
)
def test_a_key_beside_a_sign_of_base64_is_found(key: str, text: str) -> None:
    assert found(text.replace("%s", key).replace("%%", "%")) == [key] * text.count("%s")
