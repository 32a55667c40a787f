"""What cannot be read: files, signs, brackets, statements in the wrong place."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "file-not-found",
        "there is no file `{path}`",
        "The file named on the command line or in a `use` does not exist. A `use` is looked for beside the file that "
        "says it, then in the library.",
    ),
    Kind(
        "file-unreadable",
        "`{path}` cannot be read: {reason}",
        "The file is there, but it is a folder, or reading it is not permitted.",
    ),
    Kind(
        "not-utf8",
        "`{path}` is not a text in UTF-8: byte {offset} does not fit",
        "Specs are texts in UTF-8, with or without a byte-order mark. Save the file again in that encoding.",
    ),
    Kind(
        "file-too-large",
        "`{path}` has {size} bytes; at most {limit} are read",
        "A spec of this size is written by a program. Let it use `repeat` and `each`, or split the file.",
    ),
    Kind(
        "unknown-character",
        "the character `{character}` has no meaning here",
        "Outside texts and comments only the signs of the notation may stand.",
    ),
    Kind(
        "unclosed-text",
        "a text begins with `{quotes}` and does not end",
        'A text between `"` ends on the line it begins on; one between `"""` may have many lines.',
    ),
    Kind(
        "bad-escape",
        "a text knows no `{escape}`",
        'In a text `\\"` is a quote, `\\\\` a backslash and `\\n` a line end. There are no others.',
    ),
    Kind(
        "bad-number",
        "`{number}` is no number",
        "Numbers are decimal: `124_439_808`, `0.1`, `1e-5`. A name begins with a letter.",
    ),
    Kind(
        "bad-unit",
        "there is no unit `{unit}`",
        "A number of bytes may have the unit B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000).",
    ),
    Kind(
        "literal-too-large",
        "this number passes the limits: {digits} digits, an exponent of {exponent}",
        "Numbers are exact, so their size is limited.",
    ),
    Kind(
        "name-too-long",
        "this name has more than {limit} characters",
        "Names are limited, so that messages stay readable.",
    ),
    Kind(
        "too-many-parts",
        "this has {count} parts; at most {limit} are allowed",
        "Lists, groups and arguments are limited in length.",
    ),
    Kind(
        "too-deep",
        "this is nested too deeply: at most {limit} levels",
        "Brackets in brackets, operators in one chain, `else if` after `else if`: their depth is limited, so that every "
        "spec is read in bounded time and memory. Name parts of it with `where` or an assignment.",
    ),
    Kind(
        "unexpected-token",
        "expected {expected}{where}, found {found}",
        "What stands here does not fit. The message names what could stand in its place.",
    ),
    Kind(
        "unclosed-block",
        "expected `}}` to close {block} opened at line {line}",
        "A `{` without its `}`. Look for it where the indentation changes.",
    ),
    Kind(
        "unclosed-bracket",
        "expected `{closing}` to close the `{opening}` opened at line {line}, found {found}",
        "A `(` or `[` without its partner.",
    ),
    Kind(
        "unopened-bracket",
        "this `{closing}` closes nothing",
        "A closing bracket or brace without its partner. Perhaps one before it closed too early.",
    ),
    Kind(
        "equals-in-condition",
        "`=` gives a name to a value; `==` compares",
        "In a condition two values are compared with `==`.",
    ),
    Kind(
        "choice-outside-brackets",
        "the choice `a if c else b` stands in parentheses",
        "Without separators between statements, an `if` after a value begins a new statement. "
        "So the choice is written inside `( )`, `[ ]` or as an argument of a call.",
    ),
    Kind(
        "chained-comparison",
        "one comparison compares two values",
        "`a < b < c` is written `a < b and b < c`.",
    ),
    Kind(
        "misplaced-signature",
        "the signature stands first in its block, and there is one",
        'What a layer takes and gives, `x[B, d] -> y[B, d]`, stands right after the `{` and its `"""` text.',
    ),
    Kind(
        "misplaced-doc",
        'a `"""` text stands first in a file, layer, model or test',
        'A `"""` text documents what it begins. Elsewhere, comments begin with `#`.',
    ),
    Kind(
        "unknown-statement",
        "there is no statement `{word}`",
        "A statement begins with a keyword, or with names and `=`.",
    ),
    Kind(
        "unknown-item",
        "there is no item `{word}`",
        "A file is made of `use`, `layer`, `external layer`, `model` and `test`.",
    ),
)
