#include "statement/vocabulary.h"

namespace attestml::statement {
namespace {

constexpr MetricUnit kProportion = MetricUnit::kProportion;
constexpr MetricUnit kNumber = MetricUnit::kNumber;
constexpr MetricUnit kCount = MetricUnit::kCount;
constexpr MetricUnit kProbability = MetricUnit::kProbability;

constexpr MetricName kDistributionMetrics[] = {
    {"records", "Records", kCount},
    {"count", "Records with these values", kCount},
    {"proportion", "Proportion", kProportion},
    {"missing-count", "Missing values", kCount},
    {"missing-rate", "Missing rate", kProportion},
    {"class-balance", "Class balance (smallest class / largest class)", kProportion},
    {"mean", "Mean", kNumber},
    {"sd", "Standard deviation (n - 1)", kNumber},
    {"min", "Minimum", kNumber},
    {"max", "Maximum", kNumber},
    {"quantile", "Quantile", kNumber},
    {"total-variation", "Total variation distance", kProportion},
    {"jensen-shannon", "Jensen-Shannon divergence (nats)", kNumber},
    {"population-stability-index", "Population stability index", kNumber},
    {"chi-square", "Chi-square statistic of homogeneity", kNumber},
    {"chi-square-degrees", "Chi-square degrees of freedom", kCount},
    {"chi-square-p-value", "Chi-square p-value", kProbability},
};
constexpr std::string_view kDistributionParameters[] = {"columns",   "joint", "conditional",
                                                        "quantiles", "bins",  "psi-floor"};

constexpr MetricName kAccuracyMetrics[] = {
    {"accuracy", "Accuracy", kProportion},
    {"balanced-accuracy", "Balanced accuracy", kProportion},
    {"log-loss", "Log loss (nats)", kNumber},
    {"brier", "Brier score", kNumber},
    {"expected-calibration-error", "Expected calibration error", kProportion},
    {"roc-auc", "Area under the ROC curve", kProportion},
    {"pr-auc", "Average precision (area under the precision-recall curve)", kProportion},
    {"precision", "Precision", kProportion},
    {"recall", "Recall", kProportion},
    {"f1", "F1", kProportion},
    {"support", "Records of the class", kCount},
    {"precision-macro", "Precision, macro average", kProportion},
    {"recall-macro", "Recall, macro average", kProportion},
    {"f1-macro", "F1, macro average", kProportion},
    {"precision-weighted", "Precision, weighted average", kProportion},
    {"recall-weighted", "Recall, weighted average", kProportion},
    {"f1-weighted", "F1, weighted average", kProportion},
    {"confusion", "Confusion matrix", kCount},
};
constexpr std::string_view kAccuracyParameters[] = {"slices", "bins"};

constexpr MetricName kFairnessMetrics[] = {
    {"count", "Records", kCount},
    {"accuracy", "Accuracy", kProportion},
    {"selection-rate", "Selection rate", kProportion},
    {"tpr", "True positive rate", kProportion},
    {"fpr", "False positive rate", kProportion},
    {"fnr", "False negative rate", kProportion},
    {"ppv", "Positive predictive value", kProportion},
    {"demographic-parity-difference", "Demographic parity difference", kProportion},
    {"demographic-parity-ratio", "Demographic parity ratio", kProportion},
    {"equal-opportunity-difference", "Equal opportunity difference", kProportion},
    {"equalized-odds-difference", "Equalised odds difference", kProportion},
    {"equalized-odds-ratio", "Equalised odds ratio", kProportion},
    {"accuracy-parity-difference", "Accuracy parity difference", kProportion},
    {"predictive-parity-difference", "Predictive parity difference", kProportion},
    {"disparate-impact", "Disparate impact", kNumber},
};
constexpr std::string_view kFairnessParameters[] = {"attributes", "intersections", "bins", "privileged"};

constexpr MetricName kOverlapMetrics[] = {
    {"with-label", "Records also in the reference, label included", kCount},
    {"without-label", "Records also in the reference, label left out", kCount},
    {"with-label-proportion", "Proportion also in the reference, label included", kProportion},
    {"without-label-proportion", "Proportion also in the reference, label left out", kProportion},
    {"with-label-distinct", "Distinct records also in the reference, label included", kCount},
    {"without-label-distinct", "Distinct records also in the reference, label left out", kCount},
};

constexpr MetricName kRegressionMetrics[] = {
    {"mean-squared-error", "Mean squared error", kNumber},
    {"root-mean-squared-error", "Root mean squared error", kNumber},
    {"mean-absolute-error", "Mean absolute error", kNumber},
    {"largest-absolute-error", "Largest absolute error", kNumber},
    {"r-squared", "Coefficient of determination (R²)", kNumber},
    {"residual-mean", "Mean residual (predicted - true)", kNumber},
    {"residual-quantile", "Quantile of the residuals (predicted - true)", kNumber},
};
constexpr std::string_view kRegressionParameters[] = {"slices", "bins", "quantiles"};

constexpr MetricName kCalibrationMetrics[] = {
    {"expected-calibration-error", "Expected calibration error", kProportion},
    {"maximum-calibration-error", "Maximum calibration error", kProportion},
    {"adaptive-calibration-error", "Adaptive calibration error (bins of equal mass)", kProportion},
    {"brier", "Brier score", kProportion},
    {"brier-reliability", "Brier decomposition: reliability", kProportion},
    {"brier-resolution", "Brier decomposition: resolution", kProportion},
    {"brier-uncertainty", "Brier decomposition: uncertainty", kProportion},
    {"brier-within-bins", "Brier decomposition: what varies within bins", kNumber},
};
constexpr std::string_view kCalibrationParameters[] = {"slices", "bins", "bin-counts"};

constexpr MetricName kMembershipMetrics[] = {
    {"advantage", "Membership advantage of the best loss threshold", kProportion},
    {"mean-loss-advantage", "Membership advantage at the mean training loss", kNumber},
    {"roc-auc", "Area under the ROC curve of the loss attack", kProportion},
    {"tpr-at-fpr", "True positive rate of the loss attack at a false positive rate", kProportion},
    {"member-loss", "Mean loss of members (nats)", kNumber},
    {"non-member-loss", "Mean loss of non-members (nats)", kNumber},
};
constexpr std::string_view kMembershipParameters[] = {"rates"};

constexpr MetricName kRobustnessMetrics[] = {
    {"accuracy", "Accuracy without attack", kProportion},
    {"adversarial-accuracy", "Accuracy under attack", kProportion},
    {"certified-accuracy", "Certified accuracy (randomised smoothing)", kProportion},
    {"abstention-rate", "Abstentions of the smoothed model", kProportion},
    {"mean-certified-radius", "Mean certified radius", kNumber},
};
constexpr std::string_view kRobustnessParameters[] = {
    "fgsm",     "pgd-linf", "pgd-l2",          "steps",     "step-factor", "restarts", "gaussian-noise",
    "contrast", "box-blur", "salt-and-pepper", "smoothing", "brightness",  "pixelate", "selection-samples",
    "radii",    "samples",  "alpha",           "records",   "slices",      "bins"};

constexpr MetricName kComputeMetrics[] = {
    {"parameters", "Parameters", kCount},
    {"trainable-parameters", "Trainable parameters", kCount},
    {"parameter-bytes", "Bytes of the parameters", kCount},
    {"forward-flops", "Floating-point operations of one prediction", kNumber},
    {"training-flops", "Floating-point operations of training", kNumber},
    {"training-records", "Records of the training view", kCount},
    {"steps", "Optimiser steps", kCount},
    {"epochs", "Epochs", kCount},
    {"examples", "Examples seen", kCount},
    {"cpu-seconds", "CPU seconds of training", kNumber},
};

constexpr MetricName kPrivacyMetrics[] = {
    {"epsilon", "Epsilon of differential privacy", kNumber},
    {"delta", "Delta of differential privacy", kProbability},
    {"order", "Rényi order of the bound", kNumber},
    {"noise-multiplier", "Noise multiplier", kNumber},
    {"sample-rate", "Chance of a record to be in a step", kProportion},
    {"clip", "Gradient norm a record is clipped to", kNumber},
    {"steps", "Private steps", kCount},
    {"records", "Records of the training view", kCount},
};
constexpr std::string_view kPrivacyParameters[] = {"delta", "epsilon"};

constexpr MetricName kDuplicatesMetrics[] = {
    {"records", "Records", kCount},
    {"with-label-distinct", "Distinct records, label included", kCount},
    {"with-label-repeated", "Records that stand more than once, label included", kCount},
    {"with-label-repeated-proportion", "Proportion of records that stand more than once, label included", kProportion},
    {"with-label-largest", "Most often one record stands, label included", kCount},
    {"without-label-distinct", "Distinct records, label left out", kCount},
    {"without-label-repeated", "Records that stand more than once, label left out", kCount},
    {"without-label-repeated-proportion", "Proportion of records that stand more than once, label left out",
     kProportion},
    {"without-label-largest", "Most often one record stands, label left out", kCount},
    {"label-conflicts", "Records that also stand with another label", kCount},
    {"label-conflicts-proportion", "Proportion of records that also stand with another label", kProportion},
};

constexpr MetricName kLabelNoiseMetrics[] = {
    {"noise-rate", "Estimated proportion of wrong labels", kProportion},
    {"confident-errors", "Records confidently of another class", kCount},
    {"confident-errors-proportion", "Proportion of records confidently of another class", kProportion},
    {"confident-joint", "Records confidently of a class", kCount},
    {"threshold", "Mean probability of the label, by class", kProportion},
};

constexpr PropertyName kVocabulary[] = {
    {"distribution", "Distribution", false, kDistributionMetrics, kDistributionParameters},
    {"accuracy", "Accuracy", true, kAccuracyMetrics, kAccuracyParameters},
    {"fairness", "Fairness", true, kFairnessMetrics, kFairnessParameters},
    {"overlap", "Overlap", false, kOverlapMetrics, {}},
    {.name = "regression",
     .title = "Regression",
     .of_model = true,
     .metrics = kRegressionMetrics,
     .parameters = kRegressionParameters,
     .of_numbers = true,
     .class_neutral = true},
    {.name = "calibration",
     .title = "Calibration",
     .of_model = true,
     .metrics = kCalibrationMetrics,
     .parameters = kCalibrationParameters,
     .model_alone = true,
     .class_neutral = true},
    {.name = "membership-inference",
     .title = "Membership inference",
     .of_model = true,
     .metrics = kMembershipMetrics,
     .parameters = kMembershipParameters,
     .model_alone = true,
     .class_neutral = true},
    {.name = "robustness",
     .title = "Robustness",
     .of_model = true,
     .metrics = kRobustnessMetrics,
     .parameters = kRobustnessParameters,
     .model_alone = true,
     .class_neutral = true},
    {.name = "compute",
     .title = "Size and training compute",
     .of_model = true,
     .metrics = kComputeMetrics,
     .parameters = {},
     .model_alone = true,
     .class_neutral = true},
    {.name = "privacy",
     .title = "Differential privacy",
     .of_model = true,
     .metrics = kPrivacyMetrics,
     .parameters = kPrivacyParameters,
     .model_alone = true,
     .class_neutral = true},
    {.name = "duplicates", .title = "Duplicates", .of_model = false, .metrics = kDuplicatesMetrics, .parameters = {}},
    {.name = "label-noise",
     .title = "Label noise",
     .of_model = true,
     .metrics = kLabelNoiseMetrics,
     .parameters = {},
     .model_alone = true,
     .class_neutral = true},
};

}  // namespace

std::span<const PropertyName> Vocabulary() { return kVocabulary; }

const PropertyName* FindProperty(std::string_view name) {
  for (const PropertyName& property : kVocabulary) {
    if (property.name == name) return &property;
  }
  return nullptr;
}

const MetricName* FindMetric(const PropertyName& property, std::string_view name) {
  for (const MetricName& metric : property.metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

}  // namespace attestml::statement
