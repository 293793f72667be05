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

constexpr PropertyName kVocabulary[] = {
    {"distribution", "Distribution", false, kDistributionMetrics, kDistributionParameters},
    {"accuracy", "Accuracy", true, kAccuracyMetrics, kAccuracyParameters},
    {"fairness", "Fairness", true, kFairnessMetrics, kFairnessParameters},
    {"overlap", "Overlap", false, kOverlapMetrics, {}},
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
