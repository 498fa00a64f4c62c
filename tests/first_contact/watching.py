"""What the server saw of one contact, and held, while it went on."""

from dataclasses import dataclass, field
from typing import Any

from contacting import Contacted
from redacting import canary, held_texts

from flexsso_helpers.rehearsal.world.world import World


@dataclass
class Watched:
    """What the server saw, and held, while the contact went on."""

    world: list[World] = field(default_factory=list)
    assigned_hidden: list[bool] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    done: Contacted | None = None

    def arrange(self, world: World) -> None:
        """Plant names that stand nowhere else."""
        canary(world)
        self.world.append(world)

    def wrap(self, app: Any) -> Any:
        """Look into the store at each write."""

        async def watch(scope: Any, receive: Any, send: Any) -> None:
            if scope.get("method") in ("POST", "DELETE"):
                self.held.update(held_texts(self.world[0]))
            if scope.get("method") == "POST" and scope["path"].endswith("/appRoleAssignedTo"):
                all_of_them = self.world[0].store.all("servicePrincipal")
                ours = [each for each in all_of_them if "first contact" in each["displayName"]]
                self.assigned_hidden.append([("HideApp" in each["tags"]) for each in ours] == [True])
            await app(scope, receive, send)

        return watch
