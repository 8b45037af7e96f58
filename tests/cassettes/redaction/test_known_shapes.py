"""What detect-secrets 1.5 looks for is found here, too: a contract with its list of detectors.

Every value below is made up: drawn from the alphabet that the detector asks for.
"""

from __future__ import annotations

import json
import re

import pytest

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.redaction.redaction import redact

MIXED = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9rS1tU3vW5xY7z" * 3
LOWER = MIXED.lower()
UPPER = MIXED.upper()
HEX = "0123456789abcdef" * 4
LINES = "\n".join([MIXED[:64]] * 3)

# The detector, its expression, and a text that holds what it finds.
SHAPES = {
    "Artifactory token": (r"AKC[a-zA-Z0-9]{10,}", f"AKC{MIXED[:40]}"),
    "Artifactory password": (r"AP[\dABCDEF][a-zA-Z0-9]{8,}", f"AP5{MIXED[:30]}"),
    "AWS key id": (r"(?:ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}", f"AKIA{UPPER[:16]}"),
    "AWS key": (
        r"aws.{0,20}?key.{0,20}?['\"]([0-9a-zA-Z/+]{40})",
        f"aws_secret_access_key = '{MIXED[:40]}'",
    ),
    "Azure storage": (r"AccountKey=[a-zA-Z0-9+/=]{88}", f"AccountKey={MIXED[:86]}==;Endpoint=a"),
    "basic auth": (r"://[^:\s]+:([^@\s]*3dE5[^@\s]*)@", f"https://anna:{MIXED[:12]}@a.example/"),
    "Cloudant": (
        r"https://[\w-]+:([0-9a-f]{64})@[\w-]+\.cloudant\.com",
        f"https://me:{HEX}@me.cloudant.com/db",
    ),
    "Discord bot": (
        r"[MNO][a-zA-Z\d_-]{23,25}\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
        f"M{MIXED[:23]}.{MIXED[:6]}.{MIXED[:27]}",
    ),
    "GitHub": (r"(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{36}", f"ghs_{MIXED[:36]}"),
    "GitLab": (r"(glpat|gldt|glft|glsoat|glrt)-[\w-]{20,50}", f"gldt-{MIXED[:20]}"),
    "GitLab runner": (r"GR1348941[\w-]{20,50}", f"GR1348941{MIXED[:20]}"),
    "GitLab CI": (r"glcbt-([0-9a-fA-F]{2}_)?[\w-]{20,50}", f"glcbt-0a_{MIXED[:20]}"),
    "GitLab mail": (r"glimt-[\w-]{25}", f"glimt-{MIXED[:25]}"),
    "GitLab trigger": (r"glptt-[\w-]{40}", f"glptt-{MIXED[:40]}"),
    "GitLab agent": (r"glagent-[\w-]{50,}", f"glagent-{MIXED[:50]}"),
    "GitLab OAuth": (r"gloas-[\w-]{64}", f"gloas-{MIXED[:64]}"),
    "IBM IAM": (r"iam_key.{0,5}([\w-]{44})", f"ibm_cloud_iam_key: '{MIXED[:44]}'"),
    "IBM COS": (r"secret_access_key.{0,5}([a-f0-9]{48})", f"cos_secret_access_key={HEX[:48]}"),
    "JWT": (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", f"eyJ{MIXED[:20]}.eyJ{MIXED[:20]}.{MIXED[:43]}"),
    "Mailchimp": (r"[0-9a-z]{32}-us[0-9]{1,2}", f"{HEX[:32]}-us12"),
    "npm": (
        r":_authToken=\s*((npm_.+)|([A-Fa-f0-9-]{36}))",
        "//registry.example/:_authToken=550e8400-e29b-41d4-a716-446655440000",
    ),
    "OpenAI": (
        r"sk-[\w-]*[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
        f"sk-proj-{MIXED[:20]}T3BlbkFJ{MIXED[:20]}",
    ),
    "private key": (
        re.escape(MIXED[:64]),
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{LINES}\n-----END OPENSSH PRIVATE KEY-----",
    ),
    "PGP": (
        re.escape(MIXED[:64]),
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{LINES}\n-----END PGP PRIVATE KEY BLOCK-----",
    ),
    "SSH2": (
        re.escape(MIXED[:64]),
        f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{LINES}\n---- END SSH2 ENCRYPTED",
    ),
    "PuTTY": (
        re.escape(MIXED[:64]),
        f"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 3\n{LINES}\n",
    ),
    "PyPI": (r"pypi-AgEIcHlwaS5vcmc[\w-]{70,}", f"pypi-AgEIcHlwaS5vcmc{MIXED[:80]}"),
    "test.pypi": (r"pypi-AgENdGVzdC5weXBpLm9yZw[\w-]{70,}", f"pypi-AgENdGVzdC5weXBpLm9yZw{MIXED}"),
    "SendGrid": (r"SG\.[\w-]{22}\.[\w-]{43}", f"SG.{MIXED[:22]}.{MIXED[:43]}"),
    "Slack": (r"(?i)xox(?:a|b|p|o|s|r)-(?:\d+-)+[a-z0-9]+", f"xoxp-1234567890-{LOWER[:24]}"),
    "Slack webhook": (
        r"https://hooks\.slack\.com/services/T\w+/B\w+/\w+",
        f"https://hooks.slack.com/services/T0123ABCD/B0123ABCD/{MIXED[:24]}",
    ),
    "SoftLayer": (r"softlayer_key.{0,5}([a-z0-9]{64})", f'softlayer_key = "{LOWER[:64]}"'),
    "SoftLayer URL": (
        r"api\.softlayer\.com/soap/(?:v3|v3\.1)/([a-z0-9]{64})",
        f"https://api.softlayer.com/soap/v3.1/{LOWER[:64]}",
    ),
    "Square": (r"sq0csp-[\w-]{43}", f"sq0csp-{MIXED[:43]}"),
    "Stripe": (r"[rs]k_live_[0-9a-zA-Z]{24}", f"rk_live_{MIXED[:24]}"),
    "Telegram": (r"\d{8,10}:[0-9A-Za-z_-]{35}", f"1234567890:AA{MIXED[:33]}"),
    "Twilio account": (r"AC[a-z0-9]{32}", f"AC{HEX[:32]}"),
    "Twilio key": (r"SK[a-z0-9]{32}", f"SK{HEX[:32]}"),
}
# The words of its detector of keywords; a secret is what they are set to.
KEYWORDS = [
    *("api_key", "apikey", "auth_key", "service_key", "account_key", "db_key", "database_key"),
    *("priv_key", "private_key", "client_key", "db_pass", "database_pass", "key_pass"),
    *("password", "passwd", "pwd", "secret", "contraseña", "contrasena"),
]
NOTATIONS = ['{"%s": "%s"}', "%s = '%s'", '%s := "%s"', "%s=%s", "%s: %s", '"%s" => "%s"']


def clean(text: str) -> str:
    """Return what a recording would hold of a text in an answer, as text and as JSON."""
    kept = []
    for body in (text, json.dumps({"content": text}), json.dumps([json.dumps([text])])):
        interaction = Interaction(RecordedRequest(), RecordedResponse(200, body=body.encode()))
        kept.append(redact(interaction)[0].response.body.decode())
    return "\n".join(kept)


@pytest.mark.parametrize("kind", SHAPES)
def test_what_detect_secrets_knows_by_its_shape_is_in_no_file(kind: str) -> None:
    pattern, text = SHAPES[kind]
    match = re.search(pattern, text)
    assert match is not None, "the text is no example of its shape"
    assert match[0] not in clean(text)
    assert match[0] not in clean(f'first {text} and "last"')
    assert not re.search(r"[A-Za-z0-9]{24}", clean(text).replace("REDACTED", ""))


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_what_detect_secrets_knows_by_a_keyword_is_in_no_file(keyword: str, notation: str) -> None:
    secret = MIXED[:24]
    assert secret in json.dumps(notation % (keyword, secret))
    assert secret not in clean(notation % (keyword, secret))


def test_the_examples_are_all_found_by_what_is_said_of_them() -> None:
    text = "\n".join(text for _, text in SHAPES.values())
    interaction = Interaction(RecordedRequest(), RecordedResponse(200, body=text.encode()))
    cleaned, removed = redact(interaction)
    assert len(removed) >= len(SHAPES)
    assert len(cleaned.response.body) == len(text)
    assert redact(cleaned) == (cleaned, ())
