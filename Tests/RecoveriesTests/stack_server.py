"""Plays CloudFormation with one stack that cannot be deleted at first: stack_server.py FILE RUN REFUSALS. Writes
its port to FILE, then a line for each DeleteStack. So many deletions as REFUSALS fail; the stack's status is that
of the last one, before the first DELETE_FAILED."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

FILE = open(sys.argv[1], "a", buffering=1)
RUN, REFUSALS = sys.argv[2], int(sys.argv[3])
NAME = "eks-dr"
ARN = f"arn:aws:cloudformation:us-west-2:123456789012:stack/{NAME}/1"
STATUSES = ["DELETE_FAILED"]
deletions = 0


def describe() -> tuple[int, str]:
    status = STATUSES[0] if len(STATUSES) == 1 else STATUSES.pop(0)
    if not status:
        return 400, ("<ErrorResponse><Error><Code>ValidationError</Code>"
                     f"<Message>Stack with id {NAME} does not exist</Message></Error></ErrorResponse>")
    return 200, (f"<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>{ARN}</StackId>"
                 f"<StackName>{NAME}</StackName><StackStatus>{status}</StackStatus>"
                 "<StackStatusReason>a load balancer holds a subnet</StackStatusReason>"
                 f"<Tags><member><Key>mosaic-dr:run</Key><Value>{RUN}</Value></member></Tags>"
                 "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>")


def delete() -> tuple[int, str]:
    global deletions
    deletions += 1
    FILE.write("DeleteStack\n")
    STATUSES[:] = ["DELETE_IN_PROGRESS", "DELETE_FAILED" if deletions <= REFUSALS else ""]
    return 200, "<DeleteStackResponse/>"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status, text = {"DescribeStacks": describe, "DeleteStack": delete}[form["Action"][0]]()
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
FILE.write(f"{server.server_port}\n")
server.serve_forever()
