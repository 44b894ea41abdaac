"""Does a test notice when an operator is changed in the rules?

    python benchmarks/mutants_by_machine.py                        # every mutation; ten minutes or more
    python benchmarks/mutants_by_machine.py --sample 40 --seed 1   # so many of each module
    python benchmarks/mutants_by_machine.py windows mapping/stock

The mutations are made by machine in each module of the rules: comparisons, `and`/`or`, `not`, plus/minus,
numbers, truth values, conditions, returned values. None is ever written down: a process of its own meets
the changed module, and runs its tests until the first fails.
Exit code 0: at least 95 % caught; 1: fewer; 2: the tests fail without any mutation.
"""

import argparse
import ast
import gc
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from place import table

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "alleaves_sync" / "rules"
MAPPING = tuple(f"mapping/{path.stem}" for path in sorted((RULES / "mapping").glob("[a-z]*.py")))
MODULES = (*MAPPING, "plan", "actions", "allocation", "pricing", "identity", "phones", "matching", "windows")
PARTS = ("alleaves_sync", "tests", "docs", "pyproject.toml")
# What takes long to load, and knows none of the modules that are changed.
LOADED = ("hypothesis", "alleaves_sync.sandbox", "alleaves_sync.transport", "phonenumbers", "nh3", "pydantic")
AT_ONCE = 2
FIRST = {
    "mapping/areas": ("rows",),
    "mapping/item": ("rows", "price", "eligibility", "text"),
    "mapping/rules": ("price", "quantity"),
    "mapping/stock": ("rows", "quantity"),
    "mapping/units": ("tiers",),
}
# pytest would like to have loaded hypothesis itself.
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
LONGEST_SECONDS = 60  # of the processor: a mutation may make a loop that never ends; that is noticed too
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
        node.args.defaults = [self.visit(one) for one in node.args.defaults]
        node.args.kw_defaults = [one and self.visit(one) for one in node.args.kw_defaults]
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

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
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
        return self._condition(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._condition(node)

    def _condition(self, node: ast.If | ast.IfExp) -> ast.AST:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return node  # nothing of it runs
        if self._mine(node.test, "condition turned"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        for place, condition in enumerate(node.ifs):
            if self._mine(condition, "condition turned"):
                node.ifs[place] = ast.UnaryOp(ast.Not(), condition)
        return self.generic_visit(node)


def changed(source: str, wanted: int | None) -> tuple[str, str, int]:
    """The source with that change, what it is, and how many there are."""
    change = Changing(wanted)
    tree = ast.fix_missing_locations(change.visit(ast.parse(source)))
    return ast.unparse(tree), change.told, change.count


def tests_of(module: str) -> tuple[list[str], list[str]]:
    """The files that prove the rules of a module: those that most likely notice, and the others."""
    if module.startswith("mapping/"):
        names, first = "mapping/test_*.py", FIRST.get(module, (module.removeprefix("mapping/"),))
    else:
        name = "plan" if module == "actions" else module
        # Who somebody is, is decided in three modules and proved in two files.
        name = "identity" if module in {"phones", "matching"} else name
        names, first = f"test_{name}*.py", (name,)
    found = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").glob(names))]
    if first == ("identity",):
        found.append("tests/test_matching.py")
    likely = {f"test_{one}" for one in first}
    return [one for one in found if Path(one).stem in likely], [
        one for one in found if Path(one).stem not in likely
    ]


class Instead(MetaPathFinder, SourceLoader):
    """Gives a module another source than the one that it has on disk."""

    def __init__(self, module: str, source: str) -> None:
        self._name, self._source = f"alleaves_sync.rules.{module.replace('/', '.')}", source

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, origin=fullname) if fullname == self._name else None

    def get_filename(self, fullname: str) -> str:
        return fullname

    def get_data(self, _path: str) -> bytes:
        return self._source.encode()


def started(module: str, source: str) -> int:
    """A process in which the tests of the module meet this source; it ends with 0 where all of them pass."""
    if pid := os.fork():
        return pid
    try:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        sys.meta_path.insert(0, Instead(module, source))
        likely, others = tests_of(module)
        os._exit(pytest.main([*OPTIONS, *likely]) or (others and pytest.main([*OPTIONS, *others])) or 0)
    finally:
        os._exit(1)


def trials(sources: Mapping[str, str], jobs: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str, bool]]:
    """Of each mutation the module, what it is, and whether a test fails with it; some at once."""
    running: dict[int, tuple[str, str]] = {}
    for module, number in chain(jobs, [("", 0)] * AT_ONCE):
        if len(running) == AT_ONCE or (running and not module):
            pid, status = os.wait()
            yield *running.pop(pid), status != 0
        if module:
            source, told, _ = changed(sources[module], number)
            running[started(module, source)] = module, told


def get_ready(folder: Path) -> None:
    """Work in a copy of what the tests need, and load what every one of them would load."""
    for part in PARTS:
        here = ROOT / part
        shutil.copytree(here, folder / part) if here.is_dir() else shutil.copy2(here, folder / part)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    for name in LOADED:
        import_module(name)
    gc.freeze()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", default=MODULES)
    parser.add_argument("--sample", type=int, help="so many of each module, by chance")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    sources = {module: (RULES / f"{module}.py").read_text() for module in options.modules}
    todo: list[tuple[str, int]] = []
    for module, source in sources.items():
        numbers = range(changed(source, None)[2])
        todo += [(module, one) for one in chance.sample(numbers, min(options.sample or 10**6, len(numbers)))]
    made, good, survived = Counter(module for module, _ in todo), Counter[str](), []
    with TemporaryDirectory() as folder:
        get_ready(Path(folder))
        for module in {str(sorted(chain(*tests_of(one)))): one for one in sources}.values():
            if os.waitpid(started(module, sources[module]), 0)[1] != 0:
                print(f"the tests of {module} fail without any mutation")
                return 2
        for module, told, found in trials(sources, todo):
            good[module] += found
            if not found:
                survived.append((module, told))
            print("." if found else f"\n{module} {told}\n", end="", file=sys.stderr, flush=True)
        os.chdir(ROOT)
    print(file=sys.stderr)
    table(("module", "mutations", "caught"), [(module, made[module], good[module]) for module in made])
    print()
    table(("survived", "mutation"), survived)
    print(f"\n{made.total()} mutations, {good.total()} caught ({good.total() / made.total():.1%})")
    return 0 if good.total() >= WANTED * made.total() else 1


if __name__ == "__main__":
    raise SystemExit(main())
