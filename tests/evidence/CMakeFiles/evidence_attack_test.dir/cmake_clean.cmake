file(REMOVE_RECURSE
  "CMakeFiles/evidence_attack_test.dir/evidence_attack_test.cc.o"
  "CMakeFiles/evidence_attack_test.dir/evidence_attack_test.cc.o.d"
  "evidence_attack_test"
  "evidence_attack_test.pdb"
  "evidence_attack_test[1]_tests.cmake"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/evidence_attack_test.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
