"""A small fleet that several tests look at."""

from pathlib import Path

from flexsso_helpers.fleet import Fleet, Standing, in_order

RUNS = Path("/srv/runs")
FLEET = Fleet(
    started="2026-11-26T02:00:00+00:00",
    ended="2026-11-26T02:03:00+00:00",
    asked={"command": "run", "apply": True, "only": []},
    tenants=in_order(
        [
            Standing(
                tenant="contoso", words="proved", outcome=0, not_after="2027-01-01", days_left=36, rehearsal=True,
                proved_at="2026-11-26T02:01:00+00:00", started="2026-11-26T02:00:00+00:00",
                ended="2026-11-26T02:01:00+00:00", folder=str(RUNS / "contoso" / "x"),
            ),
            Standing(
                tenant="fabrikam", words="failed", outcome=1, why="03: a check", owner="administrator of Entra",
                moved=2, handover=str(RUNS / "fabrikam" / "x" / "handover.html"),
            ),
        ]
    ),
)  # fmt: skip
