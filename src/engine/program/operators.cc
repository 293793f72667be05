#include "engine/program/operators.h"

#include <set>
#include <sstream>
#include <string>

namespace attestml::engine {
namespace {

using Names = std::set<std::string, std::less<>>;

// Arithmetic, shapes, indexing, layers, and what TorchScript makes of Python's own numbers, strings, lists and dicts.
// Not here: what shows memory as it happens to be (empty, empty_like, new_empty: a result could then hold a key), and
// what reads beyond its tensors (searchsorted with a sorter) or writes before them (_pad_packed_sequence, whose batch
// sizes may rise again).
constexpr const char* kAten = R"(
  abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv all alpha_dropout amax amin any arange argmax argmin
  argsort as_tensor asin asinh atan atan2 atanh avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d
  adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d append baddbmm batch_norm bernoulli
  bilinear binary_cross_entropy binary_cross_entropy_with_logits bincount bitwise_and bitwise_not bitwise_or bitwise_xor
  bmm broadcast_tensors bucketize cat cdist ceil celu chain_matmul channel_shuffle cholesky chunk clamp clamp_max
  clamp_min clear clone complex concat constant_pad_nd contains contiguous conv1d conv2d conv3d conv_transpose1d
  conv_transpose2d conv_transpose3d convolution _convolution copy cos cosh cosine_embedding_loss cosine_similarity
  count count_nonzero cross cross_entropy_loss cummax cummin cumprod cumsum deg2rad degrees detach device diag diag_embed
  diagonal diff dim dist div divide dot dropout einsum elu embedding embedding_bag endswith eq equal erf
  erfc erfinv exp exp2 expand expand_as expm1 extend eye fabs factorial feature_alpha_dropout feature_dropout fill find
  flatten flip fliplr flipud floor floor_divide floordiv fmax fmin fmod format frac full full_like gather gcd ge gelu get
  glu greater greater_equal group_norm gru gru_cell gt hardshrink hardsigmoid hardswish hardtanh hash heaviside
  hinge_embedding_loss histc hstack huber_loss hypot im2col col2im index index_add index_copy index_fill index_put
  index_select insert instance_norm inverse is_floating_point is_complex is_contiguous is_cuda is_nonzero isalpha
  isclose isdigit isfinite isinf isnan isspace items join keys kl_div kthvalue l1_loss layer_norm ldexp le leaky_relu
  len lerp less less_equal lgamma linear linspace list ljust log log10 log1p log2 log_sigmoid log_softmax logaddexp
  logaddexp2 logdet logical_and logical_not logical_or logical_xor logsumexp lower lstm lstm_cell lstrip lt margin_ranking_loss
  masked_fill masked_scatter masked_select matmul max max_pool1d max_pool1d_with_indices max_pool2d
  max_pool2d_with_indices max_pool3d maximum mean median meshgrid min minimum mish mm mode modf moveaxis movedim mse_loss mul
  multilabel_margin_loss multi_margin_loss multiply mv nan_to_num nanmean nanmedian nansum narrow native_batch_norm
  native_layer_norm ndimension ne neg negative new_full new_ones new_zeros nll_loss nll_loss2d nll_loss_nd
  nonzero nonzero_numpy norm normal normalize not_equal numel one_hot ones ones_like ord outer pad pairwise_distance
  partition permute pixel_shuffle pixel_unshuffle poisson_nll_loss polar pop popitem positive pow prelu prod quantile
  rad2deg radians rand rand_like randint randn randn_like randperm reciprocal reflection_pad1d reflection_pad2d relu relu6 remainder
  remove repeat repeat_interleave replace replication_pad1d replication_pad2d requires_grad reshape reshape_as reverse
  rfind rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell roll rot90 round rrelu rsqrt rstrip rsub scaled_dot_product_attention
  scatter scatter_add select selu set_item setdefault sgn sigmoid sign silu sin sinc sinh size slice
  smooth_l1_loss soft_margin_loss softmax softmin softplus softshrink softsign sort special_expit split splitlines
  split_with_sizes sqrt square squeeze stack startswith std std_mean str strip stride sub subtract sum swapaxes swapdims
  t take take_along_dim tan tanh tanhshrink tensor tensor_split tensordot threshold tile title to topk trace transpose
  trapezoid tril tril_indices triplet_margin_loss triu triu_indices true_divide trunc truncate truediv type_as unbind
  unflatten unfold uniform unique_consecutive unique_dim _unique2 unsqueeze update upper upsample_bilinear2d
  upsample_nearest1d upsample_nearest2d upsample_bicubic2d values var var_mean vdot view view_as vstack warn where xlogy
  zero zeros zeros_like zfill
  __and__ __contains__ __derive_index __getitem__ __iand__ __interpolate __ior__ __is__ __isnot__ __ixor__ __lshift__
  __not__ __or__ __range_length __rshift__ __upsample __xor__ _set_item _softmax _log_softmax _shape_as_tensor _cast_Float
  _cast_Long Bool BoolImplicit Complex ComplexImplicit Float FloatImplicit Int IntImplicit ScalarImplicit Delete backward_
  _pack_padded_sequence _transformer_encoder_layer_fwd _native_multi_head_attention _nested_tensor_from_mask
  _nested_tensor_from_mask_left_aligned to_padded_tensor _assert_int_or_pair is_grad_enabled _trilinear
)";

constexpr const char* kPrim = R"(
  Constant If Loop ListConstruct ListUnpack TupleConstruct TupleUnpack TupleIndex TupleSlice DictConstruct GetAttr SetAttr
  CallFunction CallMethod CreateObject RaiseException Uninitialized Return Param unchecked_cast unchecked_unwrap_optional
  isinstance NumToTensor ImplicitTensorToNum device dtype layout is_cpu is_cuda requires_grad shape max min abs data
  ListIndex itemsize type annotate rangelist StringIndex
  grad T H mT mH is_sparse is_mkldnn is_quantized is_mps is_nested ndim
)";

// Names of types and constants that follow "torch." in text and are no operators.
constexpr const char* kWords = R"(
  float float16 float32 float64 int int32 int64 long bool double half uint8 int8 int16 bfloat16 strided contiguous_format
  preserve_format channels_last __torch__ inf nan pi e
)";

Names Parse(const char* text) {
  Names names;
  std::istringstream in(text);
  for (std::string name; in >> name;) names.insert(name);
  return names;
}

const Names& Aten() {
  static const Names names = Parse(kAten);
  return names;
}

const Names& Prim() {
  static const Names names = Parse(kPrim);
  return names;
}

bool Has(const Names& names, std::string_view name) {
  if (names.contains(name)) return true;
  return name.size() > 1 && name.ends_with('_') && !name.starts_with('_') &&
         names.contains(name.substr(0, name.size() - 1));
}

}  // namespace

bool AllowedOperator(std::string_view name) {
  constexpr std::string_view kAtenPrefix = "aten::";
  constexpr std::string_view kPrimPrefix = "prim::";
  if (name.starts_with(kAtenPrefix)) return Has(Aten(), name.substr(kAtenPrefix.size()));
  if (name.starts_with(kPrimPrefix)) return Prim().contains(name.substr(kPrimPrefix.size()));
  return false;
}

bool AllowedWord(std::string_view word) {
  static const Names words = Parse(kWords);
  return words.contains(word) || Has(Aten(), word) || Prim().contains(word);
}

}  // namespace attestml::engine
