file(REMOVE_RECURSE
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases.cc.o"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases.cc.o.d"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_chain.cc.o"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_chain.cc.o.d"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_collateral.cc.o"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_collateral.cc.o.d"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_honest.cc.o"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_honest.cc.o.d"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_quote.cc.o"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_quote.cc.o.d"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_revocation.cc.o"
  "CMakeFiles/attestml_evidence_cases.dir/__/__/tools/vectorgen/evidence_cases_revocation.cc.o.d"
  "libattestml_evidence_cases.a"
  "libattestml_evidence_cases.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/attestml_evidence_cases.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
