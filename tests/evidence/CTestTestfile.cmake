# CMake generated Testfile for 
# Source directory: /tmp/h2w/tests/evidence
# Build directory: /tmp/h2w/tests/evidence
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
include("/tmp/h2w/tests/evidence/evidence_attack_test[1]_include.cmake")
