"""A page of the documentation, and its fenced blocks."""
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    lines: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def blocks(page: str) -> list[Block]:
    """The blocks of a page, which is named from the root of the repository."""
    found, begun, language, lines = [], 0, "", []
    for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
        if not line.startswith("```"):
            lines.append(line)
        elif begun:
            found.append(Block(page, begun, language, tuple(lines)))
            begun = 0
        else:
            begun, language, lines = number, line[3:], []
    if begun:
        raise SystemExit(f"docs-test: {page}:{begun}: the block does not end")
    return found


def handwritten() -> list[str]:
    """Every page but the runbooks that are made from plans."""
    made = {plan.stem for plan in (ROOT / "plans").glob("*.yaml")}
    runbooks = [page for page in (ROOT / "runbooks").glob("*.md") if page.stem not in made]
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *runbooks]
    return sorted(str(page.relative_to(ROOT)) for page in pages)
