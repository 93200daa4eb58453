"""The scheduled agent's settings: when each job runs, what it watches, where it writes.

[agent.jobs.NAME] says one of `cron`, `every` and `after`. A job that is not named keeps the schedule of `DEFAULTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agent.complaints import nearest
from agent.fields import Duration, Zone

JOBS: Final = ("collect", "import", "reconcile", "export", "prune", "backup")
"""Every job, in the order in which one slot does them."""
_WHEN: Final = ("cron", "every", "after")
_FOUR_HOURS: Final = 4 * 3600.0


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class JobSettings(_Section):
    """When a job runs: by a cron expression, at an interval, or after another job."""

    cron: str = ""
    """Five fields of crontab(5), in the agent's time zone."""
    every: Duration | None = None
    """Counted from 1970-01-01 UTC, so that a restart does not move it."""
    after: str = ""
    """The job it follows in the same slot."""
    jitter: Duration | None = None
    """A slot starts up to this much later; how much is a function of the slot."""
    overrun: Duration = _FOUR_HOURS
    """A slot of this job that takes longer is reported."""
    enabled: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> JobSettings:
        said = [name for name in _WHEN if getattr(self, name)]
        if len(said) != 1:
            raise ValueError(f"has {' and '.join(said) or 'no time'}; give it one of cron, every and after")
        if self.after and self.jitter:
            raise ValueError("jitter goes with cron or every; a job with after starts when the other one ends")
        if self.cron:
            from agent.crontab import cron_trigger  # a twentieth of a second that other commands need not pay

            cron_trigger(self.cron, UTC)
        return self


DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "collect": {"cron": "15 2 * * *", "jitter": "10m"},
    "import": {"after": "collect"},
    "reconcile": {"after": "import"},
    "export": {"after": "reconcile"},
    "prune": {"cron": "45 5 * * *"},
    "backup": {"after": "prune"},
}


def _over_defaults(given: object) -> object:
    """The tables of the file laid over the defaults; a job that says when it runs loses the default's word on it."""
    if not isinstance(given, Mapping):
        return given
    for name in given:
        if name not in JOBS:
            raise ValueError(f"no job is called {name!r}{nearest(str(name), JOBS) or '; jobs: ' + ', '.join(JOBS)}")
    found: dict[str, object] = {}
    for name in JOBS:
        default, said = DEFAULTS[name], given.get(name, {})
        if isinstance(said, Mapping) and set(said) & set(_WHEN):
            default = {}
        found[name] = {**default, **said} if isinstance(said, Mapping) else said
    return found


class ExportSettings(_Section):
    """What the export job writes."""

    folder: str = "export"
    what: tuple[Literal["units", "licences", "coverage", "lines", "findings", "changes", "sntc"], ...] = ("changes",)
    formats: tuple[Literal["csv", "json", "xlsx", "parquet"], ...] = ("csv",)
    split_by: tuple[Literal["provider", "contract"], ...] = ("provider",)
    """For changes: one file each."""


class AgentSettings(_Section):
    """What runs unattended. Paths are relative to the settings file."""

    time_zone: Zone | None = None
    """Of cron expressions; None is the settings' `timezone`."""
    out: str = "out"
    """Where the files of a run go."""
    state: str = ""
    """Locks and the agent's state; "" is the folder of `out`."""
    watch: str = "incoming"
    """The folder that the import job empties."""
    settle: Duration = 30.0
    """A file that was written to this recently is left for the next time."""
    export: ExportSettings = Field(default_factory=ExportSettings)
    jobs: Annotated[Mapping[str, JobSettings], BeforeValidator(_over_defaults), Field(validate_default=True)] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _chained(self) -> AgentSettings:
        for name, job in self.jobs.items():
            passed, ahead = {name}, job.after
            while ahead:
                if ahead not in JOBS:
                    raise ValueError(f"jobs.{name}.after: no job is called {ahead!r}{nearest(ahead, JOBS)}")
                if ahead in passed:
                    raise ValueError(f"jobs.{name}.after: {name} would wait for itself; give one of them a cron")
                passed.add(ahead)
                ahead = self.jobs[ahead].after
        return self

    def zone(self, otherwise: ZoneInfo) -> ZoneInfo:
        """The zone of cron expressions."""
        return self.time_zone or otherwise


def chain(name: str, jobs: Mapping[str, JobSettings]) -> tuple[str, ...]:
    """The job and all that follow it, in the order of `JOBS` below each; a disabled one is passed through."""
    followers = (one for one in JOBS if jobs[one].after == name)
    mine = (name,) if jobs[name].enabled else ()
    return (*mine, *(one for follower in followers for one in chain(follower, jobs)))
