"""A module and its data in one script: nothing ends the script early, and nothing of it is lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from chatviz.views.page_module import (
    Mount,
    measure_json,
    module_hash,
    module_style,
    squeeze_script,
    static_text,
    write_json,
)

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\bFunction\b|^import|import\("
    r"|https?:|</|<!--|fetch|XMLHttp|WebSocket",
    re.MULTILINE,
)
MODULES = sorted(path.stem for path in (ROOT / "chatviz/views/static").glob("*.js"))


@pytest.mark.parametrize("module", MODULES)
def test_the_squeezed_module_passes_its_own_suite(
    module: str, tmp_path: Path, without_program: Callable[[str], NoReturn]
) -> None:
    node = shutil.which("node") or without_program("node is not installed")
    copy = tmp_path / "squeezed.mjs"
    copy.write_text(squeeze_script(static_text(f"{module}.js")), encoding="utf-8")
    suite = ROOT / "tests" / "javascript" / f"{module}.test.js"
    environment = {**os.environ, "CHATVIZ_MODULE": copy.as_uri()}
    done = subprocess.run([node, "--test", suite], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_small_plain_and_writes_no_markup(module: str) -> None:
    code = static_text(f"{module}.js")
    assert len(squeeze_script(code, exports=False).encode()) <= 40_000
    assert FORBIDDEN.findall(code.replace("http://www.w3.org/2000/svg", "")) == []
    assert re.findall(r"url\(|@import|https?:|</|<!--", module_style(module)) == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_written_so_that_it_can_be_squeezed(module: str) -> None:
    for line in static_text(f"{module}.js").splitlines():
        assert not re.search(r"[;,{}] +//", line), line
        assert "'" not in re.sub(r'^ *(//|/?\*).*|"(?:[^"\\]|\\.)*"', "", line), line


def test_squeezing_keeps_text_and_takes_comments_and_spaces() -> None:
    lines = [
        "// one",
        'const a = { b: "x  =  y" };',
        "/** two",
        " * more */",
        'const c = `${a ? `( ${1} )` : "" } =`;',
    ]
    assert (
        squeeze_script("\n".join(lines)) == 'const a={b:"x  =  y"},c=`${a ? `( ${1} )` : "" } =`;'
    )
    assert squeeze_script("a = b / c;\nd = /[/ ] = \\/ x/g;") == "a=b / c;d=/[/ ] = \\/ x/g;"


def test_squeezing_joins_constants_of_one_block_only() -> None:
    lines = [
        "const a = 1;",
        "const f = (x) => {",
        "  const b = [x];",
        "  const c = b;",
        "  for (const d of c) go(d);",
        "  return c;",
        "};",
        "let e = 2;",
        "const g = 3;",
    ]
    assert squeeze_script("\n".join(lines)) == (
        "const a=1,f=(x)=>{const b=[x],c=b;for(const d of c)go(d);return c};let e=2;const g=3;"
    )


def test_a_script_in_a_page_exports_nothing() -> None:
    code = "export const a = 1;\nexport function b() {}\nexport default { a };"
    assert squeeze_script(code, exports=False) == "const a=1;function b(){}"


def test_inlined_json_ends_no_script_and_opens_no_comment() -> None:
    value = {"</script>": ["<!--", "<\\/", "a\ud800b", "\u2028"]}
    text = write_json(value)
    assert "<" not in text
    assert json.loads(text) == value
    text.encode()


def test_a_size_is_counted_in_bytes() -> None:
    assert measure_json("é<") == len(b'"\xc3\xa9\\u003c"')


def test_the_mark_is_a_hash_of_what_is_shown() -> None:
    marks = [re.search(r'id="(cv-[0-9a-f]{16})"', Mount("compare", n).html)[1] for n in (1, 1, 2)]
    assert marks[0] == marks[1] != marks[2]


def test_the_module_stands_between_its_name_with_its_hash_and_its_end() -> None:
    html = Mount("compare", {}).html
    head = f"/* chatviz compare.js {module_hash('compare')} */"
    inside = html.split(head)[1].split("/* end of compare.js */")[0]
    assert inside.strip() == squeeze_script(static_text("compare.js"), exports=False)
    assert html.count("<script") == html.count("</script>") == 1
