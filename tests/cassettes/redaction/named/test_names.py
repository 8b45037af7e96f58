"""One notion of the name of a secret."""

from __future__ import annotations

import pytest

from chatviz.cassettes.redaction.named.names import STEMS, is_opaque, is_secret_key, is_secret_name


def words(text: str) -> list[str]:
    return text.split()


ANYWHERE = words(
    """
    apiKey api_key API-KEY x-api-key apikey xApiKey OPENAI_API_KEY openai.api_key api_keys
    api_key_2 accessToken access_token refresh_token id_token token authorization_token
    csrf_token authToken clientSecret client_secret secret secrets app-secret secret_id
    aws_secret_access_key password PASSWORD user_password dbpassword passwd pwd passphrase
    credential credentials authorization Proxy-Authorization cookie cookies Set-Cookie jwt
    auth_key service_key account_key AccountKey db_key database_key priv_key privateKey
    client_key signing_key encryption_key contraseña contrasena password1 token_value
    authorization_code bearer X-Bearer connectionString connection_string db.connection-string
    """
)
NOT_IN_JSON = words(
    """
    key code pass sid sig signature session session_id sessionid auth assertion X-Amz-Signature
    X-Amz-Date JSESSIONID PHPSESSID pin otp auth_code db_pass x_key
    """
)
NOWHERE = words(
    """
    max_tokens maxTokens token_count tokenCount tokens total_tokens prompt_tokens token_type
    key_id keyId token_id token_ids token_budget next_page_token pageToken prompt_cache_key
    partition_key primary_key public_key foreign_key eos_token bos_token pad_token stop_token
    authorization_endpoint auth_url author authors monkey keyboard design tenant passage compass
    status_code error_code country_code codec zip_code session_count cookie_policy secret_name
    bearers connection connection_id connections string_connection
    signed content model usage x-ratelimit-remaining-tokens x-request-id n id alt
    """
)


@pytest.mark.parametrize("name", ANYWHERE)
def test_a_name_of_a_secret_is_one_wherever_it_stands(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_key(name)


@pytest.mark.parametrize("name", NOT_IN_JSON)
def test_some_words_are_ordinary_in_json_and_secret_elsewhere(name: str) -> None:
    assert is_secret_name(name)
    assert not is_secret_key(name)


@pytest.mark.parametrize("name", NOWHERE)
def test_counts_and_descriptions_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name)
    assert not is_secret_key(name)


@pytest.mark.parametrize("name", [*ANYWHERE, *NOT_IN_JSON])
def test_every_name_of_a_secret_has_a_stem_that_is_searched_for(name: str) -> None:
    if not name.lower().startswith("x-amz-"):
        assert any(stem.decode() in name.lower() for stem in STEMS)


def test_a_value_drawn_by_lot_is_known_by_its_letters_and_digits() -> None:
    assert is_opaque("aB3dE5fG7hJ9kL1mN3pQ5rS7")
    assert is_opaque("0123456789abcdef" * 2)
    for ordinary in ("invalid_api_key", "550e8400-e29b-41d4-a716-446655440000", "a" * 40, "1" * 40):
        assert not is_opaque(ordinary)


def test_a_name_without_end_is_looked_at_in_part() -> None:
    assert not is_secret_name("a" * 1_000_000 + "_key")
