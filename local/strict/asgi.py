"""Requests and answers in ASGI's form, for the modules in front of the emulator's own application."""


async def body(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(send, status: int, headers: dict[str, str], content: bytes) -> None:
    lines = [(name.encode(), value.encode()) for name, value in {**headers, "content-length": str(len(content))}.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})
