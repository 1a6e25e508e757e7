"""Apache Kafka as a careful operator runs it: TLS, a login for everybody, no right that is not given."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext, create_default_context

from infra.kafka.access import ACCESS
from infra.local.kafka import ApacheKafka
from infra.local.kafka_answers import answers_requests
from infra.local.ports import HOST
from services.kit.kafka_settings import KafkaSettings
from tests.certificates import Identity, authority, issued
from tests.engine import free_port

ADMINISTRATOR = "administrator"
BROKER = "broker"
SPARE = "spare"
USERS = (
    ADMINISTRATOR,
    BROKER,
    *(f"octroi-{service}" for service in ACCESS),
    # Without rights, for tests to give them some.
    *(f"{SPARE}-{number}" for number in range(12)),
)
SECURITY = """
listeners=SASL_SSL://{host}:{port},MUTUAL://{host}:{mutual_port},CONTROLLER://{host}:{controller_port}
advertised.listeners=SASL_SSL://{host}:{port},MUTUAL://{host}:{mutual_port}
listener.security.protocol.map=SASL_SSL:SASL_SSL,MUTUAL:SSL,CONTROLLER:SSL
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required username="{broker}" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keys}
ssl.truststore.type=PEM
ssl.truststore.location={trusted}
# Brokers know one another by their certificates, and so do clients that have one.
listener.name.controller.ssl.client.auth=required
listener.name.mutual.ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1/,DEFAULT
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{administrator};User:{broker}
"""


@dataclass(frozen=True)
class SecuredKafka(ApacheKafka):
    """A broker that takes SCRAM logins over TLS on one port, and certificates on another."""

    mutual_port: int = field(default_factory=free_port)
    issuer: Identity = field(default_factory=authority)
    passwords: dict[str, str] = field(
        default_factory=lambda: {user: secrets.token_urlsafe(24) for user in USERS}
    )

    @property
    def trusted(self) -> Path:
        """The authority's certificate."""
        return self.folder / "authority.pem"

    def prepare(self) -> None:
        """Write the certificates, and then what any broker takes."""
        self.folder.mkdir(parents=True)
        broker = issued(self.issuer, BROKER, HOST)
        (self.folder / "broker.pem").write_bytes(broker.key_pem() + broker.certificate_pem())
        self.trusted.write_bytes(self.issuer.certificate_pem())
        super().prepare()

    def configuration(self) -> str:
        """Return any broker's configuration, with other listeners and the security."""
        lines = super().configuration().splitlines()
        kept = [line for line in lines if not line.startswith(("listeners=", "advertised.listeners="))]
        secured = SECURITY.format(
            host=HOST,
            port=self.port,
            mutual_port=self.mutual_port,
            controller_port=self.controller_port,
            broker=BROKER,
            administrator=ADMINISTRATOR,
            password=self.passwords[BROKER],
            keys=self.folder / "broker.pem",
            trusted=self.trusted,
        )
        return "\n".join(kept) + secured

    def format_options(self) -> tuple[str, ...]:
        """Return the users, who are there from the beginning."""
        users = (f"SCRAM-SHA-512=[name={user},password={word}]" for user, word in self.passwords.items())
        return tuple(option for user in users for option in ("--add-scram", user))

    def is_ready(self) -> bool:
        """Tell whether the broker answers over TLS."""
        return answers_requests(HOST, self.port, self.tls())

    def tls(self) -> SSLContext:
        """Return what trusts the broker."""
        return create_default_context(cafile=self.trusted)

    def environment(self, user: str) -> dict[str, str]:
        """Return the environment variables of a user's processes."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap(),
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SSL_CA_FILE": str(self.trusted),
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": self.passwords[user],
        }

    def settings(self, user: str, **others: object) -> KafkaSettings:
        """Return a user's settings."""
        told = {name.removeprefix("KAFKA_").lower(): value for name, value in self.environment(user).items()}
        return KafkaSettings.model_validate({**told, **others})
