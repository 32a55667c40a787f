"""Where the source of two frameworks differs in form; what layers are called there, the library says."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.export import names


@dataclass(frozen=True)
class Dialect:
    """base, root: what classes of layers and of the model derive from. method: what runs them. tensor: its type.

    list_open, list_close: around the modules of a loop. cut, cut_at: to cut a tensor into so many parts, or into
    parts of these sizes. members: names that submodules may not have.
    """

    framework: str
    base: str
    root: str
    method: str
    tensor: str
    list_open: str
    list_close: str
    cat: str
    cut: str
    cut_at: str
    members: frozenset[str]
    training: str

    def cast(self, tensor: str, dtype: str) -> str:
        """A tensor in another precision."""
        if self.framework == "torch":
            return f"{tensor}.to({dtype})"
        return f"keras.ops.cast({tensor}, {dtype})"

    def dtype(self, official: str | None) -> str:
        """A precision; None: that of activations."""
        if self.framework == "torch":
            return official or "torch.get_default_dtype()"
        return names.text(official.removeprefix("torch.")) if official is not None else "keras.config.floatx()"


TORCH = Dialect(
    "torch", "nn.Module", "nn.Module", "forward", "Tensor", "nn.ModuleList(", ")", "torch.cat", "torch.chunk",
    "torch.split", names.MODULE_MEMBERS, "self.training",
)  # fmt: skip

_KERAS_MEMBERS = """
activity_regularizer add_loss add_metric add_variable add_weight autocast build build_from_config built call
compute_dtype compute_loss compute_mask compute_metrics compute_output_shape compute_output_spec compile
compile_from_config compiled count_params dtype dtype_policy evaluate export fit from_config get_build_config
get_config get_compile_config get_layer get_metrics_result get_weights input input_dtype input_shape input_spec
inputs jit_compile layers load_own_variables load_weights loss losses make_predict_function make_test_function
make_train_function metrics metrics_names metrics_variables name non_trainable_variables non_trainable_weights
optimizer output output_shape outputs path pop predict predict_on_batch predict_step quantization_mode quantize
rematerialized_call reset_metrics run_eagerly save save_own_variables save_weights set_state_tree set_weights
stateless_call stateless_compute_loss summary supports_jit supports_masking symbolic_call test_on_batch test_step
to_json train_on_batch train_step trainable trainable_variables trainable_weights variable_dtype variables weights
stateless state
"""
KERAS = Dialect(
    "keras", "keras.layers.Layer", "keras.Model", "call", "Any", "[", "]", "keras.ops.concatenate",
    "keras.ops.split", "keras.ops.split",
    frozenset(_KERAS_MEMBERS.split()), "training",
)  # fmt: skip
