"""Runs every command of the documentation, against the lab where it is meant for AWS. A block that is not known
is a problem; what is not run is named in sessions.py, with the reason."""
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import yaml

from .page import ROOT, Block, blocks, handwritten
from .sessions import LEFT_OUT, OF_GITHUB, SESSIONS, Session
from .shell import Shell

# Most of it waits.
AT_ONCE = 8
# What a later shell takes over from an earlier one.
KEEP = "{ declare -p | grep -v -e '^declare -[^ ]*r' -e ' SSH_A'; declare -f; } > kept-shell\n"
# What is held against files by other tests, and what programs have written.
HELD_ELSEWHERE = {"text", "swift", "mermaid"}


def left_out(block: Block) -> list[tuple[str, str]]:
    return [key for key in LEFT_OUT if key[0] == block.page and key[1] in block.lines]


def look(block: Block) -> str | None:
    """What is wrong with a block that is not run."""
    try:
        if block.language == "yaml":
            list(yaml.safe_load_all(block.text))
        elif block.language == "json":
            json.loads(block.text)
        elif block.language not in HELD_ELSEWHERE:
            return f"{block.place}: what is '{block.language}'? Name a language that docs-test knows"
    except (yaml.YAMLError, ValueError) as error:
        return f"{block.place}: {error}"
    return None


def steps(block: Block) -> list[Block]:
    """What a workflow of GitHub and the hooks of pre-commit run, as commands."""
    found = [document for document in yaml.safe_load_all(block.text) if isinstance(document, dict)]
    runs = [step.get("run", "") for document in found for job in document.get("jobs", {}).values()
            for step in job["steps"]]
    hooks = [hook for document in found for repository in document.get("repos", []) for hook in repository["hooks"]]
    runs += [f"{hook['entry']} $(ls plans/* | grep -E '{hook['files']}')" for hook in hooks]
    return [Block(block.page, block.line, "sh", tuple(run.splitlines())) for run in runs
            if run and not run.startswith(OF_GITHUB)]


def shells(page: str, commands: list[Block]) -> list[tuple[str, Session, list[Block]]]:
    """The commands of each shell that the reader of a page begins."""
    session = SESSIONS.get(page, Session())
    first = next((n for n, block in enumerate(commands) if session.new_shell in block.lines), len(commands))
    return [(page, session, commands[:first])] + [(page, Session(before=session.before_new), commands[first:])] * (first < len(commands))


def play(page: str, session: Session, commands: list[Block]) -> list[str]:
    """Runs the commands of a shell; says what went wrong."""
    shell, began = Shell(), time.monotonic()

    def told(block: Block) -> str:
        return f"echo '@@ {block.place} after' $SECONDS s >&2\n{session.each}{session.said(block.text)}"

    def fails(script: str) -> str | None:
        code, output = shell.run(script, session.typed, session.within)
        if code == 0:
            return None
        place = ([page] + [line[3:] for line in output.splitlines() if line.startswith("@@ ")])[-1]
        return f"{place.strip()}: exit code {code}\n" + "\n".join(output.splitlines()[-40:])

    try:
        if session.is_reference:
            first = fails(session.beginning + KEEP)
            lines = [] if first else [Block(b.page, b.line, "sh", (line,)) for b in commands for line in b.lines]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                problems = [first, *pool.map(fails, [f". ./kept-shell\n{told(line)}" for line in lines])]
        else:
            problems = [fails("\n".join([session.beginning, *map(told, commands), session.after]))]
    finally:
        shell.close()
    print(f"{page}: {len(commands)} blocks in {time.monotonic() - began:.0f} s", flush=True)
    return [problem for problem in problems if problem]


def main() -> None:
    began, only = time.monotonic(), sys.argv[1:]
    pages = [page for page in handwritten() if not only or page in only]
    everything = [block for page in pages for block in blocks(page)]
    problems = [problem for block in everything if block.language != "sh" and (problem := look(block))]
    run: dict[str, list[Block]] = {}
    unused = {key for key in LEFT_OUT if key[0] in pages}
    for block in everything:
        if block.language == "yaml" and not look(block):
            for step in steps(block):
                run.setdefault(block.page, []).append(step)
        if block.language != "sh":
            continue
        found = left_out(block)
        unused -= set(found)
        if found:
            check = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True)
            problems += [f"{block.place}: {check.stderr}"] if check.returncode else []
            print(f"{block.place} is left out: {LEFT_OUT[found[0]]}")
        else:
            run.setdefault(block.page, []).append(block)
    problems += [f"{page}: no block has the line: {line}" for page, line in sorted(unused)]
    # Those with the most to do first.
    begun = sorted((shell for item in run.items() for shell in shells(*item)), key=lambda shell: -len(shell[2]))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(lambda shell: play(*shell), begun):
            problems += found
    for problem in problems:
        print(f"PROBLEM {problem}")
    print(f"docs-test: pages={len(pages)} blocks={len(everything)} run={sum(map(len, run.values()))} "
          f"problems={len(problems)} seconds={time.monotonic() - began:.0f}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
