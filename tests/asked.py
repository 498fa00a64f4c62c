"""What reaches Graph, by itself and in batches, seen before the application of a stage answers."""

import json
from typing import Any


class Counted:
    """The application; which of Graph's addresses were asked, by themselves or in a batch."""

    def __init__(self, app: Any) -> None:
        self._app, self.single, self.batches = app, list[str](), list[list[str]]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1.0"):
            if not scope["path"].endswith("$batch"):
                self.single.append(scope["path"].removeprefix("/v1.0"))
            else:
                message = await receive()
                self.batches.append([each["url"] for each in json.loads(message["body"])["requests"]])
                waiting = [message]

                async def again() -> Any:
                    return waiting.pop() if waiting else await receive()

                await self._app(scope, again, send)
                return
        await self._app(scope, receive, send)
