"""The examples for containers, systemd and proxies name only settings and commands that exist."""

import re
import shlex
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from ismessenger.cli import parser
from ismessenger.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *(path for path in (ROOT / "deploy").rglob("*") if path.is_file())]
SERVERS = ("postgres", "valkey")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"ISMESSENGER_([A-Z0-9_]+)", path.read_text()))
    assert named - {name.upper() for name in Settings.model_fields} == set()


def test_the_services_run_commands_that_exist_and_start_in_order() -> None:
    services = COMPOSE["services"]
    assert set(services) == {*SERVERS, "migrate", "web", "worker"}
    for name in set(services) - set(SERVERS):
        assert parser().parse_args(services[name]["command"]).function
        assert "postgres" in services[name]["environment"]["ISMESSENGER_DATABASE_URL"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["migrate"]["depends_on"] == {name: {"condition": "service_healthy"} for name in SERVERS}
    assert (services["postgres"]["image"], services["valkey"]["image"]) == ("postgres:18", "valkey/valkey:8")


def test_what_stands_in_the_file_beside_it_reaches_the_processes() -> None:
    environment = COMPOSE["services"]["worker"]["environment"]
    passed_on = {name.removeprefix("ISMESSENGER_") for name, value in environment.items() if value is None}
    assert passed_on >= {
        name.upper() for name in Settings.model_fields if name.startswith(("files_", "smtp_", "mail_", "meta_", "metrics_"))
    }


def test_the_proxy_that_is_believed_is_the_gateway_of_the_network() -> None:
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    trusted = COMPOSE["services"]["web"]["environment"]["ISMESSENGER_TRUSTED_PROXIES"]
    assert ip_address(trusted) == ip_network(network["subnet"])[1]


def test_the_image_runs_a_command_that_exists_and_is_not_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith(("USER", "ENTRYPOINT", "CMD"))] == [
        "USER ismessenger",
        'ENTRYPOINT ["ismessenger"]',
        'CMD ["web"]',
    ]
    assert parser().parse_args(["web"]).function


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_every_unit_runs_a_command_that_exists(path: Path) -> None:
    (start,) = re.findall(r"^ExecStart=(.+)$", path.read_text(), re.MULTILINE)
    words = shlex.split(start)
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].removeprefix("exec ").replace("$$(date +%%A)", "day"))
    assert words[0] == "/opt/ismessenger/bin/ismessenger"
    assert parser().parse_args(words[1:]).function
    assert "User=ismessenger" in path.read_text()


def test_the_proxies_pass_web_sockets_and_the_real_address() -> None:
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    for line in ("proxy_set_header X-Forwarded-For $remote_addr;", "proxy_set_header X-Forwarded-Proto $scheme;",
                 "proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $connection_upgrade;"):  # fmt: skip
        assert line in nginx
    assert nginx.count("{") == nginx.count("}")
    assert "reverse_proxy 127.0.0.1:8080" in (ROOT / "deploy" / "Caddyfile").read_text()
