"""The names that may stand in a model's file: Keras' own plain layers, their parts, and operations on tensors.

Left out on purpose: layers that hold code or read files (`Lambda`, `TFSMLayer`, `TorchModuleWrapper`, `FlaxLayer`,
`JaxLayer`, the lookup and hashing layers, `TextVectorization`), layers made of layers that a file can name
(`Wrapper`, `Pipeline`, `RandAugment`, `AugMix`), and whatever Keras can look up that is no layer.
"""

from __future__ import annotations

from convbook.model_files.values import words

DIMENSIONS = ("1D", "2D", "3D")
LAYERS = {
    *(f"{name}{size}" for size in DIMENSIONS for name in ("Conv", "MaxPooling", "AveragePooling", "SpatialDropout")),
    *(f"{name}{size}" for size in DIMENSIONS for name in ("GlobalMaxPooling", "GlobalAveragePooling", "Cropping")),
    *(f"{name}{size}" for size in DIMENSIONS for name in ("ZeroPadding", "UpSampling", "ConvLSTM")),
    *(f"Conv{size}Transpose" for size in DIMENSIONS),
    *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
    *(f"Adaptive{kind}Pooling{size}" for size in DIMENSIONS for kind in ("Max", "Average")),
    *("InputLayer", "Dense", "Embedding", "Masking", "Identity", "Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"),
    *("BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization", "RMSNormalization"),
    *("SpectralNormalization", "Dropout", "GaussianDropout", "AlphaDropout", "GaussianNoise", "ActivityRegularization"),
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"),
    *("Flatten", "Reshape", "Permute", "RepeatVector", "Rescaling", "Resizing", "CenterCrop", "Normalization"),
    *("CategoryEncoding", "RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom"),
    *("RandomContrast", "RandomBrightness", "RandomHue", "RandomSaturation", "RandomSharpness", "RandomShear"),
    *("RandomColorDegeneration", "RandomColorJitter", "RandomErasing", "RandomGrayscale", "RandomInvert"),
    *("RandomPerspective", "RandomPosterization", "RandomGaussianBlur", "RandomElasticTransform", "Solarization"),
    *("AutoContrast", "Equalization", "CutMix", "MixUp"),
    *("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"),
    *("SimpleRNN", "LSTM", "GRU", "RNN", "SimpleRNNCell", "LSTMCell", "GRUCell", "Bidirectional", "TimeDistributed"),
}
FANS = ("GlorotUniform", "GlorotNormal", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "VarianceScaling")
INITIALIZERS = {
    *("Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal", "Orthogonal", "Identity"),
    *FANS,
}
REGULARIZERS = {"L1", "L2", "L1L2", "OrthogonalRegularizer"}
CONSTRAINTS = {"MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"}

ACTIVATIONS = words(
    *("relu", "leaky_relu", "relu6", "softmax", "celu", "elu", "selu", "softplus", "softsign", "squareplus", "soft_shrink"),
    *("sparse_plus", "silu", "swish", "gelu", "glu", "tanh", "tanh_shrink", "threshold", "sigmoid", "sparse_sigmoid"),
    *("exponential", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "hard_shrink", "linear", "mish"),
    *("log_softmax", "log_sigmoid", "sparsemax"),
)
ACTIVATION_LAYERS = {"ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Activation"}

NUMERIC = ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "bool")
DTYPES = words(*NUMERIC)
POLICIES = words(*NUMERIC, "mixed_float16", "mixed_bfloat16")

PLACES = ("constant", "nearest", "reflect", "wrap")
WORDS = {  # the settings that can hold a word; all others hold numbers
    "padding": words("valid", "same", "causal"),
    "data_format": words("channels_last", "channels_first"),
    "interpolation": words("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area"),
    "fill_mode": words(*PLACES),
    "mode": words("horizontal", "vertical", "horizontal_and_vertical", "fan_in", "fan_out", "fan_avg", *PLACES, "symmetric"),
    "distribution": words("truncated_normal", "untruncated_normal", "uniform"),
    "merge_mode": words("sum", "mul", "concat", "ave"),
    "score_mode": words("dot", "concat"),
    "output_mode": words("int", "one_hot", "multi_hot", "count"),
    "use_cudnn": words("auto"),
    "flash_attention": words(),
    "dtype": DTYPES,
}

OPERATIONS = {
    "keras.src.ops.numpy": {
        *("Absolute", "Add", "Amax", "Amin", "Argmax", "Argmin", "Average", "Ceil", "Clip", "Concatenate", "Cos", "Cosh"),
        *("Cumsum", "Divide", "DivideNoNan", "Dot", "Equal", "Exp", "ExpandDims", "Expm1", "Flip", "Floor", "FloorDivide"),
        *("GetItem", "Greater", "GreaterEqual", "Less", "LessEqual", "Log", "Log10", "Log1p", "Log2", "Logaddexp"),
        *("LogicalAnd", "LogicalNot", "LogicalOr", "Matmul", "Max", "Maximum", "Mean", "Min", "Minimum", "Mod", "Moveaxis"),
        *("Multiply", "Negative", "NotEqual", "OnesLike", "Pad", "Power", "Prod", "Ravel", "Reciprocal", "Repeat", "Reshape"),
        *("Roll", "Round", "Sign", "Sin", "Sinh", "Split", "Sqrt", "Square", "Squeeze", "Stack", "Std", "Subtract", "Sum"),
        *("Swapaxes", "Take", "Tan", "Tanh", "Tensordot", "Tile", "Transpose", "TrueDivide", "Var", "Where", "ZerosLike"),
        *("Hstack", "Vstack"),
    },
    "keras.src.ops.nn": {
        *("Relu", "Relu6", "Sigmoid", "Softplus", "Softsign", "SoftShrink", "Silu", "Squareplus", "LogSigmoid", "LeakyRelu"),
        *("HardSigmoid", "HardSilu", "HardTanh", "HardShrink", "Elu", "Selu", "Gelu", "Celu", "Glu", "TanhShrink"),
        *("Threshold", "Softmax", "LogSoftmax", "Sparsemax", "SparsePlus", "SparseSigmoid", "MaxPool", "AveragePool"),
        *("AdaptiveMaxPool", "AdaptiveAveragePool", "OneHot", "Normalize", "DepthToSpace", "SpaceToDepth"),
    },
    "keras.src.ops.core": {"Cast", "StopGradient"},
    "keras.src.ops.math": {"Rsqrt", "Erf", "Logsumexp"},
    "keras.src.ops.image": {"Resize", "RGBToGrayscale"},
}
