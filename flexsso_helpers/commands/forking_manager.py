"""A manager of kernels that has them forked: jupyter_client's side of `kernel_forks`, which is loaded sooner."""

import asyncio
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as Anything
from traitlets import Instance

from flexsso_helpers.commands.kernel_forks import LAUNCHER, Forks


class ForkingKernelManager(AsyncKernelManager):
    """Forks its kernel where it has a parent for it, and else starts it by its command."""

    forks = Anything(None)

    async def _async_start_kernel(self, **given: Any) -> None:
        if self.forks is not None:
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self, forks=self.forks
            )
        await super()._async_start_kernel(**given)

    start_kernel = _async_start_kernel


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking it; everything else is as of one that was started by its command."""

    forks = Instance(Forks)

    async def launch_kernel(self, cmd: list[str], **given: Any) -> Any:
        """Launch it; by its command where the parent has ended."""
        try:
            arguments = cmd[cmd.index(LAUNCHER) + 1 :]
            folder = Path(given["cwd"])
            forked = await asyncio.to_thread(self.forks.fork, arguments, given["env"], folder)
        except (OSError, ValueError):
            return await super().launch_kernel(cmd, **given)
        self.process: Any = forked
        self.pid = self.pgid = forked.pid
        self.cwd = given["cwd"]
        return self.connection_info
