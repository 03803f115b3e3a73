"""What runs the notebooks of tests misses no answer."""

from __future__ import annotations

import asyncio
import time

import zmq
import zmq.asyncio
from jupyter_client.session import Session

from tests.support.notebook_run import WakingChannel


def test_an_answer_that_arrives_while_something_is_sent() -> None:
    assert asyncio.run(_answer()) == "execute_reply"


async def _answer() -> str:
    session = Session(key=b"of this test")
    with zmq.Context() as there, zmq.asyncio.Context() as here:
        kernel, socket = there.socket(zmq.ROUTER), here.socket(zmq.DEALER)
        socket.connect(f"tcp://127.0.0.1:{kernel.bind_to_random_port('tcp://127.0.0.1')}")
        try:
            channel = WakingChannel(socket, session)
            channel.send(session.msg("execute_request"))
            name, *_ = kernel.recv_multipart()
            waiting = asyncio.ensure_future(channel.get_msg())
            await asyncio.sleep(0)
            session.send(kernel, session.msg("execute_reply"), ident=name)
            time.sleep(0.1)  # it arrives before the loop looks
            channel.send(session.msg("comm_msg"))
            return str((await asyncio.wait_for(waiting, 30))["msg_type"])
        finally:
            kernel.close(0)
            socket.close(0)
