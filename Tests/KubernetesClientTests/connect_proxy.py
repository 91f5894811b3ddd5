"""A proxy for HTTPS: makes the connections it is asked for, and writes down to where. Its first line is its port."""
import socket
import sys
import threading

listener = socket.create_server(("127.0.0.1", 0))


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of them has left


def serve(client: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    place = head.split()[1].decode()
    host, port = place.rsplit(":", 1)
    server = socket.create_connection((host, int(port)))
    note(place)
    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
    threading.Thread(target=pump, args=[server, client], daemon=True).start()
    pump(client, server)


def note(line: str) -> None:
    with open(sys.argv[1], "a") as log:
        log.write(line + "\n")


note(str(listener.getsockname()[1]))
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
