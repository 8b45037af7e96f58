"""Modules joined: in the order of imports, each once; whatever is not understood is refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from chatviz.views.joining import join_modules, squeeze_script, squeeze_style


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_files(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.js"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write_files


def test_what_is_imported_stands_first_and_once(write: Callable[..., Path]) -> None:
    root = write(
        a='import { b } from "./in/b.js";\nimport { c, d } from "./c.js";\nexport const a = b + c;',
        in__b='// why\nimport { c } from "../c.js";\nexport function b() {}',
        c="/** what\n * more */\nexport const c = 1;\nexport class d {}\nlet hidden;",
        unused="export const unused = 1;",
    )
    joined = join_modules(root, ["a.js", "c.js"])
    assert joined.files == ("c.js", "in/b.js", "a.js")
    assert joined.code == (
        "const c = 1;\nclass d {}\nlet hidden;\nfunction b() {}\nconst a = b + c;"
    )
    assert joined.exports == {"c": "c.js", "d": "c.js", "b": "in/b.js", "a": "a.js"}


def test_the_style_beside_a_module_comes_with_it(write: Callable[..., Path]) -> None:
    root = write(a='import { b } from "./b.js";', b="export const b = 1;")
    (root / "a.css").write_text("a { }")
    (root / "b.css").write_text("b { }")
    (root / "other.css").write_text("other { }")
    assert join_modules(root, ["a.js"]).style == "b { }\na { }"


@pytest.mark.parametrize(
    "line",
    [
        "import b from './b.js';",
        'import * as b from "./b.js";',
        'import { b as c } from "./b.js";',
        'import { b } from "b";',
        'import "./b.js";',
        "import {",
        'const b = await import("./b.js");',
        "export default b;",
        "export { b };",
        "export let { b } = c;",
        "export * from './b.js';",
        "const [b] = c;",
        "const { b } = c;",
        "var b = 1;",
    ],
)
def test_another_form_is_refused_with_its_place_and_what_is_read(
    write: Callable[..., Path], line: str
) -> None:
    root = write(a=f"// a\n{line}", b="export const b = 1;")
    with pytest.raises(ValueError, match=r"a\.js, line 2: this form is not joined: .* Write "):
        join_modules(root, ["a.js"])


def test_a_template_inside_a_template_is_refused(write: Callable[..., Path]) -> None:
    root = write(a="const a = `x ${b ? `( ${c} )` : 1}`;", b="const a = `${b} and ${c}`;")
    with pytest.raises(ValueError, match=r"a\.js: a template inside a template"):
        join_modules(root, ["a.js"])
    assert join_modules(root, ["b.js"]).code == "const a = `${b} and ${c}`;"


def test_a_name_that_two_modules_declare_is_refused(write: Callable[..., Path]) -> None:
    text = 'import { b } from "./b.js";\nfunction both() {}'
    root = write(a=text, b="export const b = 1;\nlet both;")
    with pytest.raises(ValueError, match=r"a\.js, line 2: 'both' is declared in b\.js, line 2,"):
        join_modules(root, ["a.js"])


def test_what_is_not_there_is_refused(write: Callable[..., Path]) -> None:
    root = write(
        a='import { b } from "./nowhere.js";', c='import { x, b } from "./d.js";', d="const x = 1;"
    )
    with pytest.raises(ValueError, match=r"a\.js, line 1: there is no nowhere\.js"):
        join_modules(root, ["a.js"])
    with pytest.raises(ValueError, match=r"c\.js, line 1: d\.js exports no x, b"):
        join_modules(root, ["c.js"])


def test_a_circle_is_refused(write: Callable[..., Path]) -> None:
    root = write(
        a='import { b } from "./b.js";\nexport const a = 1;',
        b='import { a } from "./a.js";\nexport const b = 1;',
    )
    with pytest.raises(ValueError, match=r"a\.js imports itself by way of a\.js → b\.js"):
        join_modules(root, ["a.js"])


def test_squeezing_changes_no_text_no_template_and_no_regular_expression(
    tmp_path: Path, without_program: Callable[[str], NoReturn]
) -> None:
    """What rjsmin promises, held to what our modules do."""
    node = shutil.which("node") or without_program("node is not installed")
    code = """
    // a comment with ` and ' and "
    const a = 1, name = "x  =  y // no comment", other = 'it  "is"', /* gone */ sum = a + +a;
    const text = `two  lines
      // kept   ${ a + 1 }  ${name}  /* kept */ \\` end`;
    const found = "a / b // c".replace(/[/ ]+\\/? */g, (x) => `<${x}>`).split(/\\s+/);
    const half = a / 2 / 1, loop = [1, 2].map((n) => n * 2).filter((n) => n > 2);
    if (a) loop.push(half)
    const f = function () { return { a, b: a ? 1 : 2 } }
    const minus = a-- - --loop[0];
    console.log(JSON.stringify([a, name, other, sum, text, found, half, loop, f(), minus]))
    """
    before, after = tmp_path / "before.mjs", tmp_path / "after.mjs"
    code = code.replace("const a = 1,", "let a = 1; const")
    before.write_text(code, encoding="utf-8")
    after.write_text(squeeze_script(code), encoding="utf-8")
    printed = [
        subprocess.run([node, path], capture_output=True, text=True, check=True).stdout
        for path in (before, after)
    ]
    assert printed[0] == printed[1] != ""
    assert "gone" not in after.read_text() and "comment with" not in after.read_text()


def test_a_style_loses_its_comments_and_breaks_only() -> None:
    style = "/* why */\n.a > b, .c:hover {\n  margin: 0 1px;\n  font: 13px/1.4 var(--x, sans);\n}\n"
    assert squeeze_style(style) == ".a > b,.c:hover{margin:0 1px;font:13px/1.4 var(--x,sans)}"
