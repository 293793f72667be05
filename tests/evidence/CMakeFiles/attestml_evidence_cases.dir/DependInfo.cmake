
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/h2w/tools/vectorgen/evidence_cases.cc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases.cc.o" "gcc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases.cc.o.d"
  "/tmp/h2w/tools/vectorgen/evidence_cases_chain.cc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_chain.cc.o" "gcc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_chain.cc.o.d"
  "/tmp/h2w/tools/vectorgen/evidence_cases_collateral.cc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_collateral.cc.o" "gcc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_collateral.cc.o.d"
  "/tmp/h2w/tools/vectorgen/evidence_cases_honest.cc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_honest.cc.o" "gcc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_honest.cc.o.d"
  "/tmp/h2w/tools/vectorgen/evidence_cases_quote.cc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_quote.cc.o" "gcc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_quote.cc.o.d"
  "/tmp/h2w/tools/vectorgen/evidence_cases_revocation.cc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_revocation.cc.o" "gcc" "tests/evidence/CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_revocation.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/h2w/src/tee/CMakeFiles/attestml_tee.dir/DependInfo.cmake"
  "/tmp/h2w/src/verify/CMakeFiles/attestml_verify.dir/DependInfo.cmake"
  "/tmp/h2w/src/statement/CMakeFiles/attestml_statement.dir/DependInfo.cmake"
  "/tmp/h2w/src/artifact/CMakeFiles/attestml_artifact.dir/DependInfo.cmake"
  "/tmp/h2w/src/evidence/CMakeFiles/attestml_evidence.dir/DependInfo.cmake"
  "/tmp/h2w/src/crypto/CMakeFiles/attestml_crypto.dir/DependInfo.cmake"
  "/tmp/h2w/src/base/CMakeFiles/attestml_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
