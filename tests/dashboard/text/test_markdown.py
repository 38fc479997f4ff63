"""What reaches an element that reads Markdown is our own words, or is escaped: checked over the source of every page.

Our own words are literals, constants (made before any record is read), parameters that are declared `Markdown` (and
are given nothing else), and what is put together of these alone. All else goes through
`formatting.escape_markdown` where it is shown: names, words of a file, messages, and sentences with any of them in it.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import dashboard

FOLDER = Path(dashboard.__file__).parent
SOURCES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py") if path.name != "__main__.py")
TEXT_FIRST = """
    markdown caption title header subheader info warning error success toast badge expander popover dialog status
    spinner tabs table button download_button form_submit_button link_button menu_button checkbox toggle text_input
    text_area number_input date_input time_input datetime_input selectbox multiselect slider select_slider radio pills
    segmented_control file_uploader
"""
# Of each element that reads Markdown, how many of its first arguments it reads so.
ELEMENTS = dict.fromkeys(TEXT_FIRST.split(), 1) | {"page_link": 0, "metric": 3}
NAMED = {"body", "label", "text", "title", "help", "captions", "value", "delta", "description"}
CHOICES = {"radio", "pills", "segmented_control", "select_slider"}  # what can be chosen is read as Markdown too
NEVER = {"write", "write_stream", "html"}  # these read whatever they are given
DECLARED = "formatting.Markdown"  # of a parameter: it is given our own words, or escaped ones
WRITTEN = {DECLARED, "SheetSchema", "Column", "BatchAction"}  # types whose every word stands in the code
ESCAPED = {"escape_markdown", "count", "len"}  # gives escaped text, or a number

Function = ast.FunctionDef | ast.Lambda


@pytest.mark.parametrize("source", SOURCES)
def test_an_element_that_reads_markdown_is_given_our_own_words_or_escaped_ones(source):
    tree = _tree(source)
    found = []
    for scope in [tree, *(node for node in tree.body if isinstance(node, ast.FunctionDef))]:
        ours = _our_own(scope)
        read = _read(scope, Path(source).stem)
        found += [f"line {text.lineno}: {ast.unparse(text)}" for text in read if not is_safe(text, ours)]
    assert found == []


@pytest.mark.parametrize("source", SOURCES)
def test_an_element_is_called_where_it_is_named(source):
    """Under another name what it is given could not be followed."""
    tree = _tree(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    elements = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ELEMENTS]
    assert [ast.unparse(node) for node in elements if ast.unparse(node.value) == "st" and id(node) not in called] == []
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "streamlit"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("'Which site?'", True),
        ("sentences.MAP_CAUTION", True),
        ("formatting.escape_markdown(lot)", True),
        ("f'**{formatting.escape_markdown(lot)}**, {len(lots)} of them'", True),
        ("'  \\n'.join(escape_markdown(line) for line in lines)", True),
        ("title", True),
        ("title.lower()", True),
        ("lot", False),
        ("f'Lot {lot}'", False),
        ("sentences.lot(lot)", False),
        ("sentences.lot('A')", False),
        ("'Lot ' + lot", False),
        ("'Lot {}'.format(lot)", False),
        ("'Lot %s' % lot", False),
        ("', '.join(lots)", False),
        ("escape_markdown(lot) if lot else site", False),
        ("[escape_markdown(lot), site]", False),
        ("lambda lot: lot", False),
        ("escape_markdown(lot).replace('x', site)", False),
    ],
)
def test_which_texts_are_held_to_be_safe(text, safe):
    assert is_safe(ast.parse(text, mode="eval").body, ours={"title"}) == safe


@pytest.mark.parametrize(
    ("function", "ours"),
    [
        ("def f(title: formatting.Markdown, lot): pass", {"title"}),
        ("def f(lot):\n    said = 'A lot'\n    said += ' of Botox'", {"said"}),
        ("def f(lot):\n    said = 'A lot'\n    said += lot", set()),
        ("def f(lot):\n    for word, n in WORDS.items(): pass", {"word", "n"}),
        ("def f(title: formatting.Markdown):\n    return lambda title: title", set()),
        ("def f(lots):\n    with lots as said: pass\n    said, n = 'a', 1", {"n"}),
        ("def f(lots):\n    while (said := lots.pop()): said = 'a'", set()),
    ],
)
def test_which_names_hold_our_own_words(function, ours):
    assert _our_own(ast.parse(function).body[0]) == ours


def is_safe(text: ast.AST | None, ours: set[str]) -> bool:
    """`ours`: the names that hold our own words."""
    match text:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in ours or name.isupper()
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in ESCAPED:
            return True
        case ast.Call(func=ast.Attribute(value=on), args=given, keywords=named):
            return is_safe(on, ours) and all(is_safe(one, ours) for one in [*given, *(k.value for k in named)])
        case ast.Attribute(value=inner, attr=name):
            return name.isupper() or is_safe(inner, ours)
        case ast.Subscript(value=inner) | ast.FormattedValue(value=inner) | ast.Lambda(body=inner):
            return is_safe(inner, ours)
        case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner):
            return is_safe(inner, ours)
        case ast.DictComp(key=left, value=right) | ast.BinOp(op=ast.Add(), left=left, right=right):
            return is_safe(left, ours) and is_safe(right, ours)
        case ast.IfExp(body=left, orelse=right):
            return is_safe(left, ours) and is_safe(right, ours)
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(is_safe(part, ours) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return all(is_safe(part, ours) for part in [*keys, *values])
    return False


def _our_own(scope: ast.AST) -> set[str]:
    """The names of a function that are never bound to anything but our own words."""
    bound: dict[str, list[ast.AST | None]] = {}
    for name, value in _bindings(scope):
        bound.setdefault(name, []).append(value)
    ours: set[str] = set()
    while found := {name for name in bound.keys() - ours if all(is_safe(value, ours) for value in bound[name])}:
        ours |= found
    return ours


def _bindings(scope: ast.AST) -> Iterator[tuple[str, ast.AST | None]]:
    for node in _within(scope):
        match node:
            case ast.arg(arg=name, annotation=declared):
                is_ours = declared is not None and ast.unparse(declared) in WRITTEN
                yield name, ast.Constant("") if is_ours else None
            case ast.Assign(targets=targets, value=value):
                yield from ((name, value) for target in targets for name in _names(target))
            case ast.AnnAssign(target=target, value=value) | ast.AugAssign(target=target, value=value):
                yield from ((name, value) for name in _names(target))
            case ast.NamedExpr(target=target, value=value):
                yield from ((name, value) for name in _names(target))
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                yield from ((name, value) for name in _names(target))
            case ast.withitem(optional_vars=ast.AST() as target):
                yield from ((name, None) for name in _names(target))


def _names(target: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _read(scope: ast.AST, module: str) -> Iterator[ast.expr]:
    """What the calls of a function give to be read as Markdown, or as words of ours."""
    for call in _within(scope):
        match call:
            case ast.Call(func=ast.Name(id=name)):
                yield from _declared_by(f"{module}.{name}", call)
            case ast.Call(func=ast.Attribute(value=on, attr=name)):
                yield from _declared_by(f"{ast.unparse(on)}.{name}", call)
                yield from _read_by(ast.unparse(on), name, call)


def _read_by(on: str, element: str, call: ast.Call) -> Iterator[ast.expr]:
    if on == "st.column_config":
        yield from (given.value for given in call.keywords if given.arg == "help")
    elif on == "st" and element in NEVER:
        yield from call.args
    elif element in ELEMENTS and not _is_module(on):
        yield from call.args[: ELEMENTS[element]]
        yield from (given.value for given in call.keywords if given.arg in NAMED)
        if element in CHOICES:
            said = [given.value for given in call.keywords if given.arg == "format_func"]
            is_of_str = said and ast.unparse(said[0]).startswith("str.")
            yield from call.args[1:2] if is_of_str or not said else said


def _declared_by(function: str, call: ast.Call) -> Iterator[ast.expr]:
    """What is given to those parameters of a function of ours that are declared to be read as Markdown."""
    for place, parameter in _declared().get(function, ()):
        yield from call.args[place : place + 1]
        yield from (given.value for given in call.keywords if given.arg == parameter)


@cache
def _declared() -> dict[str, list[tuple[int, str]]]:
    """The places and names of such parameters, by module and function."""
    found: dict[str, list[tuple[int, str]]] = {}
    for source in SOURCES:
        for node in ast.walk(_tree(source)):
            if isinstance(node, ast.FunctionDef):
                for place, argument in enumerate([*node.args.args, *node.args.kwonlyargs]):
                    if argument.annotation and ast.unparse(argument.annotation) == DECLARED:
                        found.setdefault(f"{Path(source).stem}.{node.name}", []).append((place, argument.arg))
    return found


def _is_module(name: str) -> bool:
    return f"{name}.py" in SOURCES or name in ("validation", "job.work", "file")


@cache
def _tree(source: str) -> ast.Module:
    return ast.parse((FOLDER / source).read_text(encoding="utf-8"))


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function with those of the functions in it; of a module those outside its functions."""
    for node in ast.iter_child_nodes(scope):
        if not (isinstance(scope, ast.Module) and isinstance(node, ast.FunctionDef)):
            yield node
            yield from _within(node)
