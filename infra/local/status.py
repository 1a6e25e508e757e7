"""What runs, for how long, and where."""

import time

from infra.local.engine import Engine
from infra.local.part import Part
from infra.local.ports import address


def status_lines(engine: Engine) -> str:
    """Return a table with a line for each program of a running engine."""
    processes = {process.name: process for process in engine.supervisor.processes()}
    lines = [f"{'PROGRAM':<18}{'STATE':<10}{'READY':<7}{'PID':>8}{'UP':>10}  ADDRESS"]
    for name, part in parts_by_program(engine).items():
        process = processes.get(name)
        if process is None:
            continue
        up = f"{time.time() - process.started:.0f} s" if process.pid else "-"
        ready = "yes" if part.is_ready() else "no"
        where = ", ".join(f"127.0.0.1:{port.number}" for port in part.ports[:1])
        lines.append(
            f"{process.name:<18}{process.state:<10}{ready:<7}{process.pid or '-':>8}{up:>10}  {where}"
        )
    return "\n".join(lines)


def parts_by_program(engine: Engine) -> dict[str, Part]:
    """Return the parts under the names of their programs."""
    kafka = engine.broker().parts()
    parts: tuple[Part, ...] = (engine.postgres, engine.mlflow, *kafka, *engine.services(""))
    return {program.name: part for part in parts if (program := part.program()) is not None}


def addresses(engine: Engine, bootstrap: str) -> str:
    """Return what a person can open now."""
    settings = engine.settings
    lines = (
        f"For people       {address(settings.ui_port)}",
        f"REST interface   {address(settings.gateway_port)}/docs",
        f"Operators' page  {address(settings.monitoring_port)}",
        f"API key          {engine.state.api_key}",
        f"MLflow           {engine.mlflow.url}",
        f"Kafka            {bootstrap}",
        f"PostgreSQL       127.0.0.1:{settings.postgres_port}, database and role octroi",
        f"its password     {engine.postgres.folder / 'password'}",
        f"Logs             {engine.state.logs}",
    )
    return "\n".join(lines)
