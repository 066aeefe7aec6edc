"""What the models that come with the product say, in English.

Models are drawn in Chinese. Beside each lies ``english.yaml``: ``names`` of steps, flows and variables,
``openings`` and ``endings`` of the titles they make. Models of a school itself are in the school's own language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.kernel.yaml_files import read_yaml

ROOT = Path(__file__).parent
FILE = "english.yaml"


@dataclass(frozen=True, slots=True)
class English:
    """Words of one folder, or of all of them: the same Chinese means the same everywhere."""

    names: Mapping[str, str]
    openings: Mapping[str, str]
    endings: Mapping[str, str]

    def name(self, text: str) -> str:
        """The name of a step, a flow or a variable; unchanged when it is not one of ours."""
        return self.names.get(text, text)

    def title(self, text: str) -> str:
        """The title of a task or case, which is an opening, then data.

        >>> English({}, {"退费审批：": "Approve the refund: "}, {" 元": " yuan"}).title("退费审批：何文博 1560.00 元")
        'Approve the refund: 何文博 1560.00 yuan'
        """
        begin = max((one for one in self.openings if text.startswith(one)), key=len, default="")
        if not begin:
            return text
        rest = text.removeprefix(begin)
        end = next((one for one in self.endings if rest.endswith(one)), "")
        return self.openings[begin] + rest.removesuffix(end) + self.endings.get(end, "")


def read(folder: Path) -> English:
    """The words of one folder; none when it has no such file."""
    path = folder / FILE
    found = read_yaml(path.read_text("utf-8")) if path.exists() else {}
    return English(found.get("names", {}), found.get("openings", {}), found.get("endings", {}))


@cache
def shipped() -> English:
    """The words of all folders."""
    folders = [read(path.parent) for path in sorted(ROOT.glob(f"*/{FILE}"))]
    return English(
        {text: said for one in folders for text, said in one.names.items()},
        {text: said for one in folders for text, said in one.openings.items()},
        {text: said for one in folders for text, said in one.endings.items()},
    )
