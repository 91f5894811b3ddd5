"""Runs a command on a terminal of its own, answers its question, and prints all that it showed:
converse.py COLUMNS QUESTION ANSWER COMMAND …; exits as the command does."""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, question, answer, *command = sys.argv[1:]
process, terminal = pty.fork()
if process == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(columns), 0, 0))
    os.execv(command[0], command)
shown, is_answered = b"", False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:  # The other end was closed.
        break
    if not part:
        break
    shown += part
    if not is_answered and question.encode() in shown:
        os.write(terminal, answer.encode() + b"\n")
        is_answered = True
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
