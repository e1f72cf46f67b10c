"""await.py [HOST:]PORT... - waits until each port (of 127.0.0.1) accepts connections, 20 seconds at most for all."""
import socket
import sys
import time

end = time.monotonic() + 20
for address in sys.argv[1:]:
    host, _, port = address.rpartition(":")
    while True:
        try:
            socket.create_connection((host or "127.0.0.1", int(port)), 1).close()
            break
        except OSError as error:
            if time.monotonic() > end:
                sys.exit(f"port {address}: {error}")
            time.sleep(0.02)
