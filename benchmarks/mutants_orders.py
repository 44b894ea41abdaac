"""Does a test notice when an operator is changed in the rules of orders and patients?

    python benchmarks/mutants_orders.py                        # every mutation; long
    python benchmarks/mutants_orders.py --sample 40 --seed 1   # so many of each module
    python benchmarks/mutants_orders.py windows pricing

Unlike those of mutants.py, which are chosen by hand, these are made by machine in `allocation`, `pricing`,
`matching` and `windows`: comparisons, `and`/`or`, `not`, plus/minus, numbers, truth values, returned values.
Each is made in a copy of the package, and that module's tests run until the first one fails. Exit code 1
below 95 % caught.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from place import table

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("allocation", "pricing", "matching", "windows")
PARTS = ("alleaves_sync", "tests", "docs", "pyproject.toml")
AT_ONCE = 2
LONGEST_SECONDS = 180
WANTED = 0.95

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


class Changing(ast.NodeTransformer):
    """Makes the `wanted`-th change there is (None: none), and counts them."""

    def __init__(self, wanted: int | None) -> None:
        self.wanted, self.count, self.told = wanted, 0, ""

    def _mine(self, node: ast.AST, words: str) -> bool:
        self.count += 1
        if self.count - 1 != self.wanted:
            return False
        self.told = f"line {getattr(node, 'lineno', 0)}: {words}: {ast.unparse(node)[:60]}"
        return True

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node  # a type is not a rule

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(one) for one in node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(one) for one in node.body]
        return node  # `frozen` and `slots` of its decorator are no rules

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        for place, sign in enumerate(node.ops):
            if self._mine(node, f"{type(sign).__name__} turned"):
                node.ops[place] = COMPARISONS[type(sign)]()
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        if self._mine(node, "and/or turned"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        new = OPERATORS.get(type(node.op))
        if new is not None and self._mine(node, f"{type(node.op).__name__} turned"):
            node.op = new()
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.op, (ast.Not, ast.USub)) and self._mine(node, "sign or not taken away"):
            return self.generic_visit(node.operand)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) and self._mine(node, "turned"):
            return ast.copy_location(ast.Constant(not node.value), node)
        if type(node.value) is int and self._mine(node, "one more"):
            return ast.copy_location(ast.Constant(node.value + 1), node)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if (
            node.value is not None
            and ast.unparse(node.value) != "None"
            and self._mine(node, "returns nothing")
        ):
            return ast.copy_location(ast.Return(ast.Constant(None)), node)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if self._mine(node.test, "condition turned"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return self.generic_visit(node)


def changed(source: str, wanted: int | None) -> tuple[str, str, int]:
    """The source with that change, what it is, and how many there are."""
    change = Changing(wanted)
    tree = ast.fix_missing_locations(change.visit(ast.parse(source)))
    return ast.unparse(tree), change.told, change.count


def caught(copy: Path, module: str, source: str) -> bool:
    """Whether a test of the module fails with this source."""
    target = copy / "alleaves_sync" / f"{module}.py"
    before = target.read_text()
    target.write_text(source)
    tests = [str(path) for path in sorted((copy / "tests").glob(f"test_{module}*.py"))]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(before)
    return ended.returncode != 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", default=MODULES)
    parser.add_argument("--sample", type=int, help="so many of each module, by chance")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    todo: list[tuple[str, int]] = []
    rows: list[tuple[object, ...]] = []
    for module in options.modules:
        source = (ROOT / "alleaves_sync" / f"{module}.py").read_text()
        numbers = list(range(changed(source, None)[2]))
        todo += [(module, one) for one in chance.sample(numbers, min(options.sample or 10**6, len(numbers)))]
    with TemporaryDirectory() as folder:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            for part in PARTS:
                here, there = ROOT / part, Path(folder, str(number), part)
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(here, there) if here.is_dir() else shutil.copy(here, there)
            free.put(Path(folder, str(number)))
        for module in options.modules:
            if caught(Path(folder, "0"), module, (ROOT / "alleaves_sync" / f"{module}.py").read_text()):
                print(f"the tests of {module} fail without any mutation")
                return 2

        def one(job: tuple[str, int]) -> tuple[str, str, bool]:
            module, number = job
            copy = free.get()
            try:
                source, told, _ = changed((ROOT / "alleaves_sync" / f"{module}.py").read_text(), number)
                return module, told, caught(copy, module, source)
            finally:
                free.put(copy)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for module, told, found in pool.map(one, todo):
                rows.append((module, told, "caught" if found else "SURVIVED"))
                print("." if found else f"\n{module} {told}\n", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    good = sum(row[2] == "caught" for row in rows)
    table(("module", "mutation", ""), [row for row in rows if row[2] != "caught"])
    print(f"\n{len(rows)} mutations, {good} caught ({good / len(rows):.1%})")
    return 0 if good >= WANTED * len(rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
