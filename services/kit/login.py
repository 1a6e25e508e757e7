"""Connecting to Kafka. Why it does not let us in the client tells only its log; here it is an error."""

from ssl import SSLCertVerificationError, SSLError
from typing import Final, Protocol

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from services.kit.errors import FatalError
from services.kit.kafka_settings import KafkaSettings

WITHIN_MS: Final = 5_000
OTHER_NAME: Final = ("Hostname mismatch", "IP address mismatch")
"""How OpenSSL begins to say that a certificate is another host's."""


class LoginError(FatalError):
    """Kafka does not let us in; the message names the setting and the cure."""

    exit_code = 2


class Client(Protocol):
    """Any of the client library's consumers, producers and administrators."""

    async def start(self) -> None:
        """Connect."""


async def connect(client: Client, kafka: KafkaSettings) -> None:
    """Start a client. Raises LoginError, and the client's own errors."""
    try:
        await client.start()
    except KafkaConnectionError:
        await demand_entry(kafka)
        raise


async def demand_entry(kafka: KafkaSettings) -> None:
    """Raise LoginError where a broker that can be reached does not let us in."""
    if kafka.security_protocol == "PLAINTEXT":
        return
    how = kafka.client()
    closing: list[AIOKafkaConnection] = []
    how["on_close"] = lambda connection, _: closing.append(connection)
    for host, port, _ in collect_hosts(how.pop("bootstrap_servers")):
        try:
            connection = await create_conn(host, port, request_timeout_ms=WITHIN_MS, **how)
            connection.close()
        except (KafkaError, OSError) as error:
            refusal = _refusal(error, f"{host}:{port}", kafka)
            if refusal is not None:
                raise LoginError(refusal) from error
        finally:
            # The client closes who is refused, too, but does not wait for TLS to say farewell: a program
            # that ends by then would leave a socket open.
            for connection in closing:
                await connection.close()


def _refusal(error: Exception, broker: str, kafka: KafkaSettings) -> str | None:
    """Return which setting is wrong, or None where nothing says that one is."""
    match error:
        case SaslAuthenticationFailed():
            return (
                f"KAFKA_SASL_PASSWORD: Kafka at {broker} refuses the login of {kafka.sasl_username} by "
                f"{kafka.sasl_mechanism}: set the name and the password of a user that it knows"
            )
        case UnsupportedSaslMechanismError():
            return (
                f"KAFKA_SASL_MECHANISM: Kafka at {broker} takes no logins by {kafka.sasl_mechanism}: "
                "set one that it has, such as SCRAM-SHA-512"
            )
        case SSLCertVerificationError() if error.verify_message.startswith(OTHER_NAME):
            return f"KAFKA_BOOTSTRAP_SERVERS: {error.verify_message}: name brokers as their certificates do"
        case SSLCertVerificationError():
            return (
                f"KAFKA_SSL_CA_FILE: the certificate of {broker} is not trusted ({error.verify_message}): "
                "name the file of the authority that issued it"
            )
        case SSLError(reason="WRONG_VERSION_NUMBER"):
            return f"KAFKA_SECURITY_PROTOCOL: {broker} does not speak TLS: set PLAINTEXT or SASL_PLAINTEXT"
    return None
