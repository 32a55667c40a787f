"""Pictures of the wiring: what is in them, and that nothing lies on anything else."""

from itertools import pairwise

import pytest

from archspec.library import standard
from archspec.pages.blocks import Behind
from archspec.pages.collect import Book, collect
from archspec.pages.layout import lay_out
from archspec.pages.svg import picture
from archspec.pages.wiring import wiring


@pytest.fixture(scope="module")
def book():
    library = standard()
    return collect([name for kind in ("model", "layer") for name in library.names(kind)])


def graph(book: Book, name: str, file: str = ""):
    return wiring(next(one for one in book.entries if one.name == name and one.file.startswith(file)), book)


def labels(found):
    return [f"{node.label} {node.name}".strip() for node in found.nodes]


def arrows(found):
    return [(edge.source.label, edge.target.label) for edge in found.edges]


def test_a_residual_block_has_two_ways_into_each_sum(book):
    found = graph(book, "Block", "models/gpt2")
    into = [source for source, target in arrows(found) if target == "+"]
    assert into.count("x[B, S, d]") == 1
    assert len(into) == 4
    assert {"LayerNorm ln_1", "SelfAttention(heads, dropout) attn"} <= set(labels(found))


def test_a_loop_is_one_box_with_holes(book):
    found = graph(book, "GPT2")
    (box,) = [node for node in found.nodes if node.kind == "box"]
    assert (box.label, box.name) == ("repeat layers", "as h")
    assert labels(box.inside) == ["x", "Block(heads, hidden, dropout)", "x"]
    assert arrows(box.inside) == [("x", "Block(heads, hidden, dropout)"), ("Block(heads, hidden, dropout)", "x")]
    assert ("Dropout(dropout)", "repeat layers") in arrows(found)
    assert ("repeat layers", "LayerNorm") in arrows(found)
    assert ("Positions(S)", "Embedding(context, d)") in arrows(found)


def test_branches_stand_beside_each_other(book):
    found = graph(book, "Shortcut", "models/resnet")
    (box,) = [node for node in found.nodes if node.kind == "box"]  # the other branch only passes on
    assert box.label == "if stride != 1 or c != out"
    assert {("if stride != 1 or c != out", "y[B, out, H2, W2]"), ("x[B, c, H, W]", "y[B, out, H2, W2]")} <= set(
        arrows(found)
    )


def test_a_primitive_shows_its_parameters(book):
    found = graph(book, "Linear", "layers/linear")
    assert [node.label for node in found.nodes if node.kind == "parameter"] == ["weight[out, in]", "bias[out]"]


def test_every_layer_of_the_library_has_a_picture(book):
    assert len(book.entries) > 300
    for entry in book.entries:
        found = wiring(entry, book)
        outputs = [node for node in found.nodes if node.kind == "output"]
        ends = {id(edge.target) for edge in found.edges}
        if entry.layer.signature is not None and entry.layer.signature.inputs:
            assert all(id(node) in ends for node in outputs), entry.name


def test_nothing_lies_on_anything_else_and_arrows_point_down(book):
    def check(drawing, name):
        spots = [spot for spot in drawing.spots if spot.node is not None]
        for place, one in enumerate(spots):
            for other in spots[place + 1 :]:
                apart_x = abs(one.x - other.x) - (one.width + other.width) / 2
                apart_y = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
                assert apart_x > -0.01 or apart_y > -0.01, (name, one.lines, other.lines)
        for _, way, _, _ in drawing.ways:
            assert all(a.y + a.height < b.y for a, b in pairwise(way)), name
        for spot in spots:
            if spot.inside is not None:
                assert spot.inside.width <= spot.width
                assert spot.inside.height <= spot.height
                check(spot.inside, name)

    for entry in book.entries:
        check(lay_out(wiring(entry, book)), entry.name)


def test_a_picture_leads_to_the_pages_behind_its_parts(book):
    pieces = picture(graph(book, "GPT2"), "GPT2").pieces
    places = [piece.place for piece in pieces if not isinstance(piece, str) and piece.place]
    assert sorted(set(places)) == [
        "layers/dropout/Dropout",
        "layers/embedding/Embedding",
        "layers/embedding/Positions",
        "layers/linear/Linear",
        "layers/normalization/LayerNorm",
        "models/gpt2/Block",
    ]
    assert pieces.count(Behind()) == len(places)  # each ends
