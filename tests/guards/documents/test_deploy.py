"""What installations are made from fits the programs, as far as that shows without starting one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SETTINGS = {field.name.upper() for field in fields(Settings)}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def test_compose_starts_each_part_once_it_can_work() -> None:
    services = compose()["services"]
    assert set(services) == {"upgrade", "web", "worker", "nginx", "database", "queue"}
    for name, service in services.items():
        assert "image" in service, name
        for other, condition in service.get("depends_on", {}).items():
            assert other in services, name
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[other], other
    assert all(services[name]["depends_on"]["upgrade"] for name in ("web", "worker"))


def test_compose_gives_only_settings_that_there_are() -> None:
    for name, service in compose()["services"].items():
        if service.get("image") == "twinbook":
            assert set(service["environment"]) <= SETTINGS, name


def test_what_compose_mounts_and_names_is_there() -> None:
    found = compose()
    mounts = [mount for service in found["services"].values() for mount in service.get("volumes", [])]
    for source in (mount.split(":")[0] for mount in mounts):
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
        elif not source.startswith("$"):
            assert source in found["volumes"], source


def test_compose_is_what_the_specification_allows() -> None:
    known = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    read = subprocess.run([sys.executable, *known], cwd=ROOT, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stdout


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed")
def test_docker_understands_the_compose_file(tmp_path: Path) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("docker has no compose here")
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=a\nPUBLIC_URL=https://example.com\n")
    read = subprocess.run(
        ["docker", "compose", "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert read.returncode == 0, read.stderr


def test_the_image_has_all_that_it_copies() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert {"webapp", "templates", "static", "worker.py"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == set(copied)
    assert any(line.startswith("USER ") for line in lines)


def test_the_image_is_made_as_its_tool_asks() -> None:
    """Hadolint knows the grammar of Dockerfiles, and reads what their RUN lines say with ShellCheck."""
    judged = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "hadolint", "--failure-threshold", "style", "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_keeps_to_its_folder_and_its_user(unit: Path) -> None:
    text = unit.read_text()
    if unit.suffix == ".timer":
        assert (DEPLOY / f"{unit.stem}.service").exists()
        return
    for line in ("User=twinbook", "UMask=0077", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert f"\n{line}\n" in text, line
    names = re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)
    assert set(names) <= SETTINGS


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/twinbook/.venv/bin/python", sys.executable)
        text = re.sub(r"/opt/twinbook/\.venv/bin/(\w+)", "/bin/true", text)
        (tmp_path / unit.name).write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_a_unit_can_do_little_beyond_its_work(unit: Path) -> None:
    """On systemd's own scale from 0 to 100, on which 90 is what a unit can do that says nothing."""
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=35", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_understands_the_proxy(tmp_path: Path) -> None:
    names = tmp_path / "name.pem", tmp_path / "name.key"
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=book.example.com"),
            *("-days", "2", "-out", names[0], "-keyout", names[1]),
        ],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    site = (DEPLOY / "nginx.conf").read_text()
    for path in names:
        site = re.sub(
            rf"/etc/letsencrypt/\S+{'fullchain' if path == names[0] else 'privkey'}\.pem", str(path), site
        )
    (tmp_path / "site.conf").write_text(site)
    folders = "".join(
        f"{name}_temp_path {tmp_path};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; events {{}}"
        f" http {{ access_log off; {folders} include {tmp_path}/site.conf; }}"
    )
    tried = subprocess.run(
        ["nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr


def test_the_proxy_asks_nothing_that_debians_oldest_nginx_lacks() -> None:
    """`http2 on` came with 1.25, and Debian 12 has 1.22."""
    assert not re.search(r"^\s*http2\s", (DEPLOY / "nginx.conf").read_text(), re.MULTILINE)


def test_the_units_start_what_the_readme_starts() -> None:
    readme = (ROOT / "README.md").read_text()
    web = (DEPLOY / "twinbook-web.service").read_text()
    assert 'gunicorn -c gunicorn.conf.py "webapp:create_app()"' in readme
    assert re.search(
        r"^ExecStart=\S+/gunicorn -c gunicorn\.conf\.py .*webapp:create_app\(\)$", web, re.MULTILINE
    )
    assert "worker.py --workers" in (DEPLOY / "twinbook-worker.service").read_text()


def place_of(address: str) -> str:
    """What the proxy does with an address: of the places that fit it the first is taken."""
    places = re.findall(r"location ~ (\S+) \{(.*?)\}", (DEPLOY / "nginx.conf").read_text(), re.DOTALL)
    return next((text for fits, text in places if re.search(fits, address)), "")


@pytest.mark.parametrize("prefix", ["", "/book"])
def test_the_proxy_keeps_no_mailed_link(prefix: str) -> None:
    """Whoever reads its log could use the link."""
    assert "access_log off;" in place_of(f"{prefix}/choose-password/a-token")


@pytest.mark.parametrize("prefix", ["", "/book"])
def test_the_proxy_treats_addresses_below_a_path_alike(prefix: str) -> None:
    assert "client_max_body_size 21m;" in place_of(f"{prefix}/companies/import")
    assert "limit_req zone=twinbook_log_in" in place_of(f"{prefix}/login")
    assert "limit_req zone=twinbook_log_in" in place_of(f"{prefix}/forgotten-password")
    assert "deny all;" in place_of(f"{prefix}/metrics")
    assert "proxy_buffering off;" in place_of(f"{prefix}/runs/7/stream")
    assert place_of(f"{prefix}/companies/7") == ""
