"""Amazon MSK's IAM access control: signed tokens, on the wire as OAUTHBEARER."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from aiokafka.errors import KafkaConnectionError

from gerador.cli.kafka_destination import kafka_connection
from gerador.delivery.kafka import msk_iam
from gerador.delivery.kafka.error_messages import describe
from gerador.delivery.kafka.msk_iam import MskIamTokens
from gerador.errors import MissingExtraError, SettingError
from gerador.settings.load import aws_region, load_settings

if TYPE_CHECKING:
    from pathlib import Path

MSK = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "AWS_MSK_IAM"}
BROKER = "b-1.demo.abc123.c2.kafka.sa-east-1.amazonaws.com:9098"
KEY, SECRET, SESSION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session+token/="


@pytest.fixture(autouse=True)
def _no_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the credentials of the machine; no instance metadata is requested."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def signature(query: dict[str, str], host: str, region: str) -> str:
    """Return the signature of the request. Source: AWS, "Signature Version 4", query strings."""
    names = sorted(set(query) - {"X-Amz-Signature", "User-Agent"})
    canonical = "&".join(f"{quote(n, safe='~')}={quote(query[n], safe='~')}" for n in names)
    empty = hashlib.sha256(b"").hexdigest()
    request = "\n".join(("GET", "/", canonical, f"host:{host}", "", "host", empty))
    time = query["X-Amz-Date"]
    scope = f"{time[:8]}/{region}/kafka-cluster/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


async def test_a_token_is_a_signed_url(monkeypatch: pytest.MonkeyPatch):
    """The token authorizes kafka-cluster:Connect in the region, for 15 minutes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION)
    token = await MskIamTokens("sa-east-1").token()
    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    query = dict(parse_qsl(url.query))
    assert (url.scheme, url.netloc) == ("https", "kafka.sa-east-1.amazonaws.com")
    assert query["Action"] == "kafka-cluster:Connect"
    assert query["X-Amz-Expires"] == "900"
    assert query["X-Amz-Security-Token"] == SESSION
    assert query["X-Amz-Credential"].startswith(f"{KEY}/")
    assert query["X-Amz-Signature"] == signature(query, url.netloc, "sa-east-1")
    assert SECRET not in url.query


async def test_a_profile_signs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """AWS_PROFILE selects credentials of the shared file."""
    path = tmp_path / "credentials"
    path.write_text(f"[load]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n", "utf-8")
    monkeypatch.setenv("AWS_PROFILE", "load")
    assert await MskIamTokens("us-east-1").token()


async def test_without_credentials_the_message_names_the_variables():
    """The error has a way out."""
    with pytest.raises(KafkaConnectionError) as raised:
        await MskIamTokens("us-east-1").token()
    assert "no AWS credentials were found; set AWS_ACCESS_KEY_ID" in describe(raised.value)


async def test_other_errors_are_kafka_errors(monkeypatch: pytest.MonkeyPatch):
    """An unknown profile is aiokafka's error, which is retried, with botocore's text."""
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(KafkaConnectionError, match=r"AWS credentials: ProfileNotFound: .*nowhere"):
        await MskIamTokens("us-east-1").token()


async def test_credentials_that_do_not_come_end_the_attempt(monkeypatch: pytest.MonkeyPatch):
    """A role's credentials have a timeout."""
    monkeypatch.setattr(msk_iam, "SIGN_TIMEOUT_S", 0.0)
    with pytest.raises(KafkaConnectionError, match="AWS credentials: no response for 0 s"):
        await MskIamTokens("us-east-1").token()


@pytest.mark.parametrize(
    ("servers", "region"),
    [
        (BROKER, "sa-east-1"),
        ("boot-ab12.c3.kafka-serverless.eu-west-2.amazonaws.com:9098", "eu-west-2"),
        ("b-1.x.y.c1.kafka.cn-north-1.amazonaws.com.cn:9098", "cn-north-1"),
        ("b-1-public.x.y.c1.kafka.us-gov-west-1.amazonaws.com:9198", "us-gov-west-1"),
    ],
)
def test_the_region_is_in_the_brokers_name(servers: str, region: str):
    """The region of MSK's names is used, unless it is set."""
    settings = load_settings(MSK, bootstrap_servers=servers)
    assert aws_region(settings.sasl_aws_region, servers) == region
    arguments = kafka_connection(settings, servers).arguments()
    assert arguments["sasl_mechanism"] == "OAUTHBEARER"
    assert arguments["sasl_oauth_token_provider"]._region == region
    assert aws_region("us-west-2", servers) == "us-west-2"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            MSK,
            (
                "KAFKA_SASL_AWS_REGION is not set; AWS_MSK_IAM requires it, because "
                "localhost:9092 names no region"
            ),
        ),
        (
            MSK | {"KAFKA_SASL_AWS_REGION": "Ohio"},
            "KAFKA_SASL_AWS_REGION=Ohio: expected an AWS region, for example us-east-1",
        ),
        (
            MSK | {"KAFKA_SASL_AWS_REGION": "us-east-1", "KAFKA_SASL_MECHANISM": "OAUTHBEARER"},
            (
                "KAFKA_SASL_MECHANISM=OAUTHBEARER ignores KAFKA_SASL_AWS_REGION; set it to "
                "AWS_MSK_IAM, or remove the region"
            ),
        ),
    ],
)
def test_invalid_settings(environ: dict[str, str], message: str):
    """A region that is missing, malformed or without effect is one line."""
    with pytest.raises(SettingError) as raised:
        load_settings(environ)
    assert str(raised.value) == message


def test_a_missing_signer_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    """Without the extra, the message has the command that installs it."""
    monkeypatch.delitem(sys.modules, "gerador.delivery.kafka.msk_iam")
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", None)
    settings = load_settings(MSK, bootstrap_servers=BROKER)
    with pytest.raises(MissingExtraError, match=r"AWS_MSK_IAM requires .*\[msk-iam\]'"):
        kafka_connection(settings, BROKER).arguments()
