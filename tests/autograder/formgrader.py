"""A real Formgrader for tests: Jupyter's server with nbgrader's pages, on this machine only, with a token of its own."""

import contextlib
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE = 60  # seconds until the server answers


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


@contextlib.contextmanager
def formgrader(root):
    """(address, token) of a Jupyter server that shows the course in this folder."""
    port, token = free_port(), secrets.token_hex(16)
    line = [sys.executable, "-m", "jupyter_server", f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}"]
    line += ["--ServerApp.ip=127.0.0.1", "--ServerApp.open_browser=False", f"--IdentityProvider.token={token}"]
    line += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}", "--allow-root"]
    with open(root / "server.log", "wb") as log:
        server = subprocess.Popen(line, cwd=root, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/api?token={token}", server)
            yield f"http://127.0.0.1:{port}", token
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(address, server):
    """Returns when the server answers; an error says that it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        time.sleep(0.2)
    raise AssertionError(f"The Jupyter server must answer within {PATIENCE} seconds. Received: {server.poll()}")
