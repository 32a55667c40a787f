"""What a spelling may call. Anything else in a spec is refused: a spec cannot run code of its choice."""

from __future__ import annotations

import re

_TORCH = """
abs add amax amin arange argmax argmin argsort baddbmm bmm broadcast_to bucketize cat ceil chunk clamp clone concat
cos cosh cumsum detach div einsum eq erf exp expm1 eye flatten flip floor floor_divide full full_like gather ge gt
index_add index_select isnan le log log1p logical_and logical_not logical_or lt masked_fill matmul max maximum mean
meshgrid min minimum mm movedim mul narrow ne neg ones ones_like outer permute pow prod reciprocal remainder
repeat_interleave reshape roll round rsqrt select sigmoid sign sin sinh slice_scatter softmax split sqrt square squeeze
stack std sub sum swapaxes t take_along_dim tan tanh tensor tensor_split tile topk transpose tril triu unbind unflatten
unsqueeze var where zeros zeros_like
"""
_FUNCTIONAL = """
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d avg_pool1d
avg_pool2d avg_pool3d batch_norm bilinear celu conv1d conv2d conv3d conv_transpose1d conv_transpose2d
conv_transpose3d cosine_similarity cross_entropy dropout dropout1d dropout2d dropout3d elu embedding embedding_bag
fold gelu glu grid_sample group_norm gumbel_softmax hardshrink hardsigmoid hardswish hardtanh huber_loss
instance_norm interpolate l1_loss layer_norm leaky_relu linear local_response_norm log_softmax logsigmoid lp_pool1d
lp_pool2d max_pool1d max_pool2d max_pool3d mish mse_loss nll_loss normalize one_hot pad pixel_shuffle
pixel_unshuffle prelu relu relu6 rms_norm rrelu scaled_dot_product_attention selu sigmoid silu smooth_l1_loss
softmax softmin softplus softshrink softsign tanh tanhshrink threshold unfold
"""
_METHODS = """
unfold
"""
_OPS = """
absolute add arange argmax argmin argsort average_pool broadcast_to cast ceil clip concatenate conv cos cumsum divide
dot_product_attention einsum elu equal erf exp expand_dims eye flip floor floor_divide full full_like gelu glu greater
hard_sigmoid hard_silu leaky_relu less log log_softmax logical_and logical_not logical_or matmul max max_pool
maximum mean min minimum moveaxis multiply negative norm normalize not_equal one_hot ones ones_like outer pad power
prod reciprocal relu relu6 repeat reshape roll round rsqrt segment_sum selu shape sigmoid sign silu sin softmax
softplus softsign split sqrt square squeeze stack std stop_gradient subtract sum swapaxes take take_along_axis tan
tanh tile top_k transpose tril triu unstack var where zeros zeros_like
"""
_LAYERS = """
Activation AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D
AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AlphaDropout AveragePooling1D AveragePooling2D AveragePooling3D
BatchNormalization Bidirectional Concatenate Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose
Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Flatten
GRU GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention Identity LSTM
LayerNormalization LeakyReLU MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MultiHeadAttention Multiply
PReLU Permute RMSNormalization ReLU RepeatVector Rescaling Reshape Resizing SeparableConv1D SeparableConv2D
SimpleRNN Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization Subtract
UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
SKLEARN = {
    "cluster": "KMeans MiniBatchKMeans",
    "decomposition": "PCA TruncatedSVD",
    "ensemble": """
        AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor ExtraTreesClassifier ExtraTreesRegressor
        GradientBoostingClassifier GradientBoostingRegressor HistGradientBoostingClassifier
        HistGradientBoostingRegressor RandomForestClassifier RandomForestRegressor
    """,
    "feature_selection": "SelectKBest VarianceThreshold",
    "linear_model": """
        ElasticNet Lasso LinearRegression LogisticRegression Ridge RidgeClassifier SGDClassifier SGDRegressor
    """,
    "naive_bayes": "BernoulliNB GaussianNB MultinomialNB",
    "neighbors": "KNeighborsClassifier KNeighborsRegressor NearestNeighbors",
    "neural_network": "MLPClassifier MLPRegressor",
    "preprocessing": "MinMaxScaler StandardScaler",
    "svm": "LinearSVC LinearSVR SVC SVR",
    "tree": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
}
"""The estimators of each module of scikit-learn that a spelling may make."""

_MODULE = re.compile(r"[A-Z][A-Za-z0-9]*")
_NO_MODULES = frozenset(
    ("Module", "DataParallel", "Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer")
)

_NAMES = {
    ("torch", "torch"): frozenset(_TORCH.split()),
    ("torch", "F"): frozenset(_FUNCTIONAL.split()),
    ("torch", "Tensor"): frozenset(_METHODS.split()),
    ("keras", "ops"): frozenset(_OPS.split()),
    ("keras", "layers"): frozenset(_LAYERS.split()),
    **{("sklearn", space): frozenset(names.split()) for space, names in SKLEARN.items()},
}

FACTORIES = frozenset(("arange", "eye", "full", "ones", "tensor", "zeros"))
"""Functions of torch that make a tensor from numbers: they are told on which device."""


def is_allowed(framework: str, space: str, name: str) -> bool:
    """Whether a spelling may call `space.name`. Every class of `torch.nn` that begins with a capital is a module."""
    if (framework, space) == ("torch", "nn"):
        return _MODULE.fullmatch(name) is not None and name not in _NO_MODULES
    return name in _NAMES.get((framework, space), ())


def is_module(framework: str, space: str) -> bool:
    """Whether what is called there is a layer object, which is made once and called often."""
    return (framework, space) in (("torch", "nn"), ("keras", "layers"))
