
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/h2w/src/policy/appraise.cc" "src/policy/CMakeFiles/attestml_policy.dir/appraise.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/appraise.cc.o.d"
  "/tmp/h2w/src/policy/certifiers.cc" "src/policy/CMakeFiles/attestml_policy.dir/certifiers.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/certifiers.cc.o.d"
  "/tmp/h2w/src/policy/check_list.cc" "src/policy/CMakeFiles/attestml_policy.dir/check_list.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/check_list.cc.o.d"
  "/tmp/h2w/src/policy/comparison.cc" "src/policy/CMakeFiles/attestml_policy.dir/comparison.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/comparison.cc.o.d"
  "/tmp/h2w/src/policy/contradictions.cc" "src/policy/CMakeFiles/attestml_policy.dir/contradictions.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/contradictions.cc.o.d"
  "/tmp/h2w/src/policy/describe.cc" "src/policy/CMakeFiles/attestml_policy.dir/describe.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/describe.cc.o.d"
  "/tmp/h2w/src/policy/ear.cc" "src/policy/CMakeFiles/attestml_policy.dir/ear.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/ear.cc.o.d"
  "/tmp/h2w/src/policy/evidence_report.cc" "src/policy/CMakeFiles/attestml_policy.dir/evidence_report.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/evidence_report.cc.o.d"
  "/tmp/h2w/src/policy/graph.cc" "src/policy/CMakeFiles/attestml_policy.dir/graph.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/graph.cc.o.d"
  "/tmp/h2w/src/policy/headlines.cc" "src/policy/CMakeFiles/attestml_policy.dir/headlines.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/headlines.cc.o.d"
  "/tmp/h2w/src/policy/policy_parser.cc" "src/policy/CMakeFiles/attestml_policy.dir/policy_parser.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/policy_parser.cc.o.d"
  "/tmp/h2w/src/policy/programs.cc" "src/policy/CMakeFiles/attestml_policy.dir/programs.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/programs.cc.o.d"
  "/tmp/h2w/src/policy/property_requirement.cc" "src/policy/CMakeFiles/attestml_policy.dir/property_requirement.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/property_requirement.cc.o.d"
  "/tmp/h2w/src/policy/question.cc" "src/policy/CMakeFiles/attestml_policy.dir/question.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/question.cc.o.d"
  "/tmp/h2w/src/policy/range.cc" "src/policy/CMakeFiles/attestml_policy.dir/range.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/range.cc.o.d"
  "/tmp/h2w/src/policy/receipt.cc" "src/policy/CMakeFiles/attestml_policy.dir/receipt.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/receipt.cc.o.d"
  "/tmp/h2w/src/policy/report.cc" "src/policy/CMakeFiles/attestml_policy.dir/report.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/report.cc.o.d"
  "/tmp/h2w/src/policy/report_json.cc" "src/policy/CMakeFiles/attestml_policy.dir/report_json.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/report_json.cc.o.d"
  "/tmp/h2w/src/policy/report_text.cc" "src/policy/CMakeFiles/attestml_policy.dir/report_text.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/report_text.cc.o.d"
  "/tmp/h2w/src/policy/requirement_parser.cc" "src/policy/CMakeFiles/attestml_policy.dir/requirement_parser.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/requirement_parser.cc.o.d"
  "/tmp/h2w/src/policy/requirements.cc" "src/policy/CMakeFiles/attestml_policy.dir/requirements.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/requirements.cc.o.d"
  "/tmp/h2w/src/policy/sentence.cc" "src/policy/CMakeFiles/attestml_policy.dir/sentence.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/sentence.cc.o.d"
  "/tmp/h2w/src/policy/starting_policy.cc" "src/policy/CMakeFiles/attestml_policy.dir/starting_policy.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/starting_policy.cc.o.d"
  "/tmp/h2w/src/policy/toml_text.cc" "src/policy/CMakeFiles/attestml_policy.dir/toml_text.cc.o" "gcc" "src/policy/CMakeFiles/attestml_policy.dir/toml_text.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/h2w/src/base/CMakeFiles/attestml_base.dir/DependInfo.cmake"
  "/tmp/h2w/src/crypto/CMakeFiles/attestml_crypto.dir/DependInfo.cmake"
  "/tmp/h2w/src/artifact/CMakeFiles/attestml_artifact.dir/DependInfo.cmake"
  "/tmp/h2w/src/evidence/CMakeFiles/attestml_evidence.dir/DependInfo.cmake"
  "/tmp/h2w/src/statement/CMakeFiles/attestml_statement.dir/DependInfo.cmake"
  "/tmp/h2w/src/verify/CMakeFiles/attestml_verify.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
