"""Apache Kafka itself: a KRaft broker and its controller, fetched by Maven and run by Java."""

import base64
import hashlib
import subprocess
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Literal

from infra.local.errors import LauncherError
from infra.local.java import Java
from infra.local.kafka_answers import answers_requests
from infra.local.kafka_jars import fetch_jars, has_jars, is_complete, jars_folder
from infra.local.part import Program
from infra.local.ports import HOST, Port
from infra.local.settings import REPOSITORY

CONFIGURATION = REPOSITORY / "infra" / "kafka"
OLDEST_JAVA = 17
MACHINE = (
    "-XX:+UseSerialGC",
    # The second compiler takes a core for a minute after each start, and gains little on copying of bytes.
    "-XX:TieredStopAtLevel=1",
    # A broker out of memory would linger half dead; one that ends is started again.
    "-XX:+ExitOnOutOfMemoryError",
)


Roles = Literal["broker,controller", "broker", "controller"]
NODES: dict[Roles, int] = {"broker,controller": 1, "broker": 1, "controller": 2}
# What lives long takes 70 MB. Left to itself, Java begins with a 64th of the machine's memory, and fills it.
_BROKER = ("-Xms192m", "-Xmn96m", "-Xmx512m")
HEAPS: dict[Roles, tuple[str, ...]] = {
    "broker,controller": _BROKER,
    "broker": _BROKER,
    "controller": ("-Xms64m", "-Xmx192m"),
}


BROKER_SESSION_SECONDS = 2
AFTER_A_CRASH = CONFIGURATION / "after_a_crash.sh"


@dataclass(frozen=True, slots=True)
class ApacheKafka:
    """A node with its topics in `folder`; its jars lie below `jars`, which several nodes can share.

    A broker that is its own controller takes up its work, after a crash, with what it knew before, and is
    sent away and called back while it still reads: it can forget what groups have committed. So where topics
    must outlive a crash, the controller is a process of its own, and sees to it that the broker begins anew.
    """

    folder: Path
    jars: Path
    java: Java
    port: int
    controller_port: int
    roles: Roles = "broker,controller"

    def parts(self) -> tuple["ApacheKafka", ...]:
        """Return what must run, in order: for a broker, its controller too."""
        return (replace(self, roles="controller"), self) if self.roles == "broker" else (self,)

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return "Apache Kafka" if self._is_broker else "Apache Kafka's controller"

    @property
    def ports(self) -> tuple[Port, ...]:
        """Ports of clients and of the controller."""
        clients = Port("Kafka", self.port, "OCTROI_KAFKA_PORT")
        controller = Port("Kafka's controller", self.controller_port, "OCTROI_KAFKA_CONTROLLER_PORT")
        return (*((clients,) if self._is_broker else ()), *((controller,) if self._is_controller else ()))

    @property
    def _is_broker(self) -> bool:
        return self.roles != "controller"

    @property
    def _is_controller(self) -> bool:
        return self.roles != "broker"

    def bootstrap(self) -> str:
        """Return the address for clients."""
        return f"{HOST}:{self.port}"

    @property
    def properties(self) -> Path:
        """The node's configuration."""
        return self.folder / ("server.properties" if self._is_broker else "controller.properties")

    @property
    def data(self) -> Path:
        """The topics, or what the controller knows of them."""
        return self.folder / ("data" if self._is_broker else "controller")

    def prepare(self) -> None:
        """Fetch the jars, write the configuration, format the storage.

        Raises LauncherError.
        """
        if not has_jars(self.jars):
            fetch_jars(self.jars)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.properties.write_text(self.configuration(), encoding="utf-8")
        if not (self.data / "meta.properties").exists():
            self._format()

    def configuration(self) -> str:
        """Return what the node reads."""
        template = Template((CONFIGURATION / "server.properties").read_text(encoding="utf-8"))
        clients, controller = f"PLAINTEXT://{HOST}:{self.port}", f"CONTROLLER://{HOST}:{self.controller_port}"
        listeners = (clients,) * self._is_broker + (controller,) * self._is_controller
        return template.substitute(
            roles=self.roles,
            node=NODES[self.roles],
            voter=NODES["broker,controller" if self.roles == "broker,controller" else "controller"],
            controller_port=self.controller_port,
            listeners=",".join(listeners),
            advertised=clients if self._is_broker else controller,
            data=self.data,
        )

    def format_options(self) -> tuple[str, ...]:
        """Return what its storage begins with beside topics: nothing."""
        return ()

    def _cluster(self) -> str:
        """Return the name that the nodes of this folder have in common."""
        file = self.folder / "cluster-id"
        if not file.exists():
            file.write_text(
                base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="), encoding="utf-8"
            )
        return file.read_text(encoding="utf-8")

    def _format(self) -> None:
        if self.roles == "controller" and (self.folder / "data" / "meta.properties").exists():
            raise LauncherError(
                f"the topics in {self.folder} are an earlier version's, whose broker was its own controller: "
                "`make clean-state` removes them"
            )
        # As one word: the id may begin with a dash.
        arguments = (
            "format",
            f"--cluster-id={self._cluster()}",
            "--config",
            str(self.properties),
            *self.format_options(),
        )
        command = self._command("kafka.tools.StorageTool", *arguments)
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            last_words = (finished.stdout + finished.stderr).strip()[-1000:]
            raise LauncherError(f"Kafka's storage in {self.data} could not be formatted:\n{last_words}")

    def program(self) -> Program:
        """Return the node in the foreground."""
        command = self._command("kafka.Kafka", str(self.properties), options=self._class_archive())
        if self.roles == "broker":
            command = ("sh", str(AFTER_A_CRASH), str(self.data), str(BROKER_SESSION_SECONDS), *command)
        # A broker that makes the archive on a busy machine takes long to end.
        name = "kafka" if self._is_broker else "kafka-controller"
        return Program(name, command, folder=self.folder, stop_seconds=60)

    def is_ready(self) -> bool:
        """Tell whether the node answers requests, which a broker does once it has read its logs."""
        return answers_requests(HOST, self.port if self._is_broker else self.controller_port)

    def _command(self, main_class: str, *arguments: str, options: tuple[str, ...] = ()) -> tuple[str, ...]:
        jars = f"{jars_folder(self.jars)}/*"
        logging = f"-Dlog4j2.configurationFile={CONFIGURATION / 'log4j2.properties'}"
        return (
            self.java.binary,
            *HEAPS[self.roles],
            *MACHINE,
            *options,
            logging,
            "-cp",
            jars,
            main_class,
            *arguments,
        )

    def _class_archive(self) -> tuple[str, ...]:
        """Return the option that reads the archive of loaded classes, or makes it when the broker ends.

        With it the start takes half the time and half the processor; making it delays the first end by 5 s.
        """
        jars = jars_folder(self.jars)
        made_for = (self.java.version, *MACHINE, str(jars))
        key = hashlib.sha256(" ".join(made_for).encode()).hexdigest()[:12]
        archive = jars / f"classes-{key}.jsa"
        if is_complete(archive):
            return (f"-XX:SharedArchiveFile={archive}",)
        return (f"-XX:ArchiveClassesAtExit={archive}",) if self._is_broker else ()
